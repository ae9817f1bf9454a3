import type { DeliveryError } from "../signals/delivery-error.ts";
import { Accounting } from "./accounting.ts";
import type { Destination, DestinationContext, DestinationOptions, DestinationStats } from "./destination.ts";
import { laneCount } from "./entry.ts";
import { FailureWatch } from "./failure-watch.ts";
import { codeOf, diskFiles, type QueueFiles } from "./files.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { openDiskQueue } from "./open-disk-queue.ts";
import type { QueueSurroundings, RecordQueue } from "./queue.ts";
import { queueFolder } from "./queue-folder.ts";
import { stoppingRefusal, unavailableRefusal } from "./refusal.ts";
import { Senders } from "./sender.ts";

/**
 * Opens the queue of a destination and begins to send what is in it. A queue on disk which can't be opened for now (another process holds it, a newer
 * version wrote it, the disk fails) makes the destination unhealthy and refuse data, and is tried again; where the storage path can't be
 * written at all, the queue is in memory.
 */
export async function openDestination(
  context: DestinationContext,
  given: DestinationOptions,
  files: QueueFiles = diskFiles(),
): Promise<Destination> {
  let options = normal(given);
  const accounting = new Accounting(context.metrics, withoutCredentials(options.endpoint), (reason, items, message) => {
    options.onDropped?.(reason, items, message);
  });
  const failures = new FailureWatch(context.clock, context.health);
  const surroundings: QueueSurroundings = {
    clock: context.clock,
    log: context.log,
    budget: context.budget,
    accounting,
    failures,
    steadyNow: steadyClock(context),
    options: () => options,
  };
  let running: { readonly queue: RecordQueue; readonly senders: Senders } | undefined;
  let isClosed = false;
  let cancelReopen = () => {};

  const open = async (): Promise<void> => {
    const queue = await openQueue(surroundings, files);
    failures.set("opening", typeof queue === "string" ? queue : undefined);
    if (typeof queue === "string") {
      if (!isClosed) cancelReopen = context.clock.after(reopenMs, () => void open());
    } else if (isClosed) await queue.close();
    else running = { queue, senders: new Senders({ ...surroundings, queue, random: context.random }) };
  };
  await open();

  let cancelCheck = () => {};
  const scheduleCheck = () => {
    cancelCheck = context.clock.after(checkIntervalMs, () => {
      running?.queue.enforceLimits();
      scheduleCheck();
    });
  };
  scheduleCheck();

  const refusal = (): DeliveryError | undefined => {
    if (isClosed) return stoppingRefusal();
    return running === undefined ? unavailableRefusal("the destination's queue can't be opened") : undefined;
  };
  const stats = (): DestinationStats => {
    const { items, bytes, records } = running?.queue.buffered ?? { items: 0, bytes: 0, records: 0 };
    const oldestMs = running?.queue.oldestMs();
    return {
      bufferedItems: items,
      bufferedBytes: bytes,
      bufferedRecords: records,
      oldestAgeMs: oldestMs === undefined ? 0 : Math.max(0, surroundings.steadyNow() - oldestMs),
      ...accounting.snapshot(),
      requestsInFlight: running?.senders.requestsInFlight ?? 0,
      isOnDisk: running?.queue.isOnDisk ?? false,
      failingSinceMs: failures.failingSinceMs,
      lastError: failures.lastError,
    };
  };
  context.metrics.beforeScrape(() => {
    if (!isClosed) accounting.expose(stats());
  });

  return {
    append(record) {
      const refused = refusal();
      if (refused === undefined && running !== undefined) return running.queue.append(record);
      accounting.refused(refused?.reason ?? "", record.items);
      return Promise.reject(refused);
    },
    pressure: () => refusal() ?? running?.queue.pressure(),
    stats,
    async update(next) {
      if (next.component !== options.component || next.endpoint !== options.endpoint || next.storagePath !== options.storagePath)
        throw new Error("a queue can't move to another component, endpoint or storage path: close the destination and open another");
      options = normal(next);
      if (running === undefined) return;
      const { queue, senders } = running;
      queue.backlog.limits = options.request;
      senders.resize(options.shards);
      senders.wake();
      queue.enforceLimits();
    },
    async close(deadline) {
      if (isClosed) return;
      isClosed = true;
      cancelCheck();
      cancelReopen();
      await running?.senders.drain(deadline);
      await running?.queue.close();
      failures.close();
      accounting.close();
    },
  };
}

/** The queue as the options want it, or why there is none for now. */
async function openQueue(surroundings: QueueSurroundings, files: QueueFiles): Promise<RecordQueue | string> {
  const { component, endpoint, storagePath } = surroundings.options();
  if (storagePath === undefined) return new MemoryQueue(surroundings);
  const identity = { component, endpoint: withoutCredentials(endpoint) };
  const folder = queueFolder(storagePath, { component, endpoint });
  try {
    return await openDiskQueue(surroundings, { folder, files, identity });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (!isUnwritable(thrown)) return `the queue can't be opened: ${message}`;
    surroundings.log.warn("the storage path can't be written: the queue is in memory, and lost when the process ends", {
      folder,
      error: message,
    });
    return new MemoryQueue(surroundings);
  }
}

/** The path is not for us, and will not be: a read-only file system, or no permission. */
function isUnwritable(thrown: unknown): boolean {
  return ["EACCES", "EPERM", "EROFS", "ENOTDIR"].includes(codeOf(thrown) ?? "");
}

/** How often a queue that could not be opened is tried again. */
const reopenMs = 5000;
/** How often age and limits are looked at while nothing is appended. */
const checkIntervalMs = 1000;

function normal(options: DestinationOptions): DestinationOptions {
  return { ...options, shards: Math.min(Math.max(Math.trunc(options.shards), 1), laneCount) };
}

/** The wall clock as it was at the start, plus the time since: a correction of the system's time makes no record older. */
function steadyClock({ clock }: DestinationContext): () => number {
  const difference = clock.now() - clock.monotonic();
  return () => clock.monotonic() + difference;
}

/** For labels and names: a URL may carry a user's password. */
function withoutCredentials(endpoint: string): string {
  return endpoint.replace(/\/\/[^/@]*@/, "//");
}
