import { createHash } from "node:crypto";
import type { MetricScope } from "../../component/metrics.ts";

/** Whether the last load worked, when one last did, and what runs. */
export function registerConfigMetrics(
  metrics: MetricScope,
  clusterName: string,
): {
  loaded(worked: boolean, sources: readonly { readonly text: string }[]): void;
} {
  const hash = metrics.gauge("alloy_config_hash", {
    help: "Hash of the configuration that runs; always 1.",
    labels: ["sha256", "cluster_name"],
  });
  const successful = metrics
    .gauge("alloy_config_last_load_successful", { help: "Whether the last load of the configuration worked." })
    .of();
  const timestamp = metrics.gauge("alloy_config_last_load_success_timestamp_seconds", { help: "When a load last worked." }).of();
  const failures = metrics.counter("alloy_config_load_failures_total", { help: "Loads that failed." }).of();
  let running: string | undefined;
  return {
    loaded(worked, sources) {
      successful.set(worked ? 1 : 0);
      if (!worked) {
        failures.add(1);
        return;
      }
      timestamp.set(Date.now() / 1000);
      if (running !== undefined) hash.remove(running, clusterName);
      running = createHash("sha256")
        .update(sources.map(({ text }) => text).join("\0"))
        .digest("hex");
      hash.of(running, clusterName).set(1);
    },
  };
}
