import { choice, flag, section, text } from "../words.ts";
import { destination } from "./destination.ts";

const signal = (name: string) =>
  section(`The ${name} that go here.`, {
    enabled: flag("Whether any do."),
    target: text("The export that takes them, such as otelcol.exporter.debug.mine.input."),
  });

export const custom = destination("Components that the user writes.", "custom", {
  config: text("Their configuration."),
  ecosystem: choice("The protocol that they take.", ["", "prometheus", "loki", "otlp"], ""),
  metrics: signal("metrics"),
  logs: signal("logs"),
  traces: signal("traces"),
  profiles: section("Profiles: not there yet, `enabled: true` fails.", {
    enabled: flag("Whether any go here."),
    target: text("The export that takes them."),
  }),
});
