import type { DeliveryError } from "../signals/delivery-error.ts";
import type { Receipt } from "../signals/receipt.ts";
import { Backlog } from "./backlog.ts";
import type { DeliveryRecord } from "./destination.ts";
import { type Entry, laneOf } from "./entry.ts";
import type { Load, QueueSurroundings, RecordQueue } from "./queue.ts";
import { dropMessages, fullRefusal, memoryRefusal, tooLarge } from "./refusal.ts";

/** A queue without storage: holds copies of the payloads, charged to the budget, and lets go of its oldest where it must. */
export class MemoryQueue implements RecordQueue {
  readonly backlog: Backlog<MemoryEntry>;
  readonly isOnDisk = false;
  readonly hasMore = false;
  readonly buffered = { items: 0, bytes: 0, records: 0 };
  readonly #surroundings: QueueSurroundings;
  /** Entries in requests, the oldest first within each. */
  readonly #taken = new Set<MemoryEntry>();
  #position = 0;

  constructor(surroundings: QueueSurroundings) {
    const { shards, request } = surroundings.options();
    this.#surroundings = surroundings;
    this.backlog = new Backlog(shards, request);
  }

  async append(record: DeliveryRecord): Promise<void> {
    const { budget, accounting, steadyNow } = this.#surroundings;
    let bytes = 0;
    for (const part of record.payload) bytes += part.byteLength;
    const refusal = this.#makeRoom(bytes, record.items);
    if (refusal !== undefined) throw this.#refuse(refusal, record.items);
    while (!budget.reserve(bytes + overheadBytes)) {
      // Our own oldest gives way first; what others hold is not ours to drop.
      if (this.#surroundings.options().whenFull === "refuse" || !this.#dropOldest("memory_budget"))
        throw this.#refuse(memoryRefusal(), record.items);
    }
    const group = record.group ?? "";
    const entry: MemoryEntry = {
      position: this.#position++,
      bytes,
      items: record.items,
      timeMs: steadyNow(),
      lane: laneOf(record.shard, group),
      group,
      state: "waiting",
      payload: copyOf(record.payload, bytes),
      receipt: record.receipt,
    };
    record.receipt?.hold();
    accounting.accepted(entry.items);
    this.#count(entry, 1);
    this.backlog.add(entry);
  }

  pressure(): DeliveryError | undefined {
    const { budget, options } = this.#surroundings;
    const { whenFull, limits } = options();
    if (budget.usedBytes >= budget.limitBytes && (whenFull === "refuse" || this.backlog.waiting === 0)) return memoryRefusal();
    if (whenFull === "drop-oldest" && this.backlog.waiting > 0) return undefined;
    return this.#isOver(limits, 1, 1) ? fullRefusal() : undefined;
  }

  oldestMs(): number | undefined {
    let oldest = this.backlog.oldest()?.timeMs;
    for (const entry of this.#taken) if (oldest === undefined || entry.timeMs < oldest) oldest = entry.timeMs;
    return oldest;
  }

  async load(entries: readonly Entry[]): Promise<Load> {
    const own = entries as readonly MemoryEntry[];
    for (const entry of own) this.#taken.add(entry);
    return { entries, payload: own.map((entry) => entry.payload), release: () => {} };
  }

  settle(entries: readonly Entry[]): undefined {
    for (const entry of entries as readonly MemoryEntry[]) {
      this.#taken.delete(entry);
      this.#letGo(entry);
    }
  }

  fetchMore(): void {}

  async flush(): Promise<void> {}

  enforceLimits(): void {
    const { limits } = this.#surroundings.options();
    const tooOldMs = this.#surroundings.steadyNow() - limits.maxAgeMs;
    for (let oldest = this.backlog.oldest(); oldest !== undefined; oldest = this.backlog.oldest()) {
      if (limits.maxAgeMs > 0 && oldest.timeMs <= tooOldMs) this.#drop(oldest, "too_old");
      else if (this.#isOver(limits, 0, 0)) this.#drop(oldest, "queue_full");
      else return;
    }
  }

  async close(): Promise<void> {
    while (this.#dropOldest("shutdown"));
    for (const entry of this.#taken) {
      this.#surroundings.accounting.dropped("shutdown", entry.items, dropMessages.shutdown);
      this.#letGo(entry);
    }
    this.#taken.clear();
  }

  #makeRoom(bytes: number, items: number): DeliveryError | undefined {
    const { whenFull, limits } = this.#surroundings.options();
    if (limits.maxBytes > 0 && bytes > limits.maxBytes) return tooLarge(bytes, limits.maxBytes);
    while (this.#isOver(limits, bytes, items)) if (whenFull === "refuse" || !this.#dropOldest("queue_full")) return fullRefusal();
    return undefined;
  }

  #isOver(limits: QueueLimits, bytes: number, items: number): boolean {
    const { maxBytes, maxItems = 0, maxRecords = 0 } = limits;
    const records = bytes > 0 ? 1 : 0;
    return (
      (maxBytes > 0 && this.buffered.bytes + bytes > maxBytes) ||
      // One record may hold more items than the queue may: it passes while it is alone.
      (maxItems > 0 && this.buffered.records > 0 && this.buffered.items + items > maxItems) ||
      (maxRecords > 0 && this.buffered.records + records > maxRecords)
    );
  }

  #dropOldest(reason: keyof typeof dropMessages): boolean {
    const oldest = this.backlog.oldest();
    if (oldest !== undefined) this.#drop(oldest, reason);
    return oldest !== undefined;
  }

  #drop(entry: MemoryEntry, reason: keyof typeof dropMessages): void {
    this.backlog.remove(entry);
    this.#surroundings.accounting.dropped(reason, entry.items, dropMessages[reason]);
    this.#letGo(entry);
  }

  #letGo(entry: MemoryEntry): void {
    this.#count(entry, -1);
    this.#surroundings.budget.release(entry.bytes + overheadBytes);
    entry.payload = nothing;
    entry.receipt?.settle();
  }

  #count(entry: MemoryEntry, sign: 1 | -1): void {
    this.buffered.items += sign * entry.items;
    this.buffered.bytes += sign * entry.bytes;
    this.buffered.records += sign;
  }

  #refuse(refusal: DeliveryError, items: number): DeliveryError {
    this.#surroundings.accounting.refused(refusal.reason, items);
    return refusal;
  }
}

interface MemoryEntry extends Entry {
  payload: Uint8Array;
  readonly receipt: Receipt | undefined;
}

type QueueLimits = { readonly maxBytes: number; readonly maxItems?: number; readonly maxRecords?: number };

/** What an entry takes beside its payload, about. */
const overheadBytes = 256;
const nothing = new Uint8Array(0);

function copyOf(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  // Not from Node's pool: a small record must not keep a slab of others alive.
  const copy = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const part of parts) {
    copy.set(part, at);
    at += part.byteLength;
  }
  return copy;
}
