import { collector } from "./collectors/collector.ts";
import { anyDestination } from "./destinations/destinations.ts";
import { features } from "./features/features.ts";
import { cluster } from "./sections/cluster.ts";
import { dataProcessors } from "./sections/data-processors.ts";
import { former } from "./sections/former.ts";
import { global } from "./sections/global.ts";
import { extraObjects, replaceComponent } from "./sections/replacements.ts";
import { telemetryServices } from "./sections/telemetry-services.ts";
import { section, table, text } from "./words.ts";

/** What k8s-monitoring calls its values. */
export const monitoring = section("What to gather, where it runs and where it goes.", {
  nameOverride: text("Stands in for each collector's name in the names of objects."),
  fullnameOverride: text("The whole name of the release's own objects."),
  cluster,
  global,
  destinations: table("Where telemetry goes, by name.", anyDestination),
  dataProcessors,
  ...features,
  telemetryServices,
  collectors: table("Where features run, by name.", collector),
  collectorCommon: section("What holds for every collector.", { alloy: { ...collector, default: {} } }),
  ...former,
  replaceComponent,
  extraObjects,
});
