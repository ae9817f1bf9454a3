import { MalformedInput } from "../../bytes/malformed-input.ts";
import { type LabelList, labelsText } from "./label-encoding.ts";
import { LabelPairs } from "./label-pairs.ts";
import { SlabArena } from "./slab-arena.ts";

/** No series: a row or mapping with this number stands for nothing. */
export const NO_SERIES = 0;

/** A series has at most so many labels; backends refuse far fewer. */
export const MAX_LABELS = 4096;
/** And so many bytes of them. */
const MAX_SERIES_BYTES = 256 * 1024;

/** What a series costs beside its list of pairs: columns, the block's header, its place in the index. */
const SERIES_BYTES = 40;

/**
 * Every label set that flows through the process, known by a small number and kept once, as a list of label pairs in the order of their names.
 *
 * Who keeps a number beyond a batch retains it (a scrape's cache, a relabelling cache). A number that nobody retains stays valid until every
 * batch that was open when it was last given out is closed; then it is taken back, watchers are told, and it is given to another series.
 */
export class SeriesTable {
  readonly pairs = new LabelPairs();
  readonly #arena = new SlabArena((id, address) => {
    this.#addresses[id] = address;
  });
  #slots = new Int32Array(1024);
  #addresses = new Uint32Array(512);
  #counts = new Uint16Array(512);
  /** Of the encoded labels. */
  #lengths = new Uint32Array(512);
  #hashes = new Uint32Array(512);
  #references = new Int32Array(512);
  #costs = new Uint32Array(512);
  /** The epoch in which the number was last given out without being retained. */
  #givenOut = new Uint32Array(512);
  #isWaiting = new Uint8Array(512);
  readonly #freeIds: number[] = [];
  #lastId = 0;
  #size = 0;

  // Numbers which nobody retains wait for two epochs: batches opened in the epoch when they were given out may still hold them.
  #epoch = 1;
  #openNow = 0;
  #openBefore = 0;
  #waitingNow: number[] = [];
  #waitingBefore: number[] = [];

  readonly #watchers = new Set<(id: number) => void>();
  readonly #scratch = new Uint32Array(MAX_LABELS);

  /** How many series are known. */
  get size(): number {
    return this.#size;
  }

  /** What the table takes of memory, roughly. */
  get byteLength(): number {
    return this.#arena.byteLength + this.pairs.byteLength + this.#addresses.length * 27 + this.#slots.length * 4;
  }

  /**
   * The number of a label set: `count` pairs of `this.pairs`, in the order of their names; `NO_SERIES` where there are none. Valid until the batches
   * that are open now are closed, unless retained.
   */
  intern(pairs: Uint32Array, count: number): number {
    if (count === 0) return NO_SERIES;
    let hash = count;
    for (let i = 0; i < count; i++) {
      hash = Math.imul(hash ^ this.pairs.hashOf(pairs[i] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash >>>= 0;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] as number;
      if (id === NO_SERIES) break;
      if (this.#hashes[id] === hash && this.#counts[id] === count && this.#has(id, pairs, count)) {
        if (this.#references[id] === 0) this.#wait(id);
        return id;
      }
    }
    return this.#add(hash, pairs, count);
  }

  /** The number of labels that are sorted and unique. */
  internLabels({ names, values }: LabelList): number {
    if (names.length > MAX_LABELS) throw tooMany(names.length);
    for (let i = 0; i < names.length; i++) this.#scratch[i] = this.pairs.internText(names[i] ?? "", values[i] ?? "");
    return this.intern(this.#scratch, names.length);
  }

  retain(id: number): void {
    this.#references[id] = (this.#references[id] as number) + 1;
  }

  release(id: number): void {
    const left = (this.#references[id] as number) - 1;
    if (left < 0) throw new Error(`series ${id} was released more often than it was retained`);
    this.#references[id] = left;
    if (left === 0) this.#wait(id);
  }

  /** A batch begins to hold numbers; the returned epoch goes to `closeBatch`. */
  openBatch(): number {
    this.#openNow++;
    return this.#epoch;
  }

  /** As `openBatch`, for a batch made of another that is still open: what protects its numbers protects these. */
  openDerivedBatch(epoch: number): number {
    if (epoch === this.#epoch) this.#openNow++;
    else this.#openBefore++;
    return epoch;
  }

  closeBatch(epoch: number): void {
    if (epoch === this.#epoch) this.#openNow--;
    else this.#openBefore--;
    this.collect();
  }

  /** Takes back what nobody retains or can still hold. Called with every batch; costs nothing where nothing waits. */
  collect(): void {
    while (this.#openBefore === 0 && (this.#waitingNow.length > 0 || this.#waitingBefore.length > 0)) {
      const waited = this.#waitingBefore;
      const closed = this.#epoch - 1;
      this.#waitingBefore = this.#waitingNow;
      this.#waitingNow = [];
      this.#openBefore = this.#openNow;
      this.#openNow = 0;
      this.#epoch++;
      for (const id of waited) this.#settle(id, closed);
    }
    this.pairs.collectFresh();
  }

  /** Calls back with each number that is taken back, so that what was derived from it can be forgotten. Returns how to stop. */
  watch(onTakenBack: (id: number) => void): () => void {
    this.#watchers.add(onTakenBack);
    return () => this.#watchers.delete(onTakenBack);
  }

  /** A hash of the labels that is the same in every process. */
  hashOf(id: number): number {
    return this.#hashes[id] as number;
  }

  /** Bytes of the encoded labels. */
  lengthOf(id: number): number {
    return this.#lengths[id] as number;
  }

  /** What one series costs, for budgets; who brought new labels pays for them, too. */
  costOf(id: number): number {
    return this.#costs[id] as number;
  }

  /** Labels of the series. */
  countOf(id: number): number {
    return this.#counts[id] as number;
  }

  /** The words in which the series' pairs lie, from `firstPairOf`; valid until the next call that adds or takes back series. */
  pairsOf(id: number): Int32Array {
    return this.#arena.wordsOf(this.#addresses[id] as number);
  }

  firstPairOf(id: number): number {
    return this.#arena.firstWord(this.#addresses[id] as number);
  }

  /** Copies the encoded labels to `target` at `at`; up to 3 bytes behind them are overwritten. Returns the position behind them. */
  copyTo(id: number, target: DataView, at: number): number {
    const address = this.#addresses[id] as number;
    const words = this.#arena.wordsOf(address);
    const first = this.#arena.firstWord(address);
    const { pairs } = this;
    const end = first + (this.#counts[id] as number);
    for (let word = first; word < end; word++) at = pairs.copyTo(words[word] as number, target, at);
    return at;
  }

  labelsOf(id: number): { names: string[]; values: string[] } {
    const words = this.pairsOf(id);
    const first = this.firstPairOf(id);
    const names: string[] = [];
    const values: string[] = [];
    for (let i = 0; i < (this.#counts[id] as number); i++) {
      const pair = words[first + i] as number;
      names.push(this.pairs.nameText(this.pairs.nameOf(pair)));
      values.push(this.pairs.valueText(pair));
    }
    return { names, values };
  }

  /** The value of one label; empty where the series has none of that name. */
  valueOf(id: number, name: string): string {
    const wanted = this.pairs.findName(name);
    if (wanted === 0) return "";
    const words = this.pairsOf(id);
    const first = this.firstPairOf(id);
    for (let i = 0; i < (this.#counts[id] as number); i++) {
      const pair = words[first + i] as number;
      if (this.pairs.nameOf(pair) === wanted) return this.pairs.valueText(pair);
    }
    return "";
  }

  textOf(id: number): string {
    return labelsText(this.labelsOf(id));
  }

  #has(id: number, pairs: Uint32Array, count: number): boolean {
    const words = this.pairsOf(id);
    const first = this.firstPairOf(id);
    for (let i = 0; i < count; i++) if (words[first + i] !== pairs[i]) return false;
    return true;
  }

  #add(hash: number, pairs: Uint32Array, count: number): number {
    if (count > MAX_LABELS) throw tooMany(count);
    let length = 0;
    for (let i = 0; i < count; i++) length += this.pairs.lengthOf(pairs[i] as number);
    if (length > MAX_SERIES_BYTES)
      throw new MalformedInput(`a series whose labels take ${length} bytes is longer than ${MAX_SERIES_BYTES}`);
    const id = this.#freeIds.pop() ?? ++this.#lastId;
    if (id >= this.#addresses.length) this.#growColumns();
    const address = this.#arena.take(id, count);
    const words = this.#arena.wordsOf(address);
    const first = this.#arena.firstWord(address);
    let cost = SERIES_BYTES + count * 4;
    for (let i = 0; i < count; i++) {
      const pair = pairs[i] as number;
      words[first + i] = pair;
      if (this.pairs.isFresh(pair)) cost += this.pairs.costOf(pair);
      this.pairs.retain(pair);
    }
    this.#addresses[id] = address;
    this.#counts[id] = count;
    this.#lengths[id] = length;
    this.#hashes[id] = hash;
    this.#references[id] = 0;
    this.#costs[id] = cost;
    if (++this.#size * 5 > this.#slots.length * 3) this.#growIndex();
    this.#link(id);
    this.#wait(id);
    return id;
  }

  #link(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[id] as number) & mask;
    while (this.#slots[slot] !== NO_SERIES) slot = (slot + 1) & mask;
    this.#slots[slot] = id;
  }

  #wait(id: number): void {
    this.#givenOut[id] = this.#epoch;
    if (this.#isWaiting[id] === 1) return;
    this.#isWaiting[id] = 1;
    this.#waitingNow.push(id);
  }

  /** Decides about a number that waited while all batches up to epoch `closed` were closed. */
  #settle(id: number, closed: number): void {
    if ((this.#references[id] as number) === 0 && (this.#givenOut[id] as number) > closed) {
      this.#waitingNow.push(id);
      return;
    }
    this.#isWaiting[id] = 0;
    if (this.#references[id] === 0) this.#takeBack(id);
  }

  #takeBack(id: number): void {
    for (const watcher of this.#watchers) watcher(id);
    this.#unlink(id);
    const address = this.#addresses[id] as number;
    const words = this.#arena.wordsOf(address);
    const first = this.#arena.firstWord(address);
    for (let i = 0; i < (this.#counts[id] as number); i++) this.pairs.release(words[first + i] as number);
    this.#arena.free(address);
    this.#freeIds.push(id);
    this.#size--;
  }

  /** Takes a number out of the index and closes the gap, so that probing still ends at the first free slot. */
  #unlink(id: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = (this.#hashes[id] as number) & mask;
    while (slots[gap] !== id) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; slots[slot] !== NO_SERIES; slot = (slot + 1) & mask) {
      const home = (this.#hashes[slots[slot] as number] as number) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot] as number;
      gap = slot;
    }
    slots[gap] = NO_SERIES;
  }

  #growIndex(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (const id of old) if (id !== NO_SERIES) this.#link(id);
  }

  #growColumns(): void {
    const capacity = this.#addresses.length * 2;
    this.#addresses = grown(this.#addresses, new Uint32Array(capacity));
    this.#counts = grown(this.#counts, new Uint16Array(capacity));
    this.#lengths = grown(this.#lengths, new Uint32Array(capacity));
    this.#hashes = grown(this.#hashes, new Uint32Array(capacity));
    this.#references = grown(this.#references, new Int32Array(capacity));
    this.#costs = grown(this.#costs, new Uint32Array(capacity));
    this.#givenOut = grown(this.#givenOut, new Uint32Array(capacity));
    this.#isWaiting = grown(this.#isWaiting, new Uint8Array(capacity));
  }
}

/** The table of this process; whoever makes batches from outside data interns their series here. */
export const processSeries = new SeriesTable();

function tooMany(count: number): MalformedInput {
  return new MalformedInput(`a series with ${count} labels has more than ${MAX_LABELS}`);
}

function grown<Column extends Uint32Array | Uint16Array | Int32Array | Uint8Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
