import { duration, flag, section, texts } from "../words.ts";

export const selfReporting = section("Metrics about this release: its version, features and collectors.", {
  enabled: flag("Whether they are sent, where there is a destination for metrics.", true),
  destinations: texts("Where they go, by name. Empty: all destinations that take metrics."),
  dataProcessors: texts("The data processors that they pass on their way, in order."),
  scrapeInterval: duration("How often. Empty: as `global.scrapeInterval`."),
});
