import type { Consumer } from "./consumer.ts";
import { type DeliveryError, deliveryErrorOf } from "./delivery-error.ts";

/**
 * One consumer for several. A refusal of one does not hold up the others: who refuses counts what it loses, and the batch is refused only
 * where all refuse it, so that a retry doubles nothing.
 */
export function fanout<Batch>(consumers: readonly Consumer<Batch>[]): Consumer<Batch> {
  const [first, ...others] = consumers;
  if (first === undefined) return nowhere;
  if (others.length === 0) return first;
  return {
    async consume(batch) {
      const outcomes = await Promise.allSettled(consumers.map((consumer) => consumer.consume(batch)));
      let refusal: DeliveryError | undefined;
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") return;
        const error = deliveryErrorOf(outcome.reason);
        if (refusal === undefined || (error.retryable && !refusal.retryable)) refusal = error;
      }
      throw refusal;
    },
    pressure() {
      let refusal: DeliveryError | undefined;
      for (const consumer of consumers) {
        refusal = consumer.pressure();
        if (refusal === undefined) return undefined;
      }
      return refusal;
    },
  };
}

/** Ends an edge that leads to no component: `forward_to = []`. */
const nowhere: Consumer<unknown> = {
  async consume() {},
  pressure: () => undefined,
};
