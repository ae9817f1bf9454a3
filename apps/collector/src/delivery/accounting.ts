import type { Counter, Family, MetricScope } from "../component/metrics.ts";
import type { DestinationStats } from "./destination.ts";

/** What a destination has taken in and given out: accepted + recovered = delivered + dropped{reason} + buffered, at every moment. */
export class Accounting {
  acceptedItems = 0;
  /** Found on disk when the queue was opened. */
  recoveredItems = 0;
  deliveredItems = 0;
  deliveredBytes = 0;
  deliveredRequests = 0;
  retries = 0;
  readonly droppedItems: Record<string, number> = {};
  /** Turned away at the door, by reason; never accepted. */
  readonly refusedItems: Record<string, number> = {};
  readonly #metrics: Metrics;
  readonly #onDropped: (reason: string, items: number, message: string) => void;

  constructor(scope: MetricScope, endpoint: string, onDropped: (reason: string, items: number, message: string) => void) {
    this.#metrics = metricsOf(scope, endpoint);
    this.#onDropped = onDropped;
  }

  accepted(items: number): void {
    this.acceptedItems += items;
    this.#metrics.accepted.add(items);
  }

  recovered(items: number): void {
    this.recoveredItems += items;
    this.#metrics.recovered.add(items);
  }

  delivered(items: number, bytes: number): void {
    this.deliveredItems += items;
    this.deliveredBytes += bytes;
    this.deliveredRequests++;
    this.#metrics.delivered.add(items);
    this.#metrics.deliveredBytes.add(bytes);
    this.#metrics.deliveredRequests.add(1);
  }

  retried(): void {
    this.retries++;
    this.#metrics.retries.add(1);
  }

  dropped(reason: string, items: number, message: string): void {
    this.droppedItems[reason] = (this.droppedItems[reason] ?? 0) + items;
    this.#metrics.dropped(reason).add(items);
    this.#onDropped(reason, items, message);
  }

  refused(reason: string, items: number): void {
    this.refusedItems[reason] = (this.refusedItems[reason] ?? 0) + items;
    this.#metrics.refused(reason).add(items);
  }

  snapshot() {
    const { acceptedItems, recoveredItems, deliveredItems, deliveredBytes, deliveredRequests, retries } = this;
    const droppedItems = { ...this.droppedItems };
    const refusedItems = { ...this.refusedItems };
    return { acceptedItems, recoveredItems, deliveredItems, deliveredBytes, deliveredRequests, retries, droppedItems, refusedItems };
  }

  /** The numbers that are read rather than counted; called before each exposition. */
  expose(stats: DestinationStats): void {
    this.#metrics.gauges.items.set(stats.bufferedItems);
    this.#metrics.gauges.bytes.set(stats.bufferedBytes);
    this.#metrics.gauges.records.set(stats.bufferedRecords);
    this.#metrics.gauges.oldestAge.set(stats.oldestAgeMs / 1000);
    this.#metrics.gauges.inFlight.set(stats.requestsInFlight);
    this.#metrics.gauges.onDisk.set(stats.isOnDisk ? 1 : 0);
  }

  /** Takes the series of this destination out of the exposition. */
  close(): void {
    this.#metrics.remove();
  }
}

/** All that was lost after it was taken, by endpoint and reason. */
export function droppedFamily(scope: MetricScope): Family<Counter> {
  return scope.counter("invar_destination_dropped_items_total", {
    help: "Items that were taken and will not be delivered, by reason.",
    labels: ["endpoint", "reason"],
  });
}

type Metrics = ReturnType<typeof metricsOf>;

function metricsOf(scope: MetricScope, endpoint: string) {
  const removals: (() => void)[] = [];
  const child = <Child>(family: Family<Child>, ...labels: string[]): Child => {
    removals.push(() => family.remove(...labels));
    return family.of(...labels);
  };
  const labels = ["endpoint"];
  const counter = (name: string, help: string) => child(scope.counter(`invar_destination_${name}`, { help, labels }), endpoint);
  const gauge = (name: string, help: string) => child(scope.gauge(`invar_destination_${name}`, { help, labels }), endpoint);
  const byReason = (family: Family<Counter>) => {
    const known = new Map<string, Counter>();
    return (reason: string): Counter => {
      let counter = known.get(reason);
      if (counter === undefined) {
        counter = child(family, endpoint, reason);
        known.set(reason, counter);
      }
      return counter;
    };
  };
  return {
    accepted: counter("accepted_items_total", "Items that the destination's queue took."),
    recovered: counter("recovered_items_total", "Items found in the queue on disk when it was opened."),
    delivered: counter("delivered_items_total", "Items that the destination confirmed."),
    deliveredBytes: counter("delivered_bytes_total", "Bytes of the confirmed requests, before compression."),
    deliveredRequests: counter("delivered_requests_total", "Requests that the destination confirmed."),
    retries: counter("retries_total", "Requests that failed and were, or will be, sent again."),
    dropped: byReason(droppedFamily(scope)),
    refused: byReason(
      scope.counter("invar_destination_refused_items_total", {
        help: "Items that the queue did not take, by reason; the sender was told.",
        labels: ["endpoint", "reason"],
      }),
    ),
    gauges: {
      items: gauge("buffered_items", "Items in the queue, those being sent included."),
      bytes: gauge("buffered_bytes", "Bytes of the records in the queue, those being sent included."),
      records: gauge("buffered_records", "Records in the queue, those being sent included."),
      oldestAge: gauge("oldest_age_seconds", "Age of the oldest record in the queue."),
      inFlight: gauge("requests_in_flight", "Requests being sent, or waiting to be sent again."),
      onDisk: gauge("queue_on_disk", "1 where the queue is on disk, 0 where it is in memory."),
    },
    remove: () => {
      for (const removal of removals) removal();
    },
  };
}
