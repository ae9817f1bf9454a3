import { CompressionError } from "./error.ts";

/*
 * LZMA2: chunks of
 *   0                               the end
 *   1, 2   size - 1 (2)             bytes as they are; 1: nothing from before is referred to any more
 *   0x80.. size - 1 (2 and 5 bits of the control byte)  packed size - 1 (2)  [properties (1)]  LZMA
 * Bits 5 and 6 of the control byte: 1 and above begins with fresh probabilities, 2 and above with new properties, 3 with an empty dictionary.
 * What is unpacked is the dictionary itself.
 */

// Where the probabilities of each kind of decision stand.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + 192;
const IS_REP0 = IS_REP + 12;
const IS_REP1 = IS_REP0 + 12;
const IS_REP2 = IS_REP1 + 12;
const IS_REP0_LONG = IS_REP2 + 12;
const POS_SLOT = IS_REP0_LONG + 192;
const POS_SPECIAL = POS_SLOT + 256;
const POS_ALIGN = POS_SPECIAL + 128;
const MATCH_LENGTH = POS_ALIGN + 16;
const REP_LENGTH = MATCH_LENGTH + 514;
const LITERAL = REP_LENGTH + 514;
// Of lengths: two choices, then 16 trees of 8, 16 of 8, and one of 256.
const LOW = 2;
const MIDDLE = LOW + 128;
const HIGH = MIDDLE + 128;

const MOST_LITERALS = 0x300 << 4;
const HALF = 1024;

/** Unpacks LZMA2 data of one block after the other into `bytes`. Throws `CompressionError`. */
export class Lzma2Decoder {
  readonly #in: Uint8Array;
  readonly #maxBytes: number;
  readonly #probabilities = new Uint16Array(LITERAL + MOST_LITERALS);
  #out = new Uint8Array(1024);
  #length = 0;
  /** Where the dictionary begins. */
  #oldest = 0;
  #at = 0;
  #end = 0;
  #range = 0;
  #code = 0;
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];
  #literalContextBits = 0;
  #literalPositionMask = 0;
  #positionMask = 0;

  constructor(data: Uint8Array, maxBytes: number) {
    this.#in = data;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array {
    return this.#out.subarray(0, this.#length);
  }

  /** Unpacks what begins at `start`; returns where it ends. */
  decode(start: number): number {
    this.#at = start;
    this.#end = this.#in.length;
    for (;;) {
      const control = this.#byte();
      if (control === 0) return this.#at;
      if (control === 1 || control === 0xe0 || control > 0xe0) this.#oldest = this.#length;
      if (control < 0x80) this.#stored(control);
      else this.#packed(control);
    }
  }

  #stored(control: number): void {
    if (control > 2) throw damaged();
    const size = this.#number() + 1;
    this.#room(size);
    if (this.#at + size > this.#end) throw tooShort();
    this.#out.set(this.#in.subarray(this.#at, this.#at + size), this.#length);
    this.#at += size;
    this.#length += size;
  }

  #packed(control: number): void {
    const size = ((control & 0x1f) << 16) + this.#number() + 1;
    const end = this.#number() + 1;
    const fresh = (control >> 5) & 3;
    if (fresh >= 2) this.#properties(this.#byte());
    if (fresh >= 1) this.#reset();
    if (this.#at + end > this.#in.length) throw tooShort();
    this.#end = this.#at + end;
    this.#room(size);
    this.#lzma(this.#length + size);
    if (this.#at !== this.#end) throw damaged();
    this.#end = this.#in.length;
  }

  #properties(byte: number): void {
    if (byte >= 9 * 5 * 5) throw damaged();
    const literalPositionBits = Math.floor(byte / 9) % 5;
    this.#literalContextBits = byte % 9;
    this.#literalPositionMask = (1 << literalPositionBits) - 1;
    this.#positionMask = (1 << Math.floor(byte / 45)) - 1;
    if (this.#literalContextBits + literalPositionBits > 4) throw damaged();
  }

  #reset(): void {
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
    this.#probabilities.fill(HALF);
  }

  #lzma(until: number): void {
    if (this.#byte() !== 0) throw damaged();
    this.#code = ((this.#byte() << 24) | (this.#byte() << 16) | (this.#byte() << 8) | this.#byte()) >>> 0;
    this.#range = 0xffffffff;
    while (this.#length < until) {
      const position = this.#length & this.#positionMask;
      const state = this.#state;
      if (this.#bit(IS_MATCH + (state << 4) + position) === 0) {
        this.#literal();
        continue;
      }
      let length: number;
      if (this.#bit(IS_REP + state) === 0) length = this.#match(position);
      else {
        const repeated = this.#repeat(position);
        if (repeated === 1) {
          this.#copy(1, until);
          continue;
        }
        length = repeated;
      }
      this.#copy(length, until);
    }
    this.#normalize();
  }

  #literal(): void {
    const before = this.#length > this.#oldest ? (this.#out[this.#length - 1] as number) : 0;
    const context = ((this.#length & this.#literalPositionMask) << this.#literalContextBits) + (before >> (8 - this.#literalContextBits));
    const base = LITERAL + 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let match = this.#out[this.#length - this.#reps[0] - 1] as number;
      while (symbol < 0x100) {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.#bit(base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(base + symbol);
    this.#out[this.#length++] = symbol & 0xff;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** A new distance; returns the length. */
  #match(position: number): number {
    const [first, second, third] = this.#reps;
    const length = this.#lengthAt(MATCH_LENGTH, position);
    this.#state = this.#state < 7 ? 7 : 10;
    this.#reps = [this.#distance(length), first, second, third];
    return length + 2;
  }

  /** One of the last four distances; returns the length, 1 for a single byte. */
  #repeat(position: number): number {
    const state = this.#state;
    const [first, second, third, fourth] = this.#reps;
    if (this.#bit(IS_REP0 + state) === 0) {
      if (this.#bit(IS_REP0_LONG + (state << 4) + position) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else if (this.#bit(IS_REP1 + state) === 0) this.#reps = [second, first, third, fourth];
    else if (this.#bit(IS_REP2 + state) === 0) this.#reps = [third, first, second, fourth];
    else this.#reps = [fourth, first, second, third];
    const length = this.#lengthAt(REP_LENGTH, position);
    this.#state = state < 7 ? 8 : 11;
    return length + 2;
  }

  #lengthAt(base: number, position: number): number {
    if (this.#bit(base) === 0) return this.#tree(base + LOW + (position << 3), 3);
    if (this.#bit(base + 1) === 0) return 8 + this.#tree(base + MIDDLE + (position << 3), 3);
    return 16 + this.#tree(base + HIGH, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(POS_SLOT + (Math.min(length, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const distance = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return distance + this.#reverseTree(POS_SPECIAL + distance - slot, bits);
    return distance + this.#direct(bits - 4) * 16 + this.#reverseTree(POS_ALIGN, 4);
  }

  #copy(length: number, until: number): void {
    const from = this.#length - this.#reps[0] - 1;
    if (from < this.#oldest || this.#length + length > until) throw damaged();
    // Byte by byte: it may repeat what it has just written.
    for (let i = 0; i < length; i++) this.#out[this.#length + i] = this.#out[from + i] as number;
    this.#length += length;
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.#bit(base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(base: number, bits: number): number {
    let node = 1;
    let symbol = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(base + node);
      node = (node << 1) | bit;
      symbol |= bit << i;
    }
    return symbol;
  }

  #direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.#normalize();
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
    }
    return value;
  }

  #bit(at: number): 0 | 1 {
    this.#normalize();
    const probability = this.#probabilities[at] as number;
    const bound = (this.#range >>> 11) * probability;
    if (this.#code < bound) {
      this.#range = bound;
      this.#probabilities[at] = probability + ((2048 - probability) >> 5);
      return 0;
    }
    this.#range -= bound;
    this.#code -= bound;
    this.#probabilities[at] = probability - (probability >> 5);
    return 1;
  }

  #normalize(): void {
    if (this.#range >= 0x1000000) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw tooShort();
    return this.#in[this.#at++] as number;
  }

  #number(): number {
    return this.#byte() * 256 + this.#byte();
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#maxBytes) throw new CompressionError("too_large", `xz: unpacks to more than ${this.#maxBytes} bytes`);
    if (needed <= this.#out.length) return;
    const larger = new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, this.#out.length * 2)));
    larger.set(this.bytes);
    this.#out = larger;
  }
}

function damaged(): CompressionError {
  return new CompressionError("corrupt", "xz: the data are damaged");
}

function tooShort(): CompressionError {
  return new CompressionError("corrupt", "xz: the data end too soon");
}
