import type { DeliveryError } from "../signals/delivery-error.ts";
import { Backlog } from "./backlog.ts";
import { BacklogReader } from "./backlog-reader.ts";
import type { Cursor, CursorFile } from "./cursor-file.ts";
import type { DeliveryRecord } from "./destination.ts";
import type { DiskEntry } from "./disk-entry.ts";
import { DiskFailure } from "./disk-failure.ts";
import { DiskLog } from "./disk-log.ts";
import { type Entry, laneOf } from "./entry.ts";
import type { QueueFiles } from "./files.ts";
import type { FolderLock } from "./folder-lock.ts";
import { loadPayloads } from "./payload-load.ts";
import type { Load, QueueSurroundings, RecordQueue } from "./queue.ts";
import { QueueSync } from "./queue-sync.ts";
import { dropMessages, fullRefusal, memoryRefusal, stoppingRefusal, tooLarge } from "./refusal.ts";
import { type Segment, tally } from "./segment.ts";
import { largestGroupBytes, recordHeaderBytes, segmentHeaderBytes } from "./segment-format.ts";

export interface DiskQueueParts {
  readonly folder: string;
  readonly files: QueueFiles;
  readonly lock: FolderLock;
  readonly segments: readonly Segment[];
  readonly cursor: Cursor;
  readonly cursorFile: CursorFile;
  /** Where appending begins. */
  readonly start: number;
}

/**
 * A queue on disk. `append` resolves when write(2) has taken the record, or, while the disk takes nothing, when the destination has: nothing is acknowledged
 * that a kill would lose. What is delivered is noted in the cursor before the sender goes on, so that a kill repeats what was in flight and no more.
 */
export class DiskQueue implements RecordQueue {
  readonly backlog: Backlog<DiskEntry>;
  readonly isOnDisk = true;
  readonly buffered = { items: 0, bytes: 0, records: 0 };
  readonly #surroundings: QueueSurroundings;
  readonly #parts: DiskQueueParts;
  readonly #log: DiskLog;
  readonly #reader: BacklogReader;
  readonly #cursor: Cursor;
  /** Appended and not written yet, in order. */
  #unwritten: Unwritten[] = [];
  readonly #taken = new Set<DiskEntry>();
  readonly #disk: DiskFailure;
  readonly #sync: QueueSync;
  #isIdle = false;
  #isClosed = false;

  constructor(surroundings: QueueSurroundings, parts: DiskQueueParts) {
    const { shards, request } = surroundings.options();
    const { clock, log: logger, budget, accounting, failures, options } = surroundings;
    this.#surroundings = surroundings;
    this.#parts = parts;
    this.#cursor = parts.cursor;
    this.backlog = new Backlog(shards, request);
    this.#log = new DiskLog({
      ...parts,
      clock,
      log: logger,
      budget,
      segmentBytes: () => segmentBytesFor(options().limits.maxBytes),
      cacheBytes: () => Math.min(Math.max(smallestCacheBytes, 2 * options().request.maxBytes), largestCacheBytes),
      syncsEachWrite: () => options().fsyncIntervalMs <= 0,
      onWritten: (end) => this.#onWritten(end),
      onFailed: (error) => this.#onFailed(error),
    });
    this.#reader = new BacklogReader({
      log: this.#log,
      files: parts.files,
      cursor: parts.cursor,
      backlog: this.backlog,
      buffered: this.buffered,
      accounting,
      logger,
      clock,
      failures,
      onEmptied: (segment) => this.#removeIfDone(segment),
    });
    this.#disk = new DiskFailure({
      ...parts,
      clock,
      log: logger,
      failures,
      hasUnwritten: () => this.#log.unwrittenBytes > 0,
      write: () => this.#log.retry(),
    });
    this.#sync = new QueueSync({ ...parts, log: this.#log, clock, failures, intervalMs: () => options().fsyncIntervalMs });
  }

  get hasMore(): boolean {
    return !this.#reader.isCaughtUp;
  }

  flush(): Promise<void> {
    return this.#log.flush();
  }

  fetchMore(): void {
    this.#reader.fetchMore();
  }

  append(record: DeliveryRecord): Promise<void> {
    const { accounting, steadyNow } = this.#surroundings;
    const { items, payload, group = "" } = record;
    let payloadBytes = 0;
    for (const part of payload) payloadBytes += part.byteLength;
    const refusal = this.#makeRoom(payloadBytes + recordHeaderBytes, items, group);
    if (refusal !== undefined) {
      accounting.refused(refusal.reason, items);
      return Promise.reject(refusal);
    }
    const lane = laneOf(record.shard, group);
    const timeMs = Math.floor(steadyNow());
    const { position, end } = this.#log.append({ group, payload, payloadBytes, lane, items, timeMs });
    const entry: DiskEntry = { position, end, bytes: payloadBytes, items, timeMs, lane, group, state: "waiting", segment: undefined };
    accounting.accepted(items);
    tally(this.buffered, entry, 1);
    this.#isIdle = false;
    return new Promise((resolve, reject) => {
      const isOffered = this.#disk.isOn;
      this.#unwritten.push({
        entry,
        sinceMs: this.#surroundings.clock.monotonic(),
        isOffered,
        isSettled: false,
        answer: { resolve, reject },
      });
      if (isOffered) this.backlog.add(entry);
    });
  }

  pressure(): DeliveryError | undefined {
    const { options, budget } = this.#surroundings;
    const { whenFull } = options();
    if (this.#isHeldUpByDisk(0)) return this.#disk.refusal();
    if (budget.usedBytes >= budget.limitBytes) return memoryRefusal();
    if (whenFull === "drop-oldest") return undefined;
    return (this.#isOverBytes(1) && !this.#removeDoneTail()) || this.#isOverCounts(1, 1) ? fullRefusal() : undefined;
  }

  oldestMs(): number | undefined {
    let oldest = this.backlog.oldest()?.timeMs ?? this.#reader.oldestMs();
    for (const entry of this.#taken) if (oldest === undefined || entry.timeMs < oldest) oldest = entry.timeMs;
    return oldest;
  }

  load(entries: readonly Entry[]): Promise<Load> {
    const own = entries as readonly DiskEntry[];
    for (const entry of own) this.#taken.add(entry);
    const { budget, clock, failures } = this.#surroundings;
    return loadPayloads(own, { log: this.#log, budget, clock, failures, onLost: (entry) => this.#lose(entry) });
  }

  settle(entries: readonly Entry[]): Promise<void> | undefined {
    const own = entries as readonly DiskEntry[];
    for (const entry of own) this.#markDone(entry);
    const writing = this.#sync.writeCursor();
    for (const entry of own) this.#letGo(entry);
    this.#reader.fetchMore();
    return writing;
  }

  enforceLimits(): void {
    const { options } = this.#surroundings;
    this.#dropTooOld();
    if (options().whenFull === "drop-oldest") {
      while (this.#isOverBytes(0) && this.#dropOldestSegment());
      while (this.#isOverCounts(0, 0) && this.#dropOldestRecord());
    }
    if (this.#disk.isOn) this.#giveUpWaiting();
    else this.#tellOfSlowDisk();
    // Two looks without an append in between: the memory of a queue that is not used is freed.
    if (this.buffered.records === 0 && this.#isIdle) this.#log.rest();
    this.#isIdle = true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const syncing = this.#sync.stop();
    await this.#disk.stop();
    await this.#log.flush();
    for (const unwritten of this.#unwritten) this.#abandon(unwritten, stoppingRefusal(), "shutdown");
    await this.#reader.close();
    await syncing;
    await this.#sync.writeCursor();
    if (this.buffered.records === 0) this.#log.seal();
    for (const segment of [...this.#log.segments]) this.#removeIfDone(segment);
    try {
      await this.#log.close();
      await this.#parts.cursorFile.sync();
      await this.#parts.cursorFile.close();
    } catch (thrown) {
      this.#surroundings.log.error("a queue could not be closed in order", { folder: this.#parts.folder, error: messageOf(thrown) });
    }
    this.#parts.lock.release();
  }

  #makeRoom(bytes: number, items: number, group: string): DeliveryError | undefined {
    const { whenFull, limits } = this.#surroundings.options();
    if (this.#isClosed) return stoppingRefusal();
    if (limits.maxBytes > 0 && bytes + segmentHeaderBytes > limits.maxBytes) return tooLarge(bytes, limits.maxBytes);
    if (group.length > largestGroupBytes / 4) return tooLarge(group.length, largestGroupBytes / 4);
    if (this.#isHeldUpByDisk(bytes)) return this.#disk.refusal();
    while (this.#isOverBytes(bytes)) {
      // What an earlier process left is not counted yet, and can't be dropped: for a moment it is too much.
      if (this.#removeDoneTail() || this.#reader.isDiscovering) break;
      if (whenFull === "refuse" || !this.#dropOldestSegment()) return fullRefusal();
    }
    while (this.#isOverCounts(1, items)) if (whenFull === "refuse" || !this.#dropOldestRecord()) return fullRefusal();
    return undefined;
  }

  #isOverBytes(bytes: number): boolean {
    const { maxBytes } = this.#surroundings.options().limits;
    return maxBytes > 0 && this.#log.diskBytes + bytes > maxBytes;
  }

  #isOverCounts(records: number, items: number): boolean {
    const { maxItems = 0, maxRecords = 0 } = this.#surroundings.options().limits;
    if (maxRecords > 0 && this.buffered.records + records > maxRecords) return true;
    // One record may hold more items than the queue may: it passes while it is alone.
    return maxItems > 0 && this.buffered.records > 0 && this.buffered.items + items > maxItems;
  }

  /** Where all that the growing segment holds is delivered, it goes, and a new one begins. */
  #removeDoneTail(): boolean {
    const { active } = this.#log;
    if (active === undefined || active.live.records > 0 || this.#unwritten.length > 0) return false;
    this.#log.seal();
    this.#removeIfDone(active);
    return true;
  }

  /** Makes room by a whole file. What is in requests stays, and its file with it. */
  #dropOldestSegment(): boolean {
    for (const segment of this.#log.segments) {
      if (!segment.isKnown) return false;
      if (segment === this.#log.active) this.#log.seal();
      let droppedItems = 0;
      let hasDropped = this.#reader.skip(segment, "queue_full").records > 0;
      for (let oldest = this.backlog.oldest(); oldest !== undefined && oldest.position < segment.end; oldest = this.backlog.oldest()) {
        if (oldest.segment === undefined) break;
        droppedItems += oldest.items;
        hasDropped = true;
        this.#takeOut(oldest);
      }
      if (droppedItems > 0) this.#surroundings.accounting.dropped("queue_full", droppedItems, dropMessages.queue_full);
      this.#removeIfDone(segment);
      if (hasDropped) return true;
    }
    return false;
  }

  #dropOldestRecord(): boolean {
    const oldest = this.backlog.oldest();
    if (oldest === undefined || oldest.segment === undefined) return false;
    this.#surroundings.accounting.dropped("queue_full", oldest.items, dropMessages.queue_full);
    this.#takeOut(oldest);
    return true;
  }

  #dropTooOld(): void {
    const { accounting, steadyNow, options } = this.#surroundings;
    const { maxAgeMs } = options().limits;
    if (maxAgeMs <= 0) return;
    const tooOldMs = steadyNow() - maxAgeMs;
    let items = 0;
    for (let oldest = this.backlog.oldest(); oldest !== undefined && oldest.timeMs < tooOldMs; oldest = this.backlog.oldest()) {
      items += oldest.items;
      this.#takeOut(oldest);
    }
    if (items > 0) accounting.dropped("too_old", items, dropMessages.too_old);
    if (this.backlog.waiting > 0) return;
    for (const segment of [...this.#log.segments]) {
      if (!segment.isKnown || segment.newestMs >= tooOldMs) break;
      this.#reader.skip(segment, "too_old");
      this.#removeIfDone(segment);
    }
  }

  /** Drops an entry that waits; the caller counts it. */
  #takeOut(entry: DiskEntry): void {
    this.backlog.remove(entry);
    // Not behind one in flight, which a restart must send again; there, a restart may send what was dropped.
    if (!this.backlog.isBusy(entry.lane)) this.#markDone(entry);
    this.#letGo(entry);
  }

  /** A record that can't be read any more. The cursor stays: others of its lane are in the same request. */
  #lose(entry: DiskEntry): void {
    this.#surroundings.accounting.dropped("corrupted", entry.items, dropMessages.corrupted);
    this.#letGo(entry);
  }

  #markDone(entry: DiskEntry): void {
    const { doneBelow } = this.#cursor;
    doneBelow[entry.lane] = Math.max(doneBelow[entry.lane] ?? 0, entry.end);
  }

  #letGo(entry: DiskEntry): void {
    const { segment } = entry;
    this.#taken.delete(entry);
    tally(this.buffered, entry, -1);
    this.#log.settled(entry.position);
    if (segment !== undefined) {
      tally(segment.live, entry, -1);
      if (segment.live.records === 0) this.#removeIfDone(segment);
      return;
    }
    // Delivered out of memory while the disk takes nothing: that is as good as written.
    const unwritten = this.#unwritten.find((other) => other.entry === entry);
    if (unwritten === undefined) return;
    unwritten.isSettled = true;
    unwritten.answer?.resolve();
    unwritten.answer = undefined;
    this.#disk.isStalled = false;
    this.#forgetSettled();
  }

  #removeIfDone(segment: Segment): void {
    if (segment.live.records === 0 && segment.isKnown && !segment.isRemoved && this.#log.isComplete(segment)) this.#log.remove(segment);
  }

  #onWritten(end: number): void {
    if (this.#disk.isOn || this.#disk.isStalled) this.#disk.ended();
    const written = this.#unwritten.findIndex(({ entry }) => entry.end > end);
    for (const unwritten of this.#unwritten.splice(0, written < 0 ? this.#unwritten.length : written)) {
      this.#place(unwritten);
      unwritten.answer?.resolve();
    }
    this.#cursor.writtenEnd = end;
    for (const segment of [...this.#log.segments]) if (segment.isSealed) this.#removeIfDone(segment);
  }

  #place({ entry, isOffered, isSettled }: Unwritten): void {
    if (isSettled) return;
    const segment = this.#log.segments.findLast(({ start }) => start <= entry.position);
    if (segment === undefined) throw new Error("a record was written to no segment");
    if (isOffered) {
      entry.segment = segment;
      tally(segment.live, entry, 1);
    } else this.#reader.add(entry, segment);
  }

  /**
   * The disk takes nothing: what is not written is offered to the destination out of memory, as long as that keeps up, and acknowledged when it is
   * delivered. What is on disk stays, and is sent first: where there is a backlog, nothing is taken any more.
   */
  #onFailed(error: unknown): void {
    this.#disk.failed(error);
    for (const unwritten of [...this.#unwritten]) {
      if (unwritten.isOffered) continue;
      if (!this.#reader.isCaughtUp) {
        this.#abandon(unwritten, this.#disk.refusal(), "disk_full");
        continue;
      }
      unwritten.isOffered = true;
      this.backlog.add(unwritten.entry);
    }
    this.#forgetSettled();
  }

  /** Senders that wait for a destination which does not take their data either are told so. */
  #giveUpWaiting(): void {
    if (!this.#log.isPaused) return;
    const sinceMs = this.#surroundings.clock.monotonic() - longestWaitMs;
    for (const unwritten of [...this.#unwritten]) {
      if (unwritten.sinceMs > sinceMs || unwritten.answer === undefined) continue;
      this.#disk.isStalled = true;
      if (unwritten.entry.state === "waiting") {
        this.backlog.remove(unwritten.entry);
        this.#abandon(unwritten, this.#disk.refusal(), "disk_full");
      } else {
        unwritten.answer.reject(this.#disk.refusal());
        unwritten.answer = undefined;
      }
    }
    this.#forgetSettled();
  }

  /** A disk that hangs is no failure yet: what is being written stays, but nobody waits for it longer, and nothing more is taken. */
  #tellOfSlowDisk(): void {
    const sinceMs = this.#surroundings.clock.monotonic() - longestWaitMs;
    const [first] = this.#unwritten;
    if (first === undefined || first.sinceMs > sinceMs) return;
    this.#disk.hangs(longestWaitMs / 1000);
    for (const unwritten of this.#unwritten) {
      if (unwritten.sinceMs > sinceMs) break;
      unwritten.answer?.reject(this.#disk.refusal());
      unwritten.answer = undefined;
    }
  }

  /** Hands an unwritten record back to who brought it. */
  #abandon(unwritten: Unwritten, refusal: DeliveryError, reason: keyof typeof dropMessages): void {
    if (unwritten.isSettled) return;
    const { entry } = unwritten;
    unwritten.isSettled = true;
    this.#surroundings.accounting.dropped(reason, entry.items, dropMessages[reason]);
    tally(this.buffered, entry, -1);
    this.#log.makeVoid(entry.position);
    this.#log.settled(entry.position);
    unwritten.answer?.reject(refusal);
    unwritten.answer = undefined;
  }

  #forgetSettled(): void {
    if (!this.#log.isPaused) return;
    const first = this.#unwritten.findIndex(({ isSettled }) => !isSettled);
    this.#unwritten.splice(0, first < 0 ? this.#unwritten.length : first);
    this.#log.discardUnwritten(this.#unwritten[0]?.entry.position);
  }

  #isHeldUpByDisk(bytes: number): boolean {
    if (!this.#disk.isOn) return this.#disk.isStalled;
    const { budget } = this.#surroundings;
    const isTooMuch = this.#log.unwrittenBytes + bytes > mostUnwrittenBytes || budget.usedBytes + bytes > budget.limitBytes;
    return this.#disk.isStalled || isTooMuch || !this.#reader.isCaughtUp;
  }
}

interface Unwritten {
  readonly entry: DiskEntry;
  readonly sinceMs: number;
  /** The senders may take it already, out of memory. */
  isOffered: boolean;
  /** Delivered or dropped: it need not be written. */
  isSettled: boolean;
  answer: { resolve(): void; reject(error: DeliveryError): void } | undefined;
}

/** How long an append waits for a disk that takes nothing, or for delivery in its place. */
const longestWaitMs = 5000;
/** What may wait in memory for a disk that takes nothing. */
const mostUnwrittenBytes = 16 * 1024 * 1024;
const smallestCacheBytes = 8 * 1024 * 1024;
const largestCacheBytes = 32 * 1024 * 1024;

/** Room is made by whole segments, so that they are a small part of a queue; and a queue that keeps up deletes them before they reach the disk. */
function segmentBytesFor(maxBytes: number): number {
  const part = maxBytes > 0 ? Math.ceil(maxBytes / 16) : largestSegmentBytes;
  return Math.min(Math.max(part, smallestSegmentBytes), largestSegmentBytes);
}
const smallestSegmentBytes = 16 * 1024;
const largestSegmentBytes = 8 * 1024 * 1024;

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
