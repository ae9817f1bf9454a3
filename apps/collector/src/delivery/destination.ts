import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { MetricScope } from "../component/metrics.ts";
import type { DeliveryError } from "../signals/delivery-error.ts";
import type { Receipt } from "../signals/receipt.ts";
import type { Budget } from "./budget.ts";

/**
 * One destination: a queue of its own and the senders that empty it, the same for all signals. Payloads are wire-format
 * fragments which merge by concatenation (an OTLP export request, `timeseries` of a WriteRequest, `streams` of a PushRequest).
 */
export interface Destination {
  /**
   * Resolves when the record is written: on disk by write(2), or in memory where there is no storage. The queue copies or writes `payload` before
   * it resolves; the caller keeps ownership. `receipt` is held until the data is on disk, delivered or dropped. Rejects with DeliveryError where it is full
   * and `whenFull` is "refuse".
   */
  append(record: DeliveryRecord): Promise<void>;
  pressure(): DeliveryError | undefined;
  /** Numbers for metrics, health and debug information. */
  stats(): DestinationStats;
  /** Takes new limits, retry and sender; the queue stays. */
  update(options: DestinationOptions): Promise<void>;
  /** Sends what it can until `deadline`; the rest stays on disk, or is dropped and counted with reason "shutdown". */
  close(deadline: AbortSignal): Promise<void>;
}

export interface DeliveryRecord {
  readonly payload: readonly Uint8Array[];
  /** Spans, samples or lines in it. */
  readonly items: number;
  /**
   * Chooses the shard: records of equal keys keep their order, within a group. A hash of the series or stream; where no order is needed, any number that
   * changes, so that all senders have work.
   */
  readonly shard: number;
  /** Requests hold records of one group only (tenant, metadata); at most a few hundred bytes. */
  readonly group?: string;
  readonly receipt?: Receipt;
}

export interface DestinationOptions {
  /** The component's id and the endpoint's identity; the queue's folder is named after both. */
  readonly component: string;
  readonly endpoint: string;
  /** Parent of the queue's folder; undefined: memory only. */
  readonly storagePath: string | undefined;
  /** 0: no limit. On disk `maxBytes` bounds the files, in memory the payloads. */
  readonly limits: { readonly maxBytes: number; readonly maxAgeMs: number; readonly maxItems?: number; readonly maxRecords?: number };
  readonly whenFull: "drop-oldest" | "refuse";
  /** How records become requests: closed when one limit is reached (0: none) or the oldest waits `maxWaitMs`. Records are not split. */
  readonly request: { readonly maxBytes: number; readonly maxItems: number; readonly maxWaitMs: number };
  readonly retry: {
    readonly initialMs: number;
    readonly maxMs: number;
    readonly multiplier: number;
    readonly randomization: number;
    /** After so long, or so many attempts, a request is dropped and counted with reason "retries_exhausted"; 0: never. */
    readonly maxElapsedMs: number;
    readonly maxAttempts: number;
  };
  /** Senders at the same time, at most 256; the shard decides which, so that order holds within a shard. */
  readonly shards: number;
  readonly fsyncIntervalMs: number;
  /** A send that takes longer is aborted and tried again; 5 minutes unless given. */
  readonly timeoutMs?: number;
  send(request: DeliveryRequest, signal: AbortSignal): Promise<SendOutcome>;
  /** Called for everything that is lost, after it was counted. */
  onDropped?(reason: string, items: number, message: string): void;
}

export interface DeliveryRequest {
  /** Fragments in order; their concatenation is the request's uncompressed body. Valid until the promise of `send` settles. */
  readonly payload: readonly Uint8Array[];
  readonly bytes: number;
  readonly items: number;
  readonly group: string;
  /** 1 for the first. */
  readonly attempt: number;
}

export type SendOutcome =
  | {
      readonly kind: "delivered";
      readonly rejectedItems?: number;
      readonly message?: string;
      /** Another queue has it now: who counts what destinations took does not count this. */
      readonly moved?: true;
    }
  /** Never to be taken: dropped and counted under `reason`. */
  | { readonly kind: "refused"; readonly reason: string; readonly message: string }
  | { readonly kind: "retry"; readonly message: string; readonly retryAfterMs?: number };

export interface DestinationStats {
  readonly bufferedItems: number;
  readonly bufferedBytes: number;
  readonly bufferedRecords: number;
  readonly oldestAgeMs: number;
  readonly acceptedItems: number;
  /** Found on disk when the queue was opened: accepted + recovered = delivered + dropped + buffered. */
  readonly recoveredItems: number;
  readonly deliveredItems: number;
  readonly deliveredBytes: number;
  readonly deliveredRequests: number;
  readonly droppedItems: Readonly<Record<string, number>>;
  /** Never accepted: the caller was told, and counts what it loses. */
  readonly refusedItems: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly requestsInFlight: number;
  readonly isOnDisk: boolean;
  readonly failingSinceMs: number | undefined;
  readonly lastError: string | undefined;
}

/** What `openDestination` needs beside its options. */
export interface DestinationContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricScope;
  readonly budget: Budget;
  readonly random: () => number;
  health(state: "healthy" | "unhealthy", message: string): void;
}
