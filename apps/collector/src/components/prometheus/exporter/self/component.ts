import { defineComponent } from "../../../../component/definition.ts";
import { exporterTarget, metricsPage } from "../../../../discovery/exporter.ts";
import { targetsExport } from "../../../../discovery/targets.ts";

export const component = defineComponent({
  name: "prometheus.exporter.self",
  stability: "generally-available",
  summary: "Exposes the collector's own metrics for scraping.",
  exports: { targets: targetsExport },
  metrics: [],
  needs: {},
  create(context) {
    context.http.handle(metricsPage(() => context.peers.exposition()));
    context.export({ targets: [exporterTarget(context, "self")] });
    return { start() {}, update() {}, stop() {} };
  },
});
