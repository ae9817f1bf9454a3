import { hash32 } from "../bytes/hash.ts";
import { equalBytes } from "../bytes/utf8.ts";
import type { Budget } from "../delivery/budget.ts";
import type { SeriesTable } from "../signals/prometheus/series-table.ts";

/** No entry; also the place before the first series of a scrape. */
export const NO_ENTRY = 0;

const FIRST_WORDS = 1024;
const FIRST_ENTRIES = 64;
/** What a row takes of the seven columns. */
const ROW_BYTES = 28;

/**
 * What one target exposed in its last scrapes: the bytes by which it names a series, the series' number in the process's table, and which series
 * followed, since targets expose in the same order again and again. Entries are numbers; the columns below tell about them.
 *
 *   keys: little-endian words, each key padded to whole words, from `firstWord` on
 */
export class SeriesCache {
  readonly table: SeriesTable;
  readonly #budget: Budget | undefined;
  #charged = 0;
  /** Part of it: what the arrays have grown by, used or not. */
  #chargedArrays = 0;

  /** The words of all keys; replaced when it grows. */
  words = new Int32Array(FIRST_WORDS);
  #keyBytes = new Uint8Array(this.words.buffer);
  #wordCount = 0;
  #deadWords = 0;

  firstWord = new Uint32Array(FIRST_ENTRIES);
  keyLength = new Uint32Array(FIRST_ENTRIES);
  /** The series' number; retained as long as the entry lives. */
  series = new Uint32Array(FIRST_ENTRIES);
  /** The entry that followed in the last scrape. */
  following = new Uint32Array(FIRST_ENTRIES);
  #hashes = new Uint32Array(FIRST_ENTRIES);
  /** The scrape in which the entry was seen last. */
  #seenIn = new Uint32Array(FIRST_ENTRIES);
  /** The last scrape after which the entry's absence means that the series has ended. */
  #trackedIn = new Uint32Array(FIRST_ENTRIES);
  #slots = new Uint32Array(2 * FIRST_ENTRIES);
  #lastEntry = 0;
  readonly #free: number[] = [];

  size = 0;
  // Nothing was seen or tracked in scrape 0.
  #scrape = 2;
  #seen = 0;
  #tracked = 0;
  #trackedBefore = 0;
  #sizeAtLastSuccess = 0;
  /** How often growth under failing scrapes emptied the cache. */
  flushes = 0;

  constructor(table: SeriesTable, budget?: Budget) {
    this.table = table;
    this.#budget = budget;
  }

  /** The entry of a key, or `NO_ENTRY`. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = hash32(bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] as number;
      if (entry === NO_ENTRY || (this.#hashes[entry] === hash && this.#isKey(entry, bytes, start, end))) return entry;
    }
  }

  /** Remembers a key that is not known yet, and retains its series. */
  add(bytes: Uint8Array, start: number, end: number, series: number): number {
    const entry = this.#free.pop() ?? ++this.#lastEntry;
    if (entry >= this.series.length) this.#growColumns();
    const length = end - start;
    const words = (length + 3) >> 2;
    if (this.#wordCount + words > this.words.length) this.#makeRoom(words);
    this.#keyBytes.set(bytes.subarray(start, end), this.#wordCount * 4);
    this.firstWord[entry] = this.#wordCount;
    this.keyLength[entry] = length;
    this.#wordCount += words;
    this.series[entry] = series;
    this.table.retain(series);
    this.following[entry] = NO_ENTRY;
    this.#hashes[entry] = hash32(bytes, start, end);
    this.#seenIn[entry] = 0;
    this.#trackedIn[entry] = 0;
    this.size++;
    if (this.size * 5 > this.#slots.length * 3) this.#growIndex();
    else this.#link(entry);
    this.#charge(this.table.costOf(series));
    return entry;
  }

  /** Notes that the entry is exposed in this scrape; false where it was noted before. */
  see(entry: number): boolean {
    if (this.#seenIn[entry] === this.#scrape) return false;
    this.#seenIn[entry] = this.#scrape;
    this.#seen++;
    return true;
  }

  /**
   * Ends a scrape that succeeded. Of the entries in `tracked`, absence in a later scrape means that the series has ended; returned are the
   * series that have. Entries that this scrape did not see are forgotten: the returned numbers hold until the batches open now are closed.
   */
  succeed(tracked: readonly number[]): number[] {
    let stillTracked = 0;
    for (const entry of tracked) {
      const before = this.#trackedIn[entry] as number;
      if (before === this.#scrape) continue;
      if (before === this.#scrape - 1) stillTracked++;
      this.#trackedIn[entry] = this.#scrape;
      this.#tracked++;
    }
    const ended = stillTracked === this.#trackedBefore ? [] : this.#ended(tracked);
    if (this.#seen < this.size) this.#forgetUnseen();
    this.#sizeAtLastSuccess = this.size;
    this.#nextScrape(this.#tracked);
    return ended;
  }

  /** Ends a scrape that failed: all series that were exposed before have ended for now. */
  fail(): number[] {
    const ended = this.#trackedBefore === 0 ? [] : this.#ended([]);
    // Series that come with each failing scrape anew would add up.
    if (this.size > this.#sizeAtLastSuccess * 2 + 1000) {
      this.#forgetUnseen();
      this.flushes++;
    }
    this.#nextScrape(0);
    return ended;
  }

  /** The series which would be ended by a scrape that exposes nothing. */
  alive(): Set<number> {
    const alive = new Set<number>();
    for (let entry = 1; entry <= this.#lastEntry; entry++)
      if (this.#trackedIn[entry] === this.#scrape - 1 && this.keyLength[entry] !== 0) alive.add(this.series[entry] as number);
    return alive;
  }

  /** Releases everything; the cache is empty as if new. */
  clear(): void {
    for (let entry = 1; entry <= this.#lastEntry; entry++)
      if (this.keyLength[entry] !== 0) this.table.release(this.series[entry] as number);
    this.#lastEntry = 0;
    this.#free.length = 0;
    this.words = new Int32Array(FIRST_WORDS);
    this.#keyBytes = new Uint8Array(this.words.buffer);
    this.#resizeColumns(FIRST_ENTRIES);
    this.#slots = new Uint32Array(2 * FIRST_ENTRIES);
    this.#wordCount = 0;
    this.#deadWords = 0;
    this.size = 0;
    this.#charge(-this.#charged);
    this.#chargedArrays = 0;
    this.#sizeAtLastSuccess = 0;
    this.#nextScrape(0);
  }

  #nextScrape(tracked: number): void {
    this.#scrape++;
    this.#trackedBefore = tracked;
    this.#tracked = 0;
    this.#seen = 0;
  }

  #ended(tracked: readonly number[]): number[] {
    // One series may have been exposed under another spelling this time.
    const exposed = new Set<number>();
    for (const entry of tracked) exposed.add(this.series[entry] as number);
    const ended = new Set<number>();
    for (let entry = 1; entry <= this.#lastEntry; entry++) {
      if (this.#trackedIn[entry] !== this.#scrape - 1 || this.keyLength[entry] === 0) continue;
      const series = this.series[entry] as number;
      if (!exposed.has(series)) ended.add(series);
    }
    return [...ended];
  }

  #forgetUnseen(): void {
    for (let entry = 1; entry <= this.#lastEntry; entry++) {
      if (this.#seenIn[entry] === this.#scrape || this.keyLength[entry] === 0) continue;
      this.#unlink(entry);
      const length = this.keyLength[entry] as number;
      const series = this.series[entry] as number;
      this.#charge(-this.table.costOf(series));
      this.table.release(series);
      this.#deadWords += (length + 3) >> 2;
      this.keyLength[entry] = 0;
      this.#trackedIn[entry] = 0;
      this.#free.push(entry);
      this.size--;
    }
    if (this.#deadWords * 2 > this.#wordCount) this.#moveKeys(this.words.length);
  }

  #isKey(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = (this.firstWord[entry] as number) * 4;
    return equalBytes(this.#keyBytes, from, from + (this.keyLength[entry] as number), bytes, start, end);
  }

  #charge(bytes: number): void {
    this.#charged += bytes;
    if (bytes > 0) this.#budget?.take(bytes);
    else this.#budget?.release(-bytes);
  }

  /** The budget pays for the arrays as they are, not as far as they are filled. */
  #chargeArrays(): void {
    const grown =
      (this.words.length - FIRST_WORDS) * 4 +
      (this.series.length - FIRST_ENTRIES) * ROW_BYTES +
      (this.#slots.length - 2 * FIRST_ENTRIES) * 4;
    this.#charge(grown - this.#chargedArrays);
    this.#chargedArrays = grown;
  }

  #makeRoom(words: number): void {
    let capacity = this.words.length;
    while (this.#wordCount - this.#deadWords + words > capacity) capacity += capacity >> 1;
    this.#moveKeys(capacity);
    this.#chargeArrays();
  }

  /** Moves the keys of all entries together into memory of `capacity` words. */
  #moveKeys(capacity: number): void {
    const words = new Int32Array(capacity);
    let count = 0;
    for (let entry = 1; entry <= this.#lastEntry; entry++) {
      const length = ((this.keyLength[entry] as number) + 3) >> 2;
      const first = this.firstWord[entry] as number;
      words.set(this.words.subarray(first, first + length), count);
      this.firstWord[entry] = count;
      count += length;
    }
    this.words = words;
    this.#keyBytes = new Uint8Array(words.buffer);
    this.#wordCount = count;
    this.#deadWords = 0;
  }

  #link(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[entry] as number) & mask;
    while (this.#slots[slot] !== NO_ENTRY) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  /** Takes an entry out of the index and closes the gap, so that probing still ends at the first free slot. */
  #unlink(entry: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = (this.#hashes[entry] as number) & mask;
    while (slots[gap] !== entry) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; slots[slot] !== NO_ENTRY; slot = (slot + 1) & mask) {
      const home = (this.#hashes[slots[slot] as number] as number) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot] as number;
      gap = slot;
    }
    slots[gap] = NO_ENTRY;
  }

  #growIndex(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let entry = 1; entry <= this.#lastEntry; entry++) if (this.keyLength[entry] !== 0) this.#link(entry);
    this.#chargeArrays();
  }

  #growColumns(): void {
    this.#resizeColumns(this.series.length * 2);
    this.#chargeArrays();
  }

  #resizeColumns(capacity: number): void {
    const resized = (old: Uint32Array<ArrayBuffer>) => {
      const column = new Uint32Array(capacity);
      column.set(old.length > capacity ? old.subarray(0, capacity) : old);
      return column;
    };
    this.firstWord = resized(this.firstWord);
    this.keyLength = resized(this.keyLength);
    this.series = resized(this.series);
    this.following = resized(this.following);
    this.#hashes = resized(this.#hashes);
    this.#seenIn = resized(this.#seenIn);
    this.#trackedIn = resized(this.#trackedIn);
  }
}
