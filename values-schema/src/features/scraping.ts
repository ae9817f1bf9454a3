import type { TProperties } from "@sinclair/typebox";
import { amount, duration, flag, section, text, texts } from "../words.ts";

/** How targets are scraped, and what becomes of their metrics. */
export const scraping = {
  scrapeInterval: duration("How often. Empty: as `global.scrapeInterval`."),
  scrapeTimeout: duration("How long a scrape may take. Empty: as `global.scrapeTimeout`."),
  extraDiscoveryRules: text("More `rule` blocks for the targets, before the scrape."),
  extraMetricProcessingRules: text("More `rule` blocks for the metrics, after the scrape."),
  maxCacheSize: amount("How many series the relabelling component remembers. Not set: as `global.maxCacheSize`."),
};

/** Which metrics are kept. */
export const metricsTuning = (more: TProperties = {}) =>
  section("Which metrics are kept.", {
    ...more,
    includeMetrics: texts("Only these: names or RE2 patterns. Empty: all."),
    excludeMetrics: texts("None of these: names or RE2 patterns."),
  });

/** The same where there is a list of what dashboards need. */
export const listedMetricsTuning = (more: TProperties = {}) =>
  metricsTuning({ useDefaultAllowList: flag("Only what the usual dashboards and alerts need, and `includeMetrics`.", true), ...more });
