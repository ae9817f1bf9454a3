import { hash32 } from "../../bytes/hash.ts";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { equalBytes } from "../../bytes/utf8.ts";
import { type LabelPairs, labelsText, MAX_LABELS_BYTES, readLabels, writeLabels } from "./label-encoding.ts";

/** No series: a row or mapping with this number stands for nothing. */
export const NO_SERIES = 0;

const SLAB_BYTES = 1 << 20;
const BLOCK_HEADER = 8;
/** What a series costs beside its labels: columns and its place in the index. */
const COLUMN_BYTES = 28;

/**
 * Every label set that flows through the process, known by a small number and kept once in its encoded form.
 *
 * Who keeps a number beyond a batch retains it (a scrape's cache, a relabelling cache). A number that nobody retains stays valid until every
 * batch that was open when it was last given out is closed; then it is taken back, watchers are told, and it is given to another series.
 *
 *   slab (1 MiB):  | id | size | encoded labels, padded to 4 | id | size | ...      address = slab number << 20 | offset of the labels
 *
 * A slab of which less than half is still in use is emptied into the current one.
 */
export class SeriesTable {
  #slots = new Int32Array(1024);
  #addresses = new Uint32Array(512);
  #lengths = new Uint32Array(512);
  #hashes = new Uint32Array(512);
  #references = new Int32Array(512);
  /** The epoch in which the number was last given out without being retained. */
  #givenOut = new Uint32Array(512);
  readonly #freeIds: number[] = [];
  #lastId = 0;
  #size = 0;

  readonly #slabs: (Buffer | undefined)[] = [];
  readonly #liveBytes: number[] = [];
  #current = -1;
  #used = SLAB_BYTES;

  // Numbers which nobody retains wait for two epochs: batches opened in the epoch when they were given out may still hold them.
  #epoch = 1;
  #openNow = 0;
  #openBefore = 0;
  #waitingNow: number[] = [];
  #waitingBefore: number[] = [];
  #isWaiting = new Uint8Array(512);

  readonly #watchers = new Set<(id: number) => void>();
  readonly #writer = new ProtobufWriter(4096);

  /** How many series are known. */
  get size(): number {
    return this.#size;
  }

  /** What the table takes of memory, roughly. */
  get byteLength(): number {
    let slabs = 0;
    for (const slab of this.#slabs) if (slab !== undefined) slabs += SLAB_BYTES;
    return slabs + this.#addresses.length * 20 + this.#slots.length * 4;
  }

  /**
   * The number of an encoded label set, which is sorted and well formed; `NO_SERIES` where it has no label. Valid until the batches that are open
   * now are closed, unless retained.
   */
  intern(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > MAX_LABELS_BYTES) throw new MalformedInput(`labels of ${end - start} bytes are longer than ${MAX_LABELS_BYTES}`);
    if (end === start) return NO_SERIES;
    const hash = hash32(bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] as number;
      if (id === NO_SERIES) break;
      if (this.#hashes[id] === hash && this.#lengths[id] === end - start && this.#isAt(id, bytes, start, end)) {
        if (this.#references[id] === 0) this.#wait(id);
        return id;
      }
    }
    return this.#add(hash, bytes, start, end);
  }

  /** The number of labels that are sorted and unique. */
  internLabels(labels: LabelPairs): number {
    this.#writer.clear();
    writeLabels(this.#writer, labels);
    return this.intern(this.#writer.bytes, 0, this.#writer.length);
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
      if (this.#openBefore > 0) return;
    }
  }

  /** Calls back with each number that is taken back, so that what was derived from it can be forgotten. Returns how to stop. */
  watch(onTakenBack: (id: number) => void): () => void {
    this.#watchers.add(onTakenBack);
    return () => this.#watchers.delete(onTakenBack);
  }

  /** All numbers are at most this. */
  get lastId(): number {
    return this.#lastId;
  }

  /** A hash of the labels that is the same in every process. */
  hashOf(id: number): number {
    return this.#hashes[id] as number;
  }

  /** Bytes of the encoded labels. */
  lengthOf(id: number): number {
    return this.#lengths[id] as number;
  }

  /** What one series costs, for budgets. */
  costOf(id: number): number {
    return (this.#lengths[id] as number) + BLOCK_HEADER + COLUMN_BYTES;
  }

  /** The memory in which the encoded labels lie, from `offsetOf`; valid until the next call that adds or takes back series. */
  slabOf(id: number): Buffer {
    return this.#slabs[(this.#addresses[id] as number) >>> 20] as Buffer;
  }

  offsetOf(id: number): number {
    return (this.#addresses[id] as number) & (SLAB_BYTES - 1);
  }

  /** Copies the encoded labels to `target` at `at`, where there is room; returns the position behind them. */
  copyTo(id: number, target: Buffer, at: number): number {
    const address = this.#addresses[id] as number;
    const offset = address & (SLAB_BYTES - 1);
    const length = this.#lengths[id] as number;
    (this.#slabs[address >>> 20] as Buffer).copy(target, at, offset, offset + length);
    return at + length;
  }

  labelsOf(id: number): { names: string[]; values: string[] } {
    const offset = this.offsetOf(id);
    return readLabels(this.slabOf(id), offset, offset + this.lengthOf(id));
  }

  textOf(id: number): string {
    return labelsText(this.labelsOf(id));
  }

  #isAt(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const address = this.#addresses[id] as number;
    const offset = address & (SLAB_BYTES - 1);
    return equalBytes(this.#slabs[address >>> 20] as Buffer, offset, offset + (end - start), bytes, start, end);
  }

  #add(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const id = this.#freeIds.pop() ?? ++this.#lastId;
    if (id >= this.#addresses.length) this.#growColumns();
    this.#addresses[id] = this.#store(id, bytes, start, end);
    this.#lengths[id] = end - start;
    this.#hashes[id] = hash;
    this.#references[id] = 0;
    if (++this.#size * 5 > this.#slots.length * 3) this.#growIndex();
    this.#link(id, this.#slots);
    this.#wait(id);
    return id;
  }

  #link(id: number, slots: Int32Array): void {
    const mask = slots.length - 1;
    let slot = (this.#hashes[id] as number) & mask;
    while (slots[slot] !== NO_SERIES) slot = (slot + 1) & mask;
    slots[slot] = id;
  }

  #store(id: number, bytes: Uint8Array, start: number, end: number): number {
    const size = blockSize(end - start);
    if (this.#used + size > SLAB_BYTES) this.#openSlab();
    const slab = this.#slabs[this.#current] as Buffer;
    const at = this.#used;
    slab.writeUInt32LE(id, at);
    slab.writeUInt32LE(end - start, at + 4);
    slab.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at + BLOCK_HEADER);
    this.#used += size;
    this.#liveBytes[this.#current] = (this.#liveBytes[this.#current] as number) + size;
    return this.#current * SLAB_BYTES + at + BLOCK_HEADER;
  }

  #openSlab(): void {
    const full = this.#current;
    const free = this.#slabs.indexOf(undefined);
    this.#current = free < 0 ? this.#slabs.length : free;
    if (this.#current >= 4096) throw new MalformedInput("more than 4 GiB of labels: the number of series is out of bounds");
    this.#slabs[this.#current] = Buffer.alloc(SLAB_BYTES);
    this.#liveBytes[this.#current] = 0;
    this.#used = 0;
    if (full >= 0 && (this.#liveBytes[full] as number) * 2 < SLAB_BYTES) this.#emptySlab(full);
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
    const slab = (this.#addresses[id] as number) >>> 20;
    // The block's number is wiped, so that a walk over the slab does not take it for another series that got the number.
    (this.#slabs[slab] as Buffer).writeUInt32LE(NO_SERIES, this.offsetOf(id) - BLOCK_HEADER);
    const live = (this.#liveBytes[slab] as number) - blockSize(this.#lengths[id] as number);
    this.#liveBytes[slab] = live;
    this.#freeIds.push(id);
    this.#size--;
    if (slab !== this.#current && live * 2 < SLAB_BYTES) this.#emptySlab(slab);
  }

  #emptySlab(number: number): void {
    const slab = this.#slabs[number] as Buffer;
    if ((this.#liveBytes[number] as number) > 0) {
      for (let at = 0; at + BLOCK_HEADER <= SLAB_BYTES; ) {
        const id = slab.readUInt32LE(at);
        const length = slab.readUInt32LE(at + 4);
        if (length === 0) break;
        const start = at + BLOCK_HEADER;
        if (id !== NO_SERIES) this.#addresses[id] = this.#store(id, slab, start, start + length);
        at += blockSize(length);
      }
    }
    this.#slabs[number] = undefined;
    this.#liveBytes[number] = 0;
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
    const slots = new Int32Array(this.#slots.length * 2);
    for (const id of this.#slots) if (id !== NO_SERIES) this.#link(id, slots);
    this.#slots = slots;
  }

  #growColumns(): void {
    const capacity = this.#addresses.length * 2;
    this.#addresses = grown(this.#addresses, new Uint32Array(capacity));
    this.#lengths = grown(this.#lengths, new Uint32Array(capacity));
    this.#hashes = grown(this.#hashes, new Uint32Array(capacity));
    this.#references = grown(this.#references, new Int32Array(capacity));
    this.#givenOut = grown(this.#givenOut, new Uint32Array(capacity));
    this.#isWaiting = grown(this.#isWaiting, new Uint8Array(capacity));
  }
}

/** The table of this process; whoever makes batches from outside data interns their series here. */
export const processSeries = new SeriesTable();

function blockSize(length: number): number {
  return BLOCK_HEADER + ((length + 3) & ~3);
}

function grown<Column extends Uint32Array | Int32Array | Uint8Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
