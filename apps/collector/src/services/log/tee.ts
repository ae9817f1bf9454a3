import type { Consumer } from "../../signals/consumer.ts";
import { fanout } from "../../signals/fanout.ts";
import type { LogBatch } from "../../signals/loki/log-batch.ts";
import { LogBatchBuilder } from "../../signals/loki/log-batch-builder.ts";
import { internRecord } from "../../signals/loki/stream-labels.ts";
import type { LogTee } from "./logger.ts";

/** Lines that wait for a turn of the event loop; a burst beyond is not sent on, it stands on stderr. */
const mostPending = 10_000;

/**
 * Sends the process's own lines to receivers. It never waits and never logs: what a receiver refuses is on stderr already, and a line about
 * it would be the next to be refused.
 */
export function tee(receivers: readonly Consumer<LogBatch>[]): LogTee {
  const consumer = fanout(receivers);
  const labels = internRecord({ component: "alloy" });
  let pending: { line: string; timestampMs: number }[] = [];
  const flush = () => {
    const builder = new LogBatchBuilder();
    for (const { line, timestampMs } of pending) builder.add(labels, Math.floor(timestampMs / 1000), (timestampMs % 1000) * 1e6, line);
    pending = [];
    const batch = builder.build({ createdMs: Date.now() });
    const done = () => batch.release();
    consumer.consume(batch).then(done, done);
  };
  return (line, timestampMs) => {
    if (pending.length === 0) setImmediate(flush);
    if (pending.length < mostPending) pending.push({ line, timestampMs });
  };
}
