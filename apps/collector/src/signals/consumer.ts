import type { DeliveryError } from "./delivery-error.ts";

/**
 * Where an edge of the graph leads. A component exports its consumer once, when it is created, and the same object stays valid
 * through every update of the component behind it.
 */
export interface Consumer<Batch> {
  /**
   * Takes one batch. Resolves once everything below is responsible for it: every destination's queue has written it, or dropped and
   * counted it. Rejects with `DeliveryError` where nobody took it: the sender keeps it (retryable) or reports it (not retryable).
   * The batch stays the caller's; who keeps it beyond the promise retains it.
   */
  consume(batch: Batch): Promise<void>;
  /**
   * Asked before input is read or decoded: the refusal that `consume` would give now, or undefined. Cheap enough for every request.
   */
  pressure(): DeliveryError | undefined;
}
