import { combineHashes, hash32, hashNumber } from "../../bytes/hash.ts";
import { equalBytes } from "../../bytes/utf8.ts";

/** No key: also what `find` says where it knows none. */
export const NO_KEY = 0;

/** What a key costs beside its bytes. */
const KEY_BYTES = 28;

/**
 * Numbers for keys, each of which is a run of bytes and two numbers of other things that it belongs to. A number that is removed is given out again.
 *
 *   bytes: | key of 1 | key of 2 | gap | ...        moved together when the gaps are half of it
 */
export class ByteKeys {
  bytes: Buffer = Buffer.allocUnsafeSlow(1024);
  start = new Uint32Array(32);
  end = new Uint32Array(32);
  /** The two numbers. */
  first = new Uint32Array(32);
  second = new Uint32Array(32);
  #hashes = new Uint32Array(32);
  #isLive = new Uint8Array(32);
  #slots = new Uint32Array(64);
  #used = 0;
  #dead = 0;
  readonly #free: number[] = [];
  /** No number is larger. */
  last = 0;
  size = 0;
  /** What all keys together cost. */
  cost = 0;

  find(first: number, second: number, bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(first, second, bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const key = slots[slot] as number;
      if (key === NO_KEY) return NO_KEY;
      if (
        this.#hashes[key] === hash &&
        this.first[key] === first &&
        this.second[key] === second &&
        equalBytes(this.bytes, this.start[key] as number, this.end[key] as number, bytes, start, end)
      )
        return key;
    }
  }

  /** Adds a key that is not known; its bytes are copied. */
  add(first: number, second: number, bytes: Uint8Array, start: number, end: number): number {
    const key = this.#free.pop() ?? ++this.last;
    if (key >= this.start.length) this.#growColumns();
    const length = end - start;
    if (this.#used + length > this.bytes.length) this.#makeRoom(length);
    this.bytes.set(bytes.subarray(start, end), this.#used);
    this.start[key] = this.#used;
    this.#used += length;
    this.end[key] = this.#used;
    this.first[key] = first;
    this.second[key] = second;
    this.#hashes[key] = hashOf(first, second, bytes, start, end);
    this.#isLive[key] = 1;
    this.cost += length + KEY_BYTES;
    if (++this.size * 5 > this.#slots.length * 3) this.#growIndex();
    else this.#link(key);
    return key;
  }

  isLive(key: number): boolean {
    return this.#isLive[key] === 1;
  }

  remove(key: number): void {
    this.#unlink(key);
    this.#isLive[key] = 0;
    const length = (this.end[key] as number) - (this.start[key] as number);
    this.#dead += length;
    this.cost -= length + KEY_BYTES;
    this.#free.push(key);
    this.size--;
  }

  #makeRoom(length: number): void {
    let capacity = this.bytes.length;
    while (this.#used - this.#dead + length > capacity) capacity *= 2;
    // Half empty at least, so that it is not done again soon.
    if (this.#used - this.#dead + length > capacity / 2) capacity *= 2;
    const bytes = Buffer.allocUnsafeSlow(capacity);
    let used = 0;
    for (let key = 1; key <= this.last; key++) {
      if (this.#isLive[key] === 0 || key >= this.start.length) continue;
      const [start, end] = [this.start[key] as number, this.end[key] as number];
      bytes.set(this.bytes.subarray(start, end), used);
      this.start[key] = used;
      used += end - start;
      this.end[key] = used;
    }
    this.bytes = bytes;
    this.#used = used;
    this.#dead = 0;
  }

  #link(key: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[key] as number) & mask;
    while (this.#slots[slot] !== NO_KEY) slot = (slot + 1) & mask;
    this.#slots[slot] = key;
  }

  /** Closes the gap, so that probing still ends at the first free slot. */
  #unlink(key: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = (this.#hashes[key] as number) & mask;
    while (slots[gap] !== key) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; slots[slot] !== NO_KEY; slot = (slot + 1) & mask) {
      const home = (this.#hashes[slots[slot] as number] as number) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot] as number;
      gap = slot;
    }
    slots[gap] = NO_KEY;
  }

  #growIndex(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let key = 1; key <= this.last; key++) if (this.#isLive[key] === 1) this.#link(key);
  }

  #growColumns(): void {
    const capacity = this.start.length * 2;
    const grown = (old: Uint32Array<ArrayBuffer>) => {
      const larger = new Uint32Array(capacity);
      larger.set(old);
      return larger;
    };
    this.start = grown(this.start);
    this.end = grown(this.end);
    this.first = grown(this.first);
    this.second = grown(this.second);
    this.#hashes = grown(this.#hashes);
    const isLive = new Uint8Array(capacity);
    isLive.set(this.#isLive);
    this.#isLive = isLive;
  }
}

function hashOf(first: number, second: number, bytes: Uint8Array, start: number, end: number): number {
  return hash32(bytes, start, end, combineHashes(hashNumber(first), second));
}
