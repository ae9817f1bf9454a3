import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { Accounting } from "./accounting.ts";
import type { Backlog } from "./backlog.ts";
import type { Chunk } from "./chunk.ts";
import type { Cursor } from "./cursor-file.ts";
import type { DiskEntry } from "./disk-entry.ts";
import type { DiskLog } from "./disk-log.ts";
import type { FailureWatch } from "./failure-watch.ts";
import type { QueueFiles } from "./files.ts";
import { readPatiently } from "./patient-read.ts";
import { dropMessages } from "./refusal.ts";
import { type Segment, type Tally, tally } from "./segment.ts";
import {
  findRecord,
  largestGroupBytes,
  type RecordHeader,
  readRecordHeader,
  recordHeaderBytes,
  segmentHeaderBytes,
} from "./segment-format.ts";
import { walkSegment } from "./segment-walk.ts";

export interface BacklogReaderOptions {
  readonly log: DiskLog;
  readonly files: QueueFiles;
  readonly cursor: Cursor;
  readonly backlog: Backlog<DiskEntry>;
  readonly buffered: Tally;
  readonly accounting: Accounting;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly failures: FailureWatch;
  /** A segment may have become empty. */
  onEmptied(segment: Segment): void;
}

/**
 * Brings records from disk into the backlog, in order and only as many as the senders need soon. Memory stays bounded however long the queue is; while
 * there is more on disk than in the backlog, what is appended is left on disk too until the reader comes to it.
 */
export class BacklogReader {
  readonly #options: BacklogReaderOptions;
  /** All before is in the backlog, or settled. */
  #frontier = 0;
  #unindexed = 0;
  #isDiscovering: boolean;
  #discovery: Promise<void>;
  #fetching: Promise<void> = Promise.resolve();
  #isFetching = false;
  #isClosed = false;

  constructor(options: BacklogReaderOptions) {
    this.#options = options;
    const found = [...options.log.segments];
    this.#isDiscovering = found.length > 0;
    this.#discovery = this.#discover(found);
  }

  /** True until what an earlier process left is counted. */
  get isDiscovering(): boolean {
    return this.#isDiscovering;
  }

  /** True where the backlog holds all that is written. */
  get isCaughtUp(): boolean {
    return this.#unindexed === 0 && !this.#isDiscovering;
  }

  /** Adds a record that has just been written: to the backlog, or to what is read later. */
  add(entry: DiskEntry, segment: Segment): void {
    entry.segment = segment;
    tally(segment.live, entry, 1);
    segment.oldestMs = Math.min(segment.oldestMs, entry.timeMs);
    segment.newestMs = Math.max(segment.newestMs, entry.timeMs);
    const { backlog } = this.#options;
    if (this.isCaughtUp && backlog.waiting < mostWaiting) {
      backlog.add(entry);
      return;
    }
    if (this.isCaughtUp) this.#frontier = entry.position;
    tally(segment.unindexed, entry, 1);
    this.#unindexed++;
    if (backlog.waiting === 0) this.fetchMore();
  }

  fetchMore(): void {
    if (this.#isClosed || this.#isFetching || this.#unindexed === 0) return;
    this.#isFetching = true;
    this.#fetching = this.#fetch();
  }

  /** Drops all of a segment that the backlog does not hold yet; gives how much that was. */
  skip(segment: Segment, reason: keyof typeof dropMessages): Tally {
    const skipped = { ...segment.unindexed };
    if (skipped.records === 0) return skipped;
    const { accounting, buffered } = this.#options;
    for (const part of [segment.live, segment.unindexed, buffered]) {
      part.items -= skipped.items;
      part.bytes -= skipped.bytes;
      part.records -= skipped.records;
    }
    this.#unindexed -= skipped.records;
    accounting.dropped(reason, skipped.items, dropMessages[reason]);
    if (this.isCaughtUp) this.#options.backlog.wakeAll();
    return skipped;
  }

  /** The time of the oldest record on disk that the backlog does not hold. */
  oldestMs(): number | undefined {
    return this.#options.log.segments.find((segment) => segment.unindexed.records > 0)?.oldestMs;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#discovery;
    await this.#fetching;
  }

  /** Counts what an earlier process left. Only headers are read, and the counts of a segment appear at once. */
  async #discover(found: readonly Segment[]): Promise<void> {
    const { log } = this.#options;
    this.#frontier = found[0]?.start ?? 0;
    for (const segment of found) {
      if (this.#isClosed) return;
      if (segment.isRemoved) continue;
      try {
        await this.#count(segment);
        segment.isKnown = true;
        this.#options.onEmptied(segment);
        this.fetchMore();
      } catch (thrown) {
        this.#options.logger.error("a segment of a queue can't be read and is left where it is", {
          path: segment.path,
          error: String(thrown),
        });
        log.segments.splice(log.segments.indexOf(segment), 1);
      }
    }
    this.#isDiscovering = false;
    this.#options.backlog.wakeAll();
  }

  async #count(segment: Segment): Promise<void> {
    const { files, cursor, accounting, buffered, logger } = this.#options;
    const found: Tally = { items: 0, bytes: 0, records: 0 };
    let lostItems = 0;
    let lostBytes = 0;
    const file = await files.open(segment.path, "read");
    try {
      await walkSegment(file, segment, {
        record: (header, position) => {
          if (header.isVoid || position < (cursor.doneBelow[header.lane] ?? 0)) return;
          tally(found, { items: header.items, bytes: header.payloadBytes }, 1);
          segment.oldestMs = Math.min(segment.oldestMs, header.timeMs);
          segment.newestMs = Math.max(segment.newestMs, header.timeMs);
        },
        gap: (gap) => {
          lostItems += gap.items;
          lostBytes += gap.bytes;
        },
      });
    } finally {
      await file.close();
    }
    for (const part of [segment.live, segment.unindexed, buffered]) {
      part.items += found.items;
      part.bytes += found.bytes;
      part.records += found.records;
    }
    this.#unindexed += found.records;
    accounting.recovered(found.items + lostItems);
    if (lostBytes === 0) return;
    logger.error("a part of a queue on disk is damaged and lost", { path: segment.path, bytes: lostBytes, knownItems: lostItems });
    accounting.dropped("corrupted", lostItems, dropMessages.corrupted);
  }

  async #fetch(): Promise<void> {
    const { log, backlog } = this.#options;
    while (!this.#isClosed && this.#wantsMore()) {
      // One that is not counted yet comes first, whatever was appended since.
      const segment = log.segments.find(({ end, unindexed, isKnown }) => end > this.#frontier && (unindexed.records > 0 || !isKnown));
      if (segment === undefined || !segment.isKnown) break;
      const from = Math.max(this.#frontier, segment.start + segmentHeaderBytes);
      this.#frontier = from;
      const chunk = await this.#chunkAt(segment, from);
      const isWanted = !this.#isClosed && !segment.isRemoved && segment.unindexed.records > 0;
      if (chunk !== undefined) {
        if (isWanted) this.#frontier = this.#index(chunk, segment, from);
        log.unpin(chunk, false);
      }
      if (!isWanted) continue;
      // A whole segment was read, and records that were counted did not appear: they are damaged.
      if (chunk === undefined || this.#frontier >= segment.end) {
        this.#frontier = segment.end;
        if (this.skip(segment, "corrupted").records > 0) this.#options.onEmptied(segment);
      }
    }
    this.#isFetching = false;
    if (this.isCaughtUp) backlog.wakeAll();
  }

  #wantsMore(): boolean {
    const { backlog } = this.#options;
    if (this.#unindexed === 0) return false;
    return backlog.waitingBytes < enoughWaitingBytes || (backlog.isStarving && backlog.waiting < mostWaiting);
  }

  /** A piece of the log that begins with a whole record header and group, pinned; undefined where it can't be read for good. */
  async #chunkAt(segment: Segment, position: number): Promise<Chunk | undefined> {
    const length = Math.min(recordHeaderBytes + largestGroupBytes, segment.end - position);
    const { log } = this.#options;
    const inMemory = log.inMemory(position, length);
    if (inMemory !== undefined) log.pin(inMemory);
    const chunk = inMemory ?? (await readPatiently(segment, position, length, this.#options));
    // What was appended by this process lies in memory in whole records; a file may be shorter than it was.
    const isShort = chunk?.isFromDisk === true && chunk.origin + chunk.used - position < length;
    if (!isShort) return chunk;
    if (chunk !== undefined) log.unpin(chunk, false);
    return undefined;
  }

  /** Puts the records of a chunk into the backlog, from a position on; gives the position where to go on. */
  #index(chunk: Chunk, segment: Segment, from: number): number {
    const { bytes, origin } = chunk;
    const limit = Math.min(chunk.used, segment.end - origin);
    let at = from - origin;
    // Bounded by bytes, not by what is wanted: a chunk that is in memory is cheap to index.
    while (at + recordHeaderBytes <= limit) {
      const header = readRecordHeader(bytes, at, origin + at);
      if (header === undefined) {
        at = findRecord(bytes, at + 1, limit, origin) ?? Math.max(at + 1, limit - recordHeaderBytes + 1);
        continue;
      }
      if (origin + at + header.length > segment.end) return segment.end;
      const groupEnd = at + recordHeaderBytes + header.groupBytes;
      if (groupEnd > limit) break;
      this.#take(header, segment, origin + at, header.groupBytes === 0 ? "" : bytes.toString("utf8", at + recordHeaderBytes, groupEnd));
      at += header.length;
    }
    const next = origin + at;
    return segment.end - next < recordHeaderBytes ? segment.end : next;
  }

  #take(header: RecordHeader, segment: Segment, position: number, group: string): void {
    const { cursor, backlog } = this.#options;
    const { lane, items, timeMs, payloadBytes, length } = header;
    if (header.isVoid || position < (cursor.doneBelow[lane] ?? 0)) return;
    const entry: DiskEntry = {
      position,
      end: position + length,
      bytes: payloadBytes,
      items,
      timeMs,
      lane,
      group,
      state: "waiting",
      segment,
    };
    tally(segment.unindexed, entry, -1);
    this.#unindexed--;
    backlog.add(entry);
  }
}

/** More entries than this do not wait in memory: what a sender that is held up leaves behind must not keep the others from theirs. */
const mostWaiting = 16 * 1024;
/** What the backlog holds ready of a queue that is longer. */
const enoughWaitingBytes = 4 * 1024 * 1024;
