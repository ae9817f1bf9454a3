import { Capsule } from "@invar/alloy-syntax";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { droppedItemsDoc, exporterMetricDocs } from "../../../../signals/otlp/exporter-metrics.ts";
import { forwardMetricDocs } from "../../../../signals/prometheus/forward.ts";
import { schema } from "./arguments.ts";
import { PrometheusExporter } from "./exporter.ts";

/** Turns metrics in OTLP into samples. */
export const component = defineComponent({
  name: "otelcol.exporter.prometheus",
  stability: "generally-available",
  summary: "Converts OpenTelemetry metrics to Prometheus's and hands them on.",
  arguments: schema.arguments,
  blocks: schema.blocks,
  exports: { input: { type: otelConsumer, doc: "Takes metrics; other signals are dropped and counted." } },
  metrics: [...exporterMetricDocs, ...forwardMetricDocs, droppedItemsDoc],
  needs: {},
  create(context, args) {
    const exporter = new PrometheusExporter(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", exporter) });
    return exporter;
  },
});
