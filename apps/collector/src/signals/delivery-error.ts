/** Why data could not be handed on. Receivers answer with it in their protocol's own code; `delivery/` retries on it. */
export class DeliveryError extends Error {
  /** True: the same data may be taken later. False: it never will be, and who holds it drops and counts it. */
  readonly retryable: boolean;
  /** When to try again, where the refuser knows. */
  readonly retryAfterMs: number | undefined;
  /** The value of the `reason` label under which a drop is counted: `queue_full`, `memory_budget`, `stopping`, … */
  readonly reason: string;
  constructor(message: string, options: { retryable: boolean; reason: string; retryAfterMs?: number }) {
    super(message);
    this.name = "DeliveryError";
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.reason = options.reason;
  }
}

/** The error that `thrown` stands for; an unforeseen exception is a fault of ours and never retried. */
export function deliveryErrorOf(thrown: unknown): DeliveryError {
  if (thrown instanceof DeliveryError) return thrown;
  return new DeliveryError(thrown instanceof Error ? thrown.message : String(thrown), { retryable: false, reason: "internal_error" });
}

/** Refusals that more data makes worse. All others are of the moment. */
const exhausted: ReadonlySet<string> = new Set(["queue_full", "memory_budget", "memory_limit", "rate_limit", "disk_full"]);

/** Whether senders are to wait, rather than to try another way at once. */
export function asksForPause(error: DeliveryError): boolean {
  return exhausted.has(error.reason);
}
