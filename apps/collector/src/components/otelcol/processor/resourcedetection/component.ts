import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, duration, list, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { detectionMetricDocs } from "./detection.ts";
import { detectorBlocks, detectorNames } from "./detector-arguments.ts";
import { createResourceDetection, type ResourceDetectionArguments } from "./processor.ts";

/** Adds attributes of the machine, cluster and cloud to resources. */
export const component = defineComponent({
  name: "otelcol.processor.resourcedetection",
  stability: "generally-available",
  summary:
    "Finds out about the machine, the cluster and the cloud that it runs in, and adds that to resources as attributes. What comes before it has found out waits, at most for `timeout`.",
  arguments: {
    detectors: defaulted(list(string), "What to look at; of several that find an attribute the first one wins.", ["env"], {
      check: (names) => {
        if (names.length === 0) return "at least one detector must be specified";
        const wrong = names.find((name) => !detectorNames.includes(name));
        return wrong === undefined ? undefined : `invalid detector: ${wrong}`;
      },
    }),
    override: defaulted(bool, "Whether attributes that resources have already are replaced.", true),
    timeout: defaulted(duration, "How long detectors may take, attempts and pauses together.", "5s"),
    fail_on_missing_metadata: defaulted(bool, "Whether it is an error that a metadata service can't be reached.", false),
  },
  blocks: {
    ...detectorBlocks,
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry whose resources get attributes." } },
  metrics: [...detectionMetricDocs, ...processorMetricDocs],
  // Of the detector kubernetes_node; who uses kubeadm or openshift grants what these read.
  needs: { kubernetes: [{ group: "", resource: "nodes", verbs: ["get", "list"] }] },
  create(context, args) {
    const processor = createResourceDetection(context, args as ResourceDetectionArguments);
    context.export({ input: new Capsule("otelcol.Consumer", processor.consumer) });
    return processor as typeof processor & { update(next: typeof args): void };
  },
});
