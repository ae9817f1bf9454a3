import { Capsule } from "@invar/alloy-syntax";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { queueMetricDocs } from "../../../../delivery/otlp/exporter.ts";
import { grpcMetricDocs } from "../../../../signals/otlp/exchange-metrics.ts";
import { exporterMetricDocs } from "../../../../signals/otlp/exporter-metrics.ts";
import { schema } from "./arguments.ts";
import { createLoadBalancer } from "./exporter.ts";
import { balancerMetricDocs } from "./metrics.ts";

/** Sends each trace, service or stream to a backend of its own. */
export const component = defineComponent({
  name: "otelcol.exporter.loadbalancing",
  stability: "generally-available",
  summary:
    "Sends telemetry to several backends by OTLP over gRPC, so that what belongs together goes to the same one. Each has its own queue on disk.",
  ...schema,
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to send." } },
  metrics: [...balancerMetricDocs, ...exporterMetricDocs, ...queueMetricDocs, ...grpcMetricDocs("client")],
  needs: {
    storage: true,
    kubernetes: [{ group: "discovery.k8s.io", resource: "endpointslices", verbs: ["get", "list", "watch"] }],
  },
  create(context, args) {
    const exporter = createLoadBalancer(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", exporter.consumer) });
    return exporter;
  },
});
