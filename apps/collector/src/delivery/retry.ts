export interface RetryLimits {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  readonly randomization: number;
  readonly maxElapsedMs: number;
  readonly maxAttempts: number;
}

/** No answer of a destination keeps us away for longer than this. */
export const longestRetryAfterMs = 5 * 60_000;

/**
 * How long to wait before the next attempt, after `attempts` have failed: exponential with jitter, and no shorter than the destination
 * asked for. `random` gives numbers in [0, 1).
 */
export function retryDelay(limits: RetryLimits, attempts: number, retryAfterMs: number | undefined, random: () => number): number {
  const { initialMs, maxMs, multiplier, randomization } = limits;
  const grown = initialMs * Math.max(multiplier, 1) ** (attempts - 1);
  const interval = maxMs > 0 ? Math.min(grown, maxMs) : grown;
  const jittered = interval * (1 + randomization * (2 * random() - 1));
  const asked = Math.min(Math.max(retryAfterMs ?? 0, 0), longestRetryAfterMs);
  return Math.max(jittered, asked);
}

/** True where no further attempt is allowed. */
export function isExhausted(limits: RetryLimits, attempts: number, elapsedMs: number): boolean {
  return (limits.maxAttempts > 0 && attempts >= limits.maxAttempts) || (limits.maxElapsedMs > 0 && elapsedMs >= limits.maxElapsedMs);
}
