import { BufferPool } from "../../../../bytes/buffer-pool.ts";
import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component, MetricDoc } from "../../../../component/definition.ts";
import { ErrorLog } from "../../../../ottl/error-log.ts";
import { Frame } from "../../../../ottl/telemetry/frame.ts";
import { Walk } from "../../../../ottl/telemetry/walk.ts";
import { StatementError } from "../../../../ottl/value.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "../../../../signals/otlp/batch.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { oncePerSignal, ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import { walk as countedWalk } from "../../../../signals/otlp/walk.ts";
import { compileGroups, groupsOf, type StatementArguments } from "./groups.ts";

/** Changed chunks go on in memory that is used again. */
const POOL_BYTES = 8 * 1024 * 1024;

export const errorMetricDoc: MetricDoc = {
  name: "invar_processor_statement_errors_total",
  kind: "counter",
  doc: "Statements and conditions that failed on an item.",
};

export interface TransformArguments extends StatementArguments {
  readonly error_mode: string;
  readonly output: Decoded<typeof outputBlock>;
}

export function createTransformProcessor(
  context: ComponentContext,
  args: TransformArguments,
): Component<TransformArguments> & { readonly consumer: OtelConsumer } {
  const output = new Output(args.output, context.debugStream);
  const flow = new ProcessorMetrics(context.metrics, "transform", context.id);
  const errors = context.metrics.counter(errorMetricDoc.name, { help: errorMetricDoc.doc }).of();
  const errorLog = new ErrorLog(context.log, context.clock, "statement", (amount) => errors.add(amount));
  let change = changerOf(args, errorLog);

  const consumer: OtelConsumer = {
    async consume(batch) {
      const { signal, items } = batch;
      flow.incoming(signal, items);
      let changed: OtlpBatch | undefined;
      try {
        changed = change(batch);
        // Statements may make data points of one out of another, or fewer.
        if (changed.items !== items) flow.incoming(signal, changed.items - items);
        await output.consume(changed);
        flow.outgoing(signal, changed.items);
      } catch (thrown) {
        const error = thrown instanceof StatementError ? statementFailed(thrown) : deliveryErrorOf(thrown);
        flow.refused(signal, changed?.items ?? items, error.reason);
        throw error;
      } finally {
        if (changed !== undefined && changed !== batch) changed.release();
      }
    },
    pressure: (signal) => output.pressure(signal),
  };

  return {
    consumer,
    start() {},
    update(next) {
      change = changerOf(next, errorLog);
      output.update(next.output);
    },
    stop() {},
  };
}

function statementFailed(error: StatementError): DeliveryError {
  return new DeliveryError(error.message, { retryable: false, reason: "statement_failed" });
}

/** Carries out the statements on a batch; the result is the same batch where nothing changed. */
function changerOf(args: TransformArguments, errorLog: ErrorLog): (batch: OtlpBatch) => OtlpBatch {
  const pool = new BufferPool(POOL_BYTES);
  const walksOf = oncePerSignal((signal) => walksFor(signal, args, errorLog));
  return (batch) => {
    const walks = walksOf(batch.signal);
    if (walks.length === 0) return batch;
    const made: Uint8Array[] = [];
    const chunks: Uint8Array[] = [];
    let isRecounted = false;
    for (const chunk of batch.chunks) {
      let current = chunk;
      for (const walk of walks) {
        const next = walk.run(current, batch.client, pool);
        if (walk.frame.changesCount) isRecounted = true;
        walk.frame.changesCount = false;
        if (next !== current && current !== chunk) pool.give(current);
        current = next;
      }
      if (current !== chunk) made.push(current);
      chunks.push(current);
    }
    if (made.length === 0) return batch;
    const items = isRecounted ? chunks.reduce((sum, chunk) => sum + countedWalk(batch.signal, chunk).items, 0) : batch.items;
    return batch.with(chunks, items, () => {
      for (const chunk of made) pool.give(chunk);
    });
  };
}

function walksFor(signal: Signal, args: TransformArguments, errorLog: ErrorLog): Walk[] {
  const frame = new Frame(signal);
  const { passes } = compileGroups(signal, groupsOf(signal, args), args.error_mode, errorLog.report);
  return passes.map(({ context, execute }) => {
    const visit = (on: Frame): boolean => {
      execute(on);
      return false;
    };
    return new Walk(frame, { [context]: visit });
  });
}
