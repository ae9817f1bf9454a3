import { BufferPool } from "../../../../bytes/buffer-pool.ts";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component, MetricDoc } from "../../../../component/definition.ts";
import { ErrorLog } from "../../../../ottl/error-log.ts";
import { Frame } from "../../../../ottl/telemetry/frame.ts";
import { Walk } from "../../../../ottl/telemetry/walk.ts";
import { StatementError } from "../../../../ottl/value.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import type { OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { ItemCursor } from "../../../../signals/otlp/item-cursor.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { oncePerSignal, ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { type ConditionArguments, compileFilters } from "./conditions.ts";

const POOL_BYTES = 8 * 1024 * 1024;

const filteredNames = {
  traces: "otelcol_processor_filter_spans_filtered_total",
  metrics: "otelcol_processor_filter_datapoints_filtered_total",
  logs: "otelcol_processor_filter_logs_filtered_total",
} as const;
const filteredDocs = {
  traces: "Spans that were filtered out.",
  metrics: "Data points that were filtered out.",
  logs: "Log records that were filtered out.",
} as const;
const errorDoc: MetricDoc = {
  name: "invar_processor_statement_errors_total",
  kind: "counter",
  doc: "Statements and conditions that failed on an item.",
};

export const filterMetricDocs: readonly MetricDoc[] = [
  ...(["traces", "metrics", "logs"] as const).map((signal) => ({
    name: filteredNames[signal],
    kind: "counter" as const,
    doc: filteredDocs[signal],
  })),
  errorDoc,
];

export interface FilterArguments extends ConditionArguments {
  readonly output: Decoded<typeof outputBlock>;
}

interface Filtered {
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
  /** Chunks of our own, to be given back. */
  readonly made: readonly Uint8Array[];
}

export function createFilterProcessor(
  context: ComponentContext,
  args: FilterArguments,
): Component<FilterArguments> & { readonly consumer: OtelConsumer } {
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "filter", context.id);
  const filteredOf = oncePerSignal((signal) =>
    context.metrics.counter(filteredNames[signal], { help: filteredDocs[signal], labels: ["filter"] }).of(`filter/${context.id}`),
  );
  const errors = context.metrics.counter(errorDoc.name, { help: errorDoc.doc }).of();
  const errorLog = new ErrorLog(context.log, context.clock, "condition", (amount) => errors.add(amount));
  const pool = new BufferPool(POOL_BYTES);
  let filter = filterOf(args, errorLog, pool);

  const consumer: OtelConsumer = {
    async consume(batch) {
      const { signal, items } = batch;
      flow.incoming(signal, items);
      let kept: OtlpBatch | undefined;
      try {
        const filtered = filter(batch);
        if (filtered !== undefined) {
          const dropped = items - filtered.items;
          flow.dropped(signal, dropped, "filtered");
          filteredOf(signal).add(dropped);
          if (filtered.chunks.length === 0) return;
          kept = batch.with(filtered.chunks, filtered.items, () => {
            for (const chunk of filtered.made) pool.give(chunk);
          });
        }
        await output.consume(kept ?? batch);
        flow.outgoing(signal, (kept ?? batch).items);
      } catch (thrown) {
        const error = thrown instanceof StatementError ? conditionFailed(thrown) : deliveryErrorOf(thrown);
        flow.refused(signal, (kept ?? batch).items, error.reason);
        throw error;
      } finally {
        kept?.release();
      }
    },
    pressure: (signal) => output.pressure(signal),
  };

  return {
    consumer,
    start() {},
    update(next) {
      filter = filterOf(next, errorLog, pool);
      output.update(next.output);
    },
    stop() {},
  };
}

function conditionFailed(error: StatementError): DeliveryError {
  return new DeliveryError(error.message, { retryable: false, reason: "condition_failed" });
}

/** What is left of a batch; undefined where it is untouched. */
function filterOf(args: FilterArguments, errorLog: ErrorLog, pool: BufferPool): (batch: OtlpBatch) => Filtered | undefined {
  const walksOf = oncePerSignal((signal) => {
    const frame = new Frame(signal);
    const { filters } = compileFilters(signal, args, errorLog.report);
    return { walks: filters.map((visits) => new Walk(frame, visits, { dropsEmpty: true })), cursor: new ItemCursor(signal) };
  });
  return (batch) => {
    const { walks, cursor } = walksOf(batch.signal);
    const made: Uint8Array[] = [];
    const chunks: Uint8Array[] = [];
    for (const chunk of batch.chunks) {
      let current = chunk;
      for (const walk of walks) {
        const next = walk.run(current, batch.client, pool);
        if (next !== current && current !== chunk) pool.give(current);
        current = next;
      }
      if (current !== chunk) made.push(current);
      if (current.length > 0) chunks.push(current);
    }
    if (made.length === 0) return undefined;
    return { chunks, items: countItems(cursor, chunks), made };
  };
}

function countItems(cursor: ItemCursor, chunks: readonly Uint8Array[]): number {
  let items = 0;
  for (const chunk of chunks) {
    cursor.reset(chunk);
    while (cursor.next()) items++;
  }
  return items;
}
