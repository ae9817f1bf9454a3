import { Accounting } from "./accounting.ts";
import type { Destination, DestinationContext, DestinationOptions, DestinationStats } from "./destination.ts";
import { laneCount } from "./entry.ts";
import { FailureWatch } from "./failure-watch.ts";
import { MemoryQueue } from "./memory-queue.ts";
import type { QueueSurroundings, RecordQueue } from "./queue.ts";
import { stoppingRefusal } from "./refusal.ts";
import { Senders } from "./sender.ts";

/** Opens the queue of a destination and begins to send what is in it. */
export async function openDestination(context: DestinationContext, given: DestinationOptions): Promise<Destination> {
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
  const queue: RecordQueue = new MemoryQueue(surroundings);
  const senders = new Senders({ ...surroundings, queue, random: context.random });
  let isClosed = false;

  let cancelCheck = () => {};
  const scheduleCheck = () => {
    cancelCheck = context.clock.after(checkIntervalMs, () => {
      queue.enforceLimits();
      scheduleCheck();
    });
  };
  scheduleCheck();

  const stats = (): DestinationStats => {
    const oldestMs = queue.oldestMs();
    return {
      bufferedItems: queue.buffered.items,
      bufferedBytes: queue.buffered.bytes,
      bufferedRecords: queue.buffered.records,
      oldestAgeMs: oldestMs === undefined ? 0 : Math.max(0, surroundings.steadyNow() - oldestMs),
      acceptedItems: accounting.acceptedItems,
      recoveredItems: accounting.recoveredItems,
      deliveredItems: accounting.deliveredItems,
      deliveredBytes: accounting.deliveredBytes,
      deliveredRequests: accounting.deliveredRequests,
      droppedItems: { ...accounting.droppedItems },
      refusedItems: { ...accounting.refusedItems },
      retries: accounting.retries,
      requestsInFlight: senders.requestsInFlight,
      isOnDisk: queue.isOnDisk,
      failingSinceMs: failures.failingSinceMs,
      lastError: failures.lastError,
    };
  };
  context.metrics.beforeScrape(() => {
    if (!isClosed) accounting.expose(stats());
  });

  return {
    append(record) {
      if (!isClosed) return queue.append(record);
      accounting.refused("stopping", record.items);
      return Promise.reject(stoppingRefusal());
    },
    pressure: () => (isClosed ? stoppingRefusal() : queue.pressure()),
    stats,
    async update(next) {
      if (next.component !== options.component || next.endpoint !== options.endpoint || next.storagePath !== options.storagePath)
        throw new Error("a queue can't move to another component, endpoint or storage path: close the destination and open another");
      options = normal(next);
      queue.backlog.limits = options.request;
      senders.resize(options.shards);
      senders.wake();
      queue.enforceLimits();
    },
    async close(deadline) {
      isClosed = true;
      cancelCheck();
      await senders.drain(deadline);
      await queue.close();
      failures.close();
      accounting.close();
    },
  };
}

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
