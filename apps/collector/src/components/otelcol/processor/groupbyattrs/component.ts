import { Capsule } from "@invar/alloy-syntax";
import { assumed, defaulted, list, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent, type MetricDoc } from "../../../../component/definition.ts";
import type { MetricScope } from "../../../../component/metrics.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { debugMetrics, debugMetricsDoc, Output, outputBlock } from "../../../../signals/otlp/output.ts";
import { passOn } from "../../../../signals/otlp/pass-on.ts";
import { oncePerSignal, ProcessorMetrics, processorMetricDocs } from "../../../../signals/otlp/processor-metrics.ts";
import { Regrouping } from "./regrouping.ts";

const names = { traces: ["span", "spans"], metrics: ["metric", "metrics"], logs: ["log", "logs"] } as const;
const groupBuckets = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

const metricDocs: readonly MetricDoc[] = Object.values(names).flatMap(([one, many]) => [
  {
    name: `otelcol_processor_groupbyattrs_num_grouped_${many}_total`,
    kind: "counter",
    doc: `Of ${many}, those that had attributes grouped.`,
  },
  {
    name: `otelcol_processor_groupbyattrs_num_non_grouped_${many}_total`,
    kind: "counter",
    doc: `Of ${many}, those that did not have attributes grouped.`,
  },
  { name: `otelcol_processor_groupbyattrs_${one}_groups`, kind: "histogram", doc: `Resources that came of a batch of ${many}.` },
]);

/** Groups telemetry by attributes that become attributes of the resource. */
export const component = defineComponent({
  name: "otelcol.processor.groupbyattrs",
  stability: "generally-available",
  summary:
    "Moves attributes of these keys from spans, data points and log records to their resources, and puts together what has the same resource and scope.",
  arguments: {
    keys: defaulted(list(string), "Attributes to group by; where there is none, equal resources and scopes are put together.", []),
  },
  blocks: {
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the telemetry to group." } },
  metrics: [...metricDocs, ...processorMetricDocs],
  needs: {},
  create(context, args) {
    const output = new Output(args.output, context.debugStream);
    const flow = new ProcessorMetrics(context.metrics, "groupbyattrs", context.id);
    const metrics = oncePerSignal((signal) => metricsOf(context.metrics, `groupbyattrs/${context.id}`, signal));
    let keys = args.keys;
    let regroupings = oncePerSignal((signal) => new Regrouping(signal, keys));

    const change = (batch: OtlpBatch): OtlpBatch => {
      const { chunk, groups, grouped } = regroupings(batch.signal).regroup(batch.chunks);
      const counts = metrics(batch.signal);
      counts.grouped.add(grouped);
      counts.ungrouped.add(batch.items - grouped);
      counts.groups.observe(groups);
      const { signal, items, client, receipt } = batch;
      return new OtlpBatch({ signal, chunks: [chunk], items, client, receipt });
    };
    const consumer: OtelConsumer = {
      consume: (batch) => passOn(batch, change, { output, flow, reason: "" }),
      pressure: (signal) => output.pressure(signal),
    };
    context.export({ input: new Capsule("otelcol.Consumer", consumer) });
    return {
      start() {},
      update(next) {
        keys = next.keys;
        regroupings = oncePerSignal((signal) => new Regrouping(signal, keys));
        output.update(next.output);
      },
      stop() {},
    };
  },
});

function metricsOf(scope: MetricScope, processor: string, signal: Signal) {
  const [one, many] = names[signal];
  const options = (name: string) => ({ help: metricDocs.find((doc) => doc.name === name)?.doc ?? "", labels: ["processor"] });
  const counter = (name: string) => scope.counter(name, options(name)).of(processor);
  const groups = `otelcol_processor_groupbyattrs_${one}_groups`;
  return {
    grouped: counter(`otelcol_processor_groupbyattrs_num_grouped_${many}_total`),
    ungrouped: counter(`otelcol_processor_groupbyattrs_num_non_grouped_${many}_total`),
    groups: scope.histogram(groups, { ...options(groups), buckets: groupBuckets }).of(processor),
  };
}
