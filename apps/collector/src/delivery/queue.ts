import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { DeliveryError } from "../signals/delivery-error.ts";
import type { Accounting } from "./accounting.ts";
import type { Backlog } from "./backlog.ts";
import type { Budget } from "./budget.ts";
import type { DeliveryRecord, DestinationOptions } from "./destination.ts";
import type { Entry } from "./entry.ts";
import type { FailureWatch } from "./failure-watch.ts";

/** What senders empty: in memory or on disk. Whoever settles or drops an entry has counted it. */
export interface RecordQueue {
  readonly backlog: Backlog;
  readonly isOnDisk: boolean;
  /** All that is held, in requests too. */
  readonly buffered: { readonly items: number; readonly bytes: number; readonly records: number };
  append(record: DeliveryRecord): Promise<void>;
  pressure(): DeliveryError | undefined;
  /** Resolves when what was appended is where the senders find it. */
  flush(): Promise<void>;
  /** When the oldest record was appended, those in requests included. */
  oldestMs(): number | undefined;
  /** The payloads of taken entries. What can't be read any more has been dropped and counted, and is missing. */
  load(entries: readonly Entry[]): Promise<Load>;
  /** Taken entries are done with: delivered, or dropped by the sender. Resolves when a restart would not send them again. */
  settle(entries: readonly Entry[]): Promise<void> | undefined;
  /** Drops what became too old or too much while nothing was appended. */
  enforceLimits(): void;
  /** True while there are records that the backlog does not hold yet; a sender with nothing to do asks for them. */
  readonly hasMore: boolean;
  fetchMore(): void;
  /** What is left stays on disk, or is dropped and counted with reason "shutdown". */
  close(): Promise<void>;
}

export interface Load {
  /** In order; a part of what was asked for where records were lost. */
  readonly entries: readonly Entry[];
  readonly payload: readonly Uint8Array[];
  /** To be called once nobody reads the payload any more; with `mayBeRead` somebody still might, and the memory is not used again. */
  release(mayBeRead?: boolean): void;
}

/** What a queue is made with. */
export interface QueueSurroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly budget: Budget;
  readonly accounting: Accounting;
  readonly failures: FailureWatch;
  /** Milliseconds since the epoch which never jump while the process runs. */
  readonly steadyNow: () => number;
  /** The options in force. */
  readonly options: () => DestinationOptions;
}
