import { hash32 } from "../../bytes/hash.ts";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { equalBytes, textOf } from "../../bytes/utf8.ts";
import { varintSize, writeVarint } from "../../bytes/varint.ts";
import { SlabArena } from "./slab-arena.ts";

/** Longer names and values are refused wherever they come from; backends refuse far shorter ones. */
export const MAX_LABEL_BYTES = 64 * 1024;

/** What a pair costs beside its bytes: columns, the index, its text. */
const PAIR_BYTES = 56;

/**
 * Every label, that is name and value together, by a small number. Series share most of theirs, so that a series is a short list of numbers. Each pair
 * is kept as it goes into remote-write requests:
 *
 *   0x0a | length | 0x0a | name length | name | 0x12 | value length | value
 *
 * A pair is forgotten with the last series that has it.
 */
export class LabelPairs {
  readonly #arena = new SlabArena((pair, address) => {
    this.#addresses[pair] = address;
  });
  #slots = new Int32Array(256);
  #addresses = new Uint32Array(128);
  /** Of the encoded pair. */
  #lengths = new Uint32Array(128);
  /** Where name and value begin within the encoded pair; the name ends where the value's tag stands. */
  #nameStarts = new Uint8Array(128);
  #valueStarts = new Uint32Array(128);
  #hashes = new Uint32Array(128);
  #references = new Int32Array(128);
  #names = new Uint32Array(128);
  /** Texts of values, made when somebody asks. */
  readonly #valueTexts: (string | undefined)[] = [];
  readonly #freePairs: number[] = [];
  #lastPair = 0;
  #size = 0;
  /** Pairs that no series has yet. */
  #fresh: number[] = [];

  readonly #nameIds = new Map<string, number>();
  readonly #nameTexts: string[] = [""];
  readonly #nameUses: number[] = [0];
  readonly #freeNames: number[] = [];

  get size(): number {
    return this.#size;
  }

  get byteLength(): number {
    return this.#arena.byteLength + this.#addresses.length * 29 + this.#slots.length * 4;
  }

  /** The number of a label given as bytes. */
  intern(nameBytes: Uint8Array, nameStart: number, nameEnd: number, valueBytes: Uint8Array, valueStart: number, valueEnd: number): number {
    const hash = hash32(valueBytes, valueStart, valueEnd, hash32(nameBytes, nameStart, nameEnd));
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const pair = slots[slot] as number;
      if (pair === 0) break;
      if (this.#hashes[pair] === hash && this.is(pair, nameBytes, nameStart, nameEnd, valueBytes, valueStart, valueEnd)) return pair;
    }
    return this.#add(hash, nameBytes, nameStart, nameEnd, valueBytes, valueStart, valueEnd);
  }

  /** The number of a label given as text. */
  internText(name: string, value: string): number {
    const bytes = Buffer.from(name + value);
    const nameLength = Buffer.byteLength(name);
    return this.intern(bytes, 0, nameLength, bytes, nameLength, bytes.length);
  }

  /** Whether the pair is this label. */
  is(
    pair: number,
    nameBytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    const address = this.#addresses[pair] as number;
    const bytes = this.#arena.bytesOf(address);
    const start = this.#arena.firstWord(address) * 4;
    const value = start + (this.#valueStarts[pair] as number);
    if (start + (this.#lengths[pair] as number) - value !== valueEnd - valueStart) return false;
    const nameLength = nameEnd - nameStart;
    if (this.nameLengthOf(pair) !== nameLength) return false;
    const name = start + (this.#nameStarts[pair] as number);
    return (
      equalBytes(bytes, value, value + (valueEnd - valueStart), valueBytes, valueStart, valueEnd) &&
      equalBytes(bytes, name, name + nameLength, nameBytes, nameStart, nameEnd)
    );
  }

  /** A number for the label's name: equal where the names are. */
  nameOf(pair: number): number {
    return this.#names[pair] as number;
  }

  nameText(name: number): string {
    return this.#nameTexts[name] ?? "";
  }

  /** The number of a name that some label has, or 0. */
  findName(name: string): number {
    return this.#nameIds.get(name) ?? 0;
  }

  valueText(pair: number): string {
    const known = this.#valueTexts[pair];
    if (known !== undefined) return known;
    const address = this.#addresses[pair] as number;
    const start = this.#arena.firstWord(address) * 4;
    const text = textOf(this.#arena.bytesOf(address), start + (this.#valueStarts[pair] as number), start + (this.#lengths[pair] as number));
    this.#valueTexts[pair] = text;
    return text;
  }

  nameLengthOf(pair: number): number {
    const valueLength = (this.#lengths[pair] as number) - (this.#valueStarts[pair] as number);
    return (this.#valueStarts[pair] as number) - (this.#nameStarts[pair] as number) - 1 - varintSize(valueLength);
  }

  /** Of the encoded pair. */
  lengthOf(pair: number): number {
    return this.#lengths[pair] as number;
  }

  /** Equal in every process. */
  hashOf(pair: number): number {
    return this.#hashes[pair] as number;
  }

  /** What it takes of memory, for who pays for it. */
  costOf(pair: number): number {
    return (this.#lengths[pair] as number) + PAIR_BYTES;
  }

  /** Copies the encoded pair to `target` at `at`; up to 3 bytes behind it are overwritten. Returns the position behind it. */
  copyTo(pair: number, target: DataView, at: number): number {
    const address = this.#addresses[pair] as number;
    const words = this.#arena.wordsOf(address);
    let word = this.#arena.firstWord(address);
    const length = this.#lengths[pair] as number;
    const end = at + length;
    for (; at < end; at += 4) target.setInt32(at, words[word++] as number, true);
    return end;
  }

  retain(pair: number): void {
    this.#references[pair] = (this.#references[pair] as number) + 1;
  }

  release(pair: number): void {
    const left = (this.#references[pair] as number) - 1;
    this.#references[pair] = left;
    if (left === 0) this.#forget(pair);
  }

  /** Whether no series has the pair yet: whoever adds the first pays for it. */
  isFresh(pair: number): boolean {
    return this.#references[pair] === 0;
  }

  /** Forgets pairs that were asked for and that no series got. Not to be called between asking and adding. */
  collectFresh(): void {
    if (this.#fresh.length === 0) return;
    for (const pair of this.#fresh) if (this.#references[pair] === 0 && this.#lengths[pair] !== 0) this.#forget(pair);
    this.#fresh = [];
  }

  #add(
    hash: number,
    nameBytes: Uint8Array,
    nameStart: number,
    nameEnd: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): number {
    const nameLength = nameEnd - nameStart;
    const valueLength = valueEnd - valueStart;
    if (nameLength > MAX_LABEL_BYTES || valueLength > MAX_LABEL_BYTES)
      throw new MalformedInput(`a label of ${Math.max(nameLength, valueLength)} bytes is longer than ${MAX_LABEL_BYTES}`);
    const pair = this.#freePairs.pop() ?? ++this.#lastPair;
    if (pair >= this.#addresses.length) this.#growColumns();
    const inner = 2 + varintSize(nameLength) + nameLength + varintSize(valueLength) + valueLength;
    const length = 1 + varintSize(inner) + inner;
    const address = this.#arena.take(pair, (length + 3) >> 2);
    const bytes = this.#arena.bytesOf(address);
    const start = this.#arena.firstWord(address) * 4;
    let at = start;
    bytes[at++] = 0x0a;
    at = writeVarint(bytes, at, inner);
    bytes[at++] = 0x0a;
    at = writeVarint(bytes, at, nameLength);
    this.#nameStarts[pair] = at - start;
    for (let i = nameStart; i < nameEnd; i++) bytes[at++] = nameBytes[i] as number;
    bytes[at++] = 0x12;
    at = writeVarint(bytes, at, valueLength);
    this.#valueStarts[pair] = at - start;
    for (let i = valueStart; i < valueEnd; i++) bytes[at++] = valueBytes[i] as number;
    this.#addresses[pair] = address;
    this.#lengths[pair] = length;
    this.#hashes[pair] = hash;
    this.#references[pair] = 0;
    this.#names[pair] = this.#nameId(textOf(nameBytes, nameStart, nameEnd));
    this.#valueTexts[pair] = undefined;
    if (++this.#size * 5 > this.#slots.length * 3) this.#growIndex();
    this.#link(pair);
    this.#fresh.push(pair);
    return pair;
  }

  #forget(pair: number): void {
    this.#unlink(pair);
    this.#arena.free(this.#addresses[pair] as number);
    this.#lengths[pair] = 0;
    this.#valueTexts[pair] = undefined;
    this.#leaveName(this.#names[pair] as number);
    this.#freePairs.push(pair);
    this.#size--;
  }

  #nameId(text: string): number {
    let name = this.#nameIds.get(text);
    if (name === undefined) {
      name = this.#freeNames.pop() ?? this.#nameTexts.length;
      this.#nameIds.set(text, name);
      this.#nameTexts[name] = text;
      this.#nameUses[name] = 0;
    }
    this.#nameUses[name] = (this.#nameUses[name] ?? 0) + 1;
    return name;
  }

  #leaveName(name: number): void {
    const uses = (this.#nameUses[name] ?? 0) - 1;
    this.#nameUses[name] = uses;
    if (uses > 0) return;
    this.#nameIds.delete(this.#nameTexts[name] ?? "");
    this.#freeNames.push(name);
  }

  #link(pair: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[pair] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = pair;
  }

  /** Takes a pair out of the index and closes the gap, so that probing still ends at the first free slot. */
  #unlink(pair: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let gap = (this.#hashes[pair] as number) & mask;
    while (slots[gap] !== pair) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (this.#hashes[slots[slot] as number] as number) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot] as number;
      gap = slot;
    }
    slots[gap] = 0;
  }

  #growIndex(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (const pair of old) if (pair !== 0) this.#link(pair);
  }

  #growColumns(): void {
    const capacity = this.#addresses.length * 2;
    const grown = (old: Uint32Array<ArrayBuffer>) => {
      const larger = new Uint32Array(capacity);
      larger.set(old);
      return larger;
    };
    this.#addresses = grown(this.#addresses);
    this.#lengths = grown(this.#lengths);
    this.#valueStarts = grown(this.#valueStarts);
    this.#hashes = grown(this.#hashes);
    this.#names = grown(this.#names);
    const references = new Int32Array(capacity);
    references.set(this.#references);
    this.#references = references;
    const nameStarts = new Uint8Array(capacity);
    nameStarts.set(this.#nameStarts);
    this.#nameStarts = nameStarts;
  }
}
