import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import { ErrorLog } from "../../../../ottl/error-log.ts";
import type { OtelConsumer } from "../../../../signals/otlp/batch.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { Judge } from "./judge.ts";
import { Outbox } from "./outbox.ts";
import { compilePolicies } from "./policies/compile.ts";
import type { PolicyArguments } from "./policy-arguments.ts";
import { Sampler, type SamplerSettings, TICK_MS } from "./sampler.ts";
import { samplerMetrics } from "./sampler-metrics.ts";

export interface TailSamplingArguments {
  readonly decision_wait: number;
  readonly decision_wait_after_root_received: number;
  readonly num_traces: number;
  readonly block_on_overflow: boolean;
  readonly sample_on_first_match: boolean;
  readonly drop_pending_traces_on_shutdown: boolean;
  readonly maximum_trace_size_bytes: number;
  readonly decision_cache: Readonly<Record<string, number>>;
  readonly policy: readonly PolicyArguments[];
  readonly output: Decoded<typeof outputBlock>;
}

export function createTailSampling(
  context: ComponentContext,
  args: TailSamplingArguments,
): Component<TailSamplingArguments> & { readonly consumer: OtelConsumer } {
  const { clock, log } = context;
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "tail_sampling", context.id);
  const metrics = samplerMetrics(context.metrics, context.id);
  const conditionErrors = new ErrorLog(log, clock, "condition", (amount) => metrics.errors.add(amount));
  const outbox = new Outbox(context, output, flow);
  let saidError = false;
  const judgeOf = (next: TailSamplingArguments) =>
    new Judge(compilePolicies(next.policy, { clock, onError: conditionErrors.report }), {
      onFirstMatch: next.sample_on_first_match,
      metrics,
      clock,
      onError(policy, error) {
        if (saidError) return;
        saidError = true;
        log.warn("a sampling policy could not tell about a trace; further ones are only counted", { policy, err: error });
      },
    });
  const sampler = new Sampler(settingsOf(args), { context, judge: judgeOf(args), outbox, metrics, flow });
  let current = args;
  let isStopping = false;
  let cancelTick = () => {};
  const tick = () => {
    cancelTick = clock.after(TICK_MS, () => {
      sampler.tick();
      tick();
    });
  };

  const consumer = onlySignals(["traces"], {
    async consume(batch) {
      if (current.block_on_overflow && !isStopping) await sampler.room();
      flow.incoming("traces", batch.items);
      sampler.add(batch);
    },
    pressure: () => sampler.refusal,
  });

  return {
    consumer,
    start: tick,
    update(next) {
      current = next;
      saidError = false;
      sampler.update(settingsOf(next));
      sampler.judge = judgeOf(next);
      output.update(next.output);
    },
    async stop(deadline) {
      isStopping = true;
      cancelTick();
      sampler.end(current.drop_pending_traces_on_shutdown);
      await outbox.stop(deadline);
    },
    debugInfo: () => ({ pending: sampler.pending, bytes: sampler.bytes }),
  };
}

function settingsOf(args: TailSamplingArguments): SamplerSettings {
  return {
    decisionWaitMs: args.decision_wait,
    afterRootMs: args.decision_wait_after_root_received,
    maxTraces: args.num_traces,
    blocks: args.block_on_overflow,
    maxTraceBytes: args.maximum_trace_size_bytes,
    keptCacheSize: args.decision_cache.sampled_cache_size ?? 0,
    droppedCacheSize: args.decision_cache.non_sampled_cache_size ?? 0,
  };
}
