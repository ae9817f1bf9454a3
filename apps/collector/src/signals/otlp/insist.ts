import type { Clock } from "../../component/clock.ts";
import { type DeliveryError, deliveryErrorOf } from "../delivery-error.ts";
import type { OtelConsumer, OtlpBatch } from "./batch.ts";

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5000;

/**
 * Sends data whose senders have been told that we have it: again and again until it is taken, or refused for good, or `deadline` is aborted. Resolves
 * with the error in the latter two cases. `waiting` hears why it has to be tried again.
 */
export async function insist(
  batch: OtlpBatch,
  {
    output,
    clock,
    deadline,
    waiting,
  }: { output: OtelConsumer; clock: Clock; deadline: AbortSignal; waiting?: (why: DeliveryError) => void },
): Promise<DeliveryError | undefined> {
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
    try {
      await output.consume(batch);
      return undefined;
    } catch (thrown) {
      const error = deliveryErrorOf(thrown);
      if (!error.retryable || deadline.aborted) return error;
      waiting?.(error);
      await pause(clock, error.retryAfterMs ?? waitMs, deadline);
    }
  }
}

/** Waits, at most until the deadline. */
function pause(clock: Clock, ms: number, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      deadline.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    deadline.addEventListener("abort", end);
  });
}
