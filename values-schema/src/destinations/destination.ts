import { type TProperties, Type } from "@sinclair/typebox";
import { flag, section, text } from "../words.ts";

/** What every destination has, and what those of this type have beside it. */
export const destination = <const Name extends string, Properties extends TProperties>(
  description: string,
  type: Name,
  properties: Properties,
) =>
  section(description, {
    type: Type.Literal(type, { description: "The kind of destination." }),
    name: text("Has no meaning here: the key is the name."),
    disabled: flag("Leave this destination out, whoever names it."),
    ...properties,
  });

/** A part of which the chart knows the name only: asking for it fails with a message that says so, whatever keys it has. */
export const absent = (description: string) =>
  Type.Object({ enabled: flag("Not there yet: true fails.") }, { description, additionalProperties: true });
