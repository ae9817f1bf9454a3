import { Capsule } from "@invar/alloy-syntax";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { droppedItemsDoc, exporterMetricDocs } from "../../../../signals/otlp/exporter-metrics.ts";
import { check, schema } from "./arguments.ts";
import { FileExporter } from "./exporter.ts";

/** Writes telemetry to files. */
export const component = defineComponent({
  name: "otelcol.exporter.file",
  stability: "public-preview",
  summary: "Writes traces, metrics and logs to files, as OTLP in JSON or protobuf.",
  arguments: schema.arguments,
  blocks: schema.blocks,
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to write." } },
  metrics: [...exporterMetricDocs, droppedItemsDoc],
  needs: {},
  check,
  create(context, args) {
    const exporter = new FileExporter(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", exporter) });
    return exporter;
  },
});
