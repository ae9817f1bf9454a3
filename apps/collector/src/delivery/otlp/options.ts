import type { ClientInfo } from "../../signals/client-info.ts";
import type { Signal } from "../../signals/otlp/batch.ts";
import type { SenderKeys } from "../../transport/authentication.ts";
import type { DestinationOptions, SendOutcome } from "../destination.ts";
import type { RetryArguments, SendingQueueArguments } from "./arguments.ts";

/** One request to a destination. */
export interface OtlpRequest {
  readonly signal: Signal;
  /** The concatenation is the export request. Valid until the promise of `send` settles. */
  readonly payload: readonly Uint8Array[];
  readonly bytes: number;
  readonly items: number;
  /** Who sent the data, as far as `senderKeys` asks. */
  readonly client: ClientInfo | undefined;
}

/** What differs between exporters. */
export interface OtlpExporterOptions {
  /** What the incumbent calls the exporter: `otlphttp`. */
  readonly kind: string;
  readonly queue: SendingQueueArguments;
  readonly retry: RetryArguments;
  /** A request that takes longer has failed; 0: no limit. */
  readonly timeoutMs: number;
  /** What of who sent the data goes into requests, so that data whose senders differ in it can't share one; undefined: nothing. */
  senderKeys(): SenderKeys | undefined;
  /** Where a signal goes; the queue belongs to it. */
  endpoint(signal: Signal): string;
  send(request: OtlpRequest, signal: AbortSignal): Promise<SendOutcome>;
}

/** Without a `batch` block, small requests that wait for the same sender anyway go together up to here. */
const MERGED = { maxBytes: 1024 ** 2, maxItems: 8192, maxWaitMs: 0 };

/** How data is put together into requests. */
export function requestLimits({ batch }: SendingQueueArguments): DestinationOptions["request"] {
  if (batch === undefined) return MERGED;
  const isBytes = batch.sizer === "bytes";
  return {
    maxBytes: isBytes ? Math.max(1, batch.min_size) : 0,
    maxItems: isBytes ? 0 : Math.max(1, batch.min_size),
    maxWaitMs: batch.flush_timeout,
  };
}

/** `withoutLimitMs`: when a request is given up where the user has not said; 0: never. */
export function retryLimits(retry: RetryArguments, withoutLimitMs: number): DestinationOptions["retry"] {
  return {
    initialMs: retry.initial_interval,
    maxMs: retry.max_interval,
    multiplier: retry.multiplier,
    randomization: retry.randomization_factor,
    maxElapsedMs: retry.max_elapsed_time ?? withoutLimitMs,
    maxAttempts: retry.enabled ? 0 : 1,
  };
}
