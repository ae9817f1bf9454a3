import { Capsule } from "@invar/alloy-syntax";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { check, schema } from "./arguments.ts";
import { watchMetricDocs } from "./metrics.ts";
import { K8sAttributes } from "./processor.ts";

const watch = ["get", "list", "watch"];

export const component = defineComponent({
  name: "otelcol.processor.k8sattributes",
  stability: "generally-available",
  summary: "Says on telemetry which pod it came from, and what Kubernetes knows of that pod.",
  ...schema,
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to say it on." } },
  metrics: [...watchMetricDocs, ...processorMetricDocs],
  needs: {
    kubernetes: [
      { group: "", resource: "pods", verbs: watch },
      { group: "", resource: "namespaces", verbs: watch },
      { group: "", resource: "nodes", verbs: watch },
      { group: "apps", resource: "replicasets", verbs: watch },
      { group: "apps", resource: "deployments", verbs: watch },
      { group: "apps", resource: "statefulsets", verbs: watch },
      { group: "apps", resource: "daemonsets", verbs: watch },
      { group: "batch", resource: "jobs", verbs: watch },
    ],
  },
  check,
  create(context, args) {
    const processor = new K8sAttributes(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", processor) });
    return processor;
  },
});
