import { deliveryErrorOf } from "../delivery-error.ts";
import type { OtelConsumer, OtlpBatch } from "./batch.ts";
import type { ProcessorMetrics } from "./processor-metrics.ts";

/**
 * Hands a batch on in the shape that `change` gives it, and keeps the processor's balance: items that are left out count as dropped for
 * `reason`, once the others were taken. A batch in which nothing is left goes nowhere.
 */
export async function passOn(
  batch: OtlpBatch,
  change: (batch: OtlpBatch) => OtlpBatch,
  { output, flow, reason }: { readonly output: OtelConsumer; readonly flow: ProcessorMetrics; readonly reason: string },
): Promise<void> {
  const { signal, items } = batch;
  flow.incoming(signal, items);
  const changed = change(batch);
  const left = changed.items;
  try {
    if (left > 0) await output.consume(changed);
    flow.outgoing(signal, left);
    if (left < items) flow.dropped(signal, items - left, reason);
  } catch (thrown) {
    const error = deliveryErrorOf(thrown);
    flow.refused(signal, items, error.reason);
    throw error;
  } finally {
    if (changed !== batch) changed.release();
  }
}
