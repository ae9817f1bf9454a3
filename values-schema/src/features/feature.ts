import { type TProperties, Type } from "@sinclair/typebox";
import { flag, section, text, texts } from "../words.ts";

/** What every feature has, and what this one has beside it. */
export const feature = <Properties extends TProperties>(description: string, properties: Properties, isEnabled = false) =>
  section(description, {
    enabled: flag("Whether this is gathered.", isEnabled),
    destinations: texts("Where it goes, by name. Empty: all destinations that take its signals."),
    dataProcessors: texts("The data processors that it passes on its way, in order."),
    collector: text("Which collector gathers it, by name. May be empty when only one collector is enabled."),
    ...properties,
  });

/** A feature of which the chart knows the name only: switching it on fails with a message that says so. */
export const absentFeature = (description: string) =>
  Type.Object({ enabled: flag("Not there yet: true fails.") }, { description, additionalProperties: true, "x-absent": true });
