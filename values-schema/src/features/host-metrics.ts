import type { TProperties } from "@sinclair/typebox";
import { choice, flag, labels, section, text, texts } from "../words.ts";
import { feature } from "./feature.ts";
import { nodeLabels } from "./node-labels.ts";
import { listedMetricsTuning, scraping } from "./scraping.ts";

/** Something that is gathered of each node. */
const part = (description: string, jobLabel: string, more: TProperties = {}, tuning: TProperties = {}) =>
  section(description, {
    enabled: flag("Whether they are gathered."),
    collector: text("Which collector gathers them. Empty: the one of `hostMetrics.collector`."),
    labelMatchers: labels("The labels of the pods that tell them."),
    namespace: text("Where these pods run. Empty: anywhere."),
    jobLabel: text("The label `job`.", jobLabel),
    ...more,
    ...scraping,
    metricsTuning: listedMetricsTuning(tuning),
  });

const speaking = (who: string) => ({
  scheme: choice(`How ${who} is spoken to.`, ["http", "https"], "http"),
  bearerTokenFile: text("The file of the token to send."),
});

export const hostMetrics = feature("Metrics of nodes.", {
  nodeLabels: nodeLabels(),
  linuxHosts: part(
    "Metrics of Linux nodes.",
    "integrations/node_exporter",
    {
      source: choice(
        "`node-exporter`: from a node exporter that is there; `alloy`: by the collector itself, which has to be a DaemonSet.",
        ["node-exporter", "alloy"],
        "node-exporter",
      ),
      ...speaking("node exporter"),
    },
    {
      useIntegrationAllowList: flag("Beside them what the dashboards for single Linux nodes need."),
      dropMetricsForFilesystem: texts("No metrics of filesystems of these types.", ["ramfs", "tmpfs"]),
    },
  ),
  windowsHosts: part("Metrics of Windows nodes.", "integrations/windows-exporter", {
    source: choice(
      "`windows-exporter`: from a Windows exporter that is there; `alloy`: by the collector itself, not there yet.",
      ["windows-exporter", "alloy"],
      "windows-exporter",
    ),
    ...speaking("Windows exporter"),
  }),
  energyMetrics: part("Metrics of energy, from a Kepler that is there.", "integrations/kepler"),
});
