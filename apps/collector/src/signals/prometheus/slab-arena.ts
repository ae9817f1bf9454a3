/** Slabs are words of 32 bits; 1 MiB each. */
const SLAB_WORDS = 1 << 18;
const SLAB_SHIFT = 18;
const HEADER_WORDS = 2;
/** 2^32 words: the most that an address can name. */
const MAX_SLABS = 1 << (32 - SLAB_SHIFT);

/** Nobody's block. */
const NO_OWNER = 0;

interface Slab {
  readonly words: Int32Array;
  readonly bytes: Buffer;
  live: number;
}

/**
 * Memory in blocks of words, which know their owner, so that they can be moved together when much is freed.
 *
 *   slab:  | owner | words | block ... | owner | words | block ...        address = slab number << 18 | first word of the block
 *
 * A slab of which less than half is in use is emptied into the current one; the owner is told where its block went.
 */
export class SlabArena {
  readonly #slabs: (Slab | undefined)[] = [];
  readonly #onMoved: (owner: number, address: number) => void;
  #current: Slab | undefined;
  #currentNumber = -1;
  #used = SLAB_WORDS;

  constructor(onMoved: (owner: number, address: number) => void) {
    this.#onMoved = onMoved;
  }

  /** Memory taken, in bytes. */
  get byteLength(): number {
    let slabs = 0;
    for (const slab of this.#slabs) if (slab !== undefined) slabs++;
    return slabs * SLAB_WORDS * 4;
  }

  /** A new block of so many words, to be filled by the caller; owners are larger than 0. */
  take(owner: number, words: number): number {
    const needed = words + HEADER_WORDS;
    if (this.#used + needed > SLAB_WORDS) this.#openSlab();
    const slab = this.#current as Slab;
    const at = this.#used;
    slab.words[at] = owner;
    slab.words[at + 1] = words;
    slab.live += needed;
    this.#used = at + needed;
    return this.#currentNumber * SLAB_WORDS + at + HEADER_WORDS;
  }

  /** Gives a block back. */
  free(address: number): void {
    const number = address >>> SLAB_SHIFT;
    const slab = this.#slabs[number] as Slab;
    const at = (address & (SLAB_WORDS - 1)) - HEADER_WORDS;
    slab.words[at] = NO_OWNER;
    slab.live -= (slab.words[at + 1] as number) + HEADER_WORDS;
    if (slab !== this.#current && slab.live * 2 < SLAB_WORDS) this.#empty(number);
  }

  /** The words of the slab in which the block lies, from `firstWord`; valid until the next call that takes or frees. */
  wordsOf(address: number): Int32Array {
    return (this.#slabs[address >>> SLAB_SHIFT] as Slab).words;
  }

  /** As `wordsOf`, as bytes from four times `firstWord`. */
  bytesOf(address: number): Buffer {
    return (this.#slabs[address >>> SLAB_SHIFT] as Slab).bytes;
  }

  firstWord(address: number): number {
    return address & (SLAB_WORDS - 1);
  }

  #openSlab(): void {
    const full = this.#currentNumber;
    const free = this.#slabs.indexOf(undefined);
    const number = free < 0 ? this.#slabs.length : free;
    if (number >= MAX_SLABS) throw new Error("more label sets than can be addressed");
    const words = new Int32Array(SLAB_WORDS);
    this.#current = { words, bytes: Buffer.from(words.buffer), live: 0 };
    this.#slabs[number] = this.#current;
    this.#currentNumber = number;
    this.#used = 0;
    if (full >= 0 && (this.#slabs[full]?.live ?? SLAB_WORDS) * 2 < SLAB_WORDS) this.#empty(full);
  }

  #empty(number: number): void {
    const slab = this.#slabs[number] as Slab;
    const { words } = slab;
    for (let at = 0; slab.live > 0 && at < SLAB_WORDS; ) {
      const owner = words[at] as number;
      const size = words[at + 1] as number;
      if (owner !== NO_OWNER) {
        const address = this.take(owner, size);
        const target = this.wordsOf(address);
        const to = this.firstWord(address);
        for (let i = 0; i < size; i++) target[to + i] = words[at + HEADER_WORDS + i] as number;
        slab.live -= size + HEADER_WORDS;
        this.#onMoved(owner, address);
      }
      at += size + HEADER_WORDS;
    }
    this.#slabs[number] = undefined;
  }
}
