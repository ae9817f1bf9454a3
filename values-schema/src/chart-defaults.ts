import { collector } from "./collectors/collector.ts";
import { absentPresets, addingLists, presets } from "./collectors/presets.ts";
import { defaultsOf } from "./defaults.ts";
import { destinations } from "./destinations/destinations.ts";
import { absentFeatures } from "./features/absent-features.ts";
import { metricLists } from "./features/metric-lists/metric-lists.ts";
import { monitoring } from "./monitoring.ts";
import { formerCollectors } from "./sections/former.ts";
import { foreign, wrapped, wrapper } from "./wrapper.ts";

/** What the chart's templates read beside the values: the defaults of everything, the presets, the keys that are not theirs. */
export function chartDefaults(): Record<string, unknown> {
  return {
    monitoring: defaultsOf(monitoring),
    wrapper: defaultsOf(wrapper),
    wrapped,
    collector: defaultsOf(collector),
    destinations: Object.fromEntries(Object.entries(destinations).map(([type, schema]) => [type, defaultsOf(schema)])),
    presets,
    absentPresets,
    addingLists,
    foreign,
    formerCollectors,
    metricLists,
    absentFeatures: Object.keys(absentFeatures),
    secretsFolder: "/etc/invar/secrets",
  };
}
