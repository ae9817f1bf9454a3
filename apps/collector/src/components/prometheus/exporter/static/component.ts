import { required, string } from "../../../../component/arguments.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { exporterTarget, metricsPage } from "../../../../discovery/exporter.ts";
import { targetsExport } from "../../../../discovery/targets.ts";
import { expositionProblem } from "../../../../signals/prometheus/exposition-problem.ts";

export const component = defineComponent({
  name: "prometheus.exporter.static",
  stability: "experimental",
  summary: "Exposes metrics that are written in the configuration.",
  arguments: { text: required(string, "Metrics in Prometheus's text format.", { check: expositionProblem }) },
  exports: { targets: targetsExport },
  metrics: [],
  needs: {},
  create(context, args) {
    let text = args.text;
    context.http.handle(metricsPage(() => text));
    context.export({ targets: [exporterTarget(context, "static", context.id)] });
    return {
      start() {},
      update(next) {
        text = next.text;
      },
      stop() {},
    };
  },
});
