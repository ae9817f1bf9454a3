import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component, MetricDoc } from "../../../../component/definition.ts";
import type { Counter } from "../../../../component/metrics.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { itemNames, type OtelConsumer, type Signal } from "../../../../signals/otlp/batch.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { oncePerSignal, ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { type ProcessMemory, processMemory } from "./memory.ts";

export interface MemoryLimiterArguments {
  readonly check_interval: number;
  readonly limit: number;
  readonly spike_limit: number;
  readonly limit_percentage: number;
  readonly spike_limit_percentage: number;
  readonly output: Decoded<typeof outputBlock>;
}

/** Between the soft and the hard limit garbage is collected no more often; above the hard one, at every check. */
const COLLECT_EVERY_MS = 10_000;

const signals = ["traces", "metrics", "logs"] as const;

export const limiterMetricDocs: readonly MetricDoc[] = signals.flatMap((signal): MetricDoc[] => [
  {
    name: `otelcol_processor_memory_limiter_accepted_${itemNames[signal]}_total`,
    kind: "counter",
    doc: `Items of ${signal} that were let through.`,
  },
  {
    name: `otelcol_processor_memory_limiter_refused_${itemNames[signal]}_total`,
    kind: "counter",
    doc: `Items of ${signal} that were refused for want of memory.`,
  },
]);

export function createMemoryLimiter(
  context: ComponentContext,
  args: MemoryLimiterArguments,
  memory: ProcessMemory = processMemory,
): Component<MemoryLimiterArguments> & { readonly consumer: OtelConsumer } {
  let current = args;
  let limits = limitsOf(args, memory);
  let refusal: DeliveryError | undefined;
  let collectedMs = Number.NEGATIVE_INFINITY;
  let cancelCheck = () => {};
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "memory_limiter", context.id);
  const counted = (kind: "accepted" | "refused") =>
    oncePerSignal((signal: Signal): Counter => {
      const name = `otelcol_processor_memory_limiter_${kind}_${itemNames[signal]}_total`;
      const help = limiterMetricDocs.find((doc) => doc.name === name)?.doc ?? "";
      return context.metrics.counter(name, { help, labels: ["processor"] }).of(`memory_limiter/${context.id}`);
    });
  const accepted = counted("accepted");
  const refused = counted("refused");

  const check = () => {
    let used = memory.usedBytes();
    const now = context.clock.monotonic();
    if (used > limits.hard || (used > limits.soft && now - collectedMs >= COLLECT_EVERY_MS)) {
      memory.collectGarbage();
      collectedMs = now;
      used = memory.usedBytes();
    }
    const isOver = used > limits.soft;
    if (isOver && refusal === undefined) {
      const fields = { used_bytes: used, soft_limit_bytes: limits.soft, hard_limit_bytes: limits.hard };
      context.log.warn("Memory usage is above soft limit. Refusing data.", fields);
      refusal = new DeliveryError("data refused due to high memory usage", {
        retryable: true,
        reason: "memory_limit",
        retryAfterMs: Math.max(1000, current.check_interval),
      });
    } else if (!isOver && refusal !== undefined) {
      context.log.info("Memory usage back within limits. Resuming normal operation.", { used_bytes: used });
      refusal = undefined;
    }
  };
  const schedule = () => {
    cancelCheck = context.clock.after(current.check_interval, () => {
      check();
      schedule();
    });
  };

  const consumer: OtelConsumer = {
    async consume(batch) {
      const { signal, items } = batch;
      flow.incoming(signal, items);
      if (refusal !== undefined) {
        refused(signal).add(items);
        flow.refused(signal, items, refusal.reason);
        throw refusal;
      }
      accepted(signal).add(items);
      try {
        await output.consume(batch);
        flow.outgoing(signal, items);
      } catch (thrown) {
        const error = deliveryErrorOf(thrown);
        flow.refused(signal, items, error.reason);
        throw error;
      }
    },
    pressure: (signal) => refusal ?? output.pressure(signal),
  };

  return {
    consumer,
    start() {
      check();
      schedule();
    },
    update(next) {
      current = next;
      limits = limitsOf(next, memory);
      output.update(next.output);
      cancelCheck();
      check();
      schedule();
    },
    stop() {
      cancelCheck();
    },
    debugInfo: () => ({
      refusing: refusal !== undefined,
      used_bytes: memory.usedBytes(),
      soft_limit_bytes: limits.soft,
      hard_limit_bytes: limits.hard,
    }),
  };
}

function limitsOf(args: MemoryLimiterArguments, memory: ProcessMemory): { readonly soft: number; readonly hard: number } {
  if (args.limit > 0) return { hard: args.limit, soft: args.limit - (args.spike_limit > 0 ? args.spike_limit : args.limit / 5) };
  const total = memory.totalBytes();
  const hard = (total * args.limit_percentage) / 100;
  return { hard, soft: hard - (total * args.spike_limit_percentage) / 100 };
}
