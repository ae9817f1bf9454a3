import { BufferPool } from "../../../../bytes/buffer-pool.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component, MetricDoc } from "../../../../component/definition.ts";
import type { Counter, MetricScope } from "../../../../component/metrics.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "../../../../signals/otlp/batch.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { passOn } from "../../../../signals/otlp/pass-on.ts";
import { oncePerSignal, ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { RequestEditor } from "../../../../signals/otlp/request-editor.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { deciderOf, type SamplerArguments } from "./decision.ts";
import type { Sampled } from "./item-sampler.ts";
import { logSampler } from "./log-sampler.ts";
import { spanSampler } from "./span-sampler.ts";

const POOL_BYTES = 8 * 1024 * 1024;

export const samplerMetricDocs: readonly MetricDoc[] = [
  {
    name: "otelcol_processor_probabilistic_sampler_count_traces_sampled_total",
    kind: "counter",
    doc: "Spans that were decided about, by what decided and whether they were kept.",
  },
  {
    name: "otelcol_processor_probabilistic_sampler_count_logs_sampled_total",
    kind: "counter",
    doc: "Log records that were decided about, by what decided and whether they were kept.",
  },
];

type Arguments = SamplerArguments & { readonly output: Decoded<typeof outputBlock> };

export function createProbabilisticSampler(
  context: ComponentContext,
  args: Arguments,
): Component<Arguments> & { readonly consumer: OtelConsumer } {
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "probabilistic_sampler", context.id);
  const counts = oncePerSignal((signal) => decisionCounter(context.metrics, signal));
  const pool = new BufferPool(POOL_BYTES);
  const samplersOf = (current: Arguments) => oncePerSignal((signal) => chunkSampler(signal, current, pool, counts(signal)));
  let samplers = samplersOf(args);

  const change = (batch: OtlpBatch): OtlpBatch => {
    const sample = samplers(batch.signal);
    const made: Uint8Array[] = [];
    const chunks: Uint8Array[] = [];
    let dropped = 0;
    for (const chunk of batch.chunks) {
      const sampled = sample(chunk);
      dropped += sampled.dropped;
      if (sampled.chunk !== chunk) made.push(sampled.chunk);
      if (sampled.chunk.length > 0) chunks.push(sampled.chunk);
    }
    if (made.length === 0) return batch;
    return batch.with(chunks, batch.items - dropped, () => {
      for (const chunk of made) pool.give(chunk);
    });
  };
  const consumer = onlySignals(["traces", "logs"], {
    consume: (batch) => passOn(batch, change, { output, flow, reason: "sampled_out" }),
    pressure: (signal) => output.pressure(signal),
  });

  return {
    consumer,
    start() {},
    update(next) {
      samplers = samplersOf(next);
      output.update(next.output);
    },
    stop() {},
  };
}

function chunkSampler(signal: Signal, args: SamplerArguments, pool: BufferPool, count: DecisionCounter) {
  const editor = new RequestEditor(signal);
  const { cursor } = editor;
  const decider = deciderOf(args);
  const sampler = signal === "logs" ? logSampler(decider, args) : spanSampler(decider, args);
  const content = new ProtobufWriter(4096);
  const sampled: Sampled = { policy: "", isChanged: false };
  return (chunk: Uint8Array) => {
    editor.reset(chunk);
    while (editor.next()) {
      const isKept = sampler.decide(chunk, cursor.start, cursor.end, sampled);
      count(sampled.policy, isKept);
      if (!isKept) editor.drop();
      else if (sampled.isChanged) {
        content.clear();
        sampler.write(content, chunk, cursor.start, cursor.end);
        editor.replace(content.bytes, 0, content.length);
      }
    }
    return { chunk: editor.finish(pool), dropped: editor.dropped };
  };
}

type DecisionCounter = (policy: string, isKept: boolean) => void;

function decisionCounter(scope: MetricScope, signal: Signal): DecisionCounter {
  const doc = samplerMetricDocs[signal === "logs" ? 1 : 0] as MetricDoc;
  const family = scope.counter(doc.name, { help: doc.doc, labels: ["policy", "sampled"] });
  const known = { kept: new Map<string, Counter>(), dropped: new Map<string, Counter>() };
  return (policy, isKept) => {
    const counters = isKept ? known.kept : known.dropped;
    let counter = counters.get(policy);
    if (counter === undefined) {
      counter = family.of(policy, String(isKept));
      counters.set(policy, counter);
    }
    counter.add(1);
  };
}
