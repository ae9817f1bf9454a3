import { ByteArena } from "./byte-arena.ts";
import { hash32 } from "./hash.ts";
import { equalBytes, textOf } from "./utf8.ts";

const FREE = -1;

/**
 * Gives every distinct run of bytes a small number, counted from 0, and keeps one copy of it. Bounded by its user: `size` and
 * `byteLength` say how much it holds, `clear` empties it.
 *
 *   slots (open addressing, a power of two)   ends[id-1] .. ends[id] is the run in the arena
 *   | id or -1 | id or -1 | ...               hashes[id] is its hash
 */
export class InternTable {
  readonly #arena: ByteArena;
  #slots: Int32Array;
  #ends: Float64Array;
  #hashes: Uint32Array;
  size = 0;

  constructor(capacity = 64) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 8) * 2));
    this.#slots = new Int32Array(slots).fill(FREE);
    this.#ends = new Float64Array(slots / 2);
    this.#hashes = new Uint32Array(slots / 2);
    this.#arena = new ByteArena(slots * 16);
  }

  /** Bytes of all runs together. */
  get byteLength(): number {
    return this.#arena.length;
  }

  /** The number of this run, new or known. */
  intern(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    const hash = hash32(bytes, start, end);
    const slot = this.#slotOf(bytes, start, end, hash);
    const known = this.#slots[slot] as number;
    if (known !== FREE) return known;
    const id = this.size;
    if (id * 2 >= this.#slots.length) {
      this.#grow();
      return this.#add(this.#slotOf(bytes, start, end, hash), hash, bytes, start, end);
    }
    return this.#add(slot, hash, bytes, start, end);
  }

  /** The number of this run, or -1 where it is not known. */
  find(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    return this.#slots[this.#slotOf(bytes, start, end, hash32(bytes, start, end))] as number;
  }

  /** Where the run of a number begins in `bytes`. */
  startOf(id: number): number {
    return id === 0 ? 0 : (this.#ends[id - 1] as number);
  }

  endOf(id: number): number {
    return this.#ends[id] as number;
  }

  hashOf(id: number): number {
    return this.#hashes[id] as number;
  }

  /** The memory of all runs; replaced when it grows, so not to be kept across `intern`. */
  get bytes(): Uint8Array {
    return this.#arena.bytes;
  }

  textOf(id: number): string {
    return textOf(this.#arena.bytes, this.startOf(id), this.endOf(id));
  }

  /** Forgets all runs and numbers. */
  clear(): void {
    this.size = 0;
    this.#arena.clear();
    this.#slots.fill(FREE);
  }

  #add(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const id = this.size++;
    this.#arena.append(bytes, start, end);
    this.#ends[id] = this.#arena.length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id;
    return id;
  }

  #slotOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] as number;
      if (id === FREE) return slot;
      if (this.#hashes[id] === hash && equalBytes(this.#arena.bytes, this.startOf(id), this.endOf(id), bytes, start, end)) return slot;
    }
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(FREE);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = (this.#hashes[id] as number) & mask;
      while (slots[slot] !== FREE) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
    this.#ends = grown(this.#ends, new Float64Array(slots.length / 2));
    this.#hashes = grown(this.#hashes, new Uint32Array(slots.length / 2));
  }
}

function grown<Column extends Float64Array | Uint32Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
