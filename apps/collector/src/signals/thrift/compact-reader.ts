import { MalformedInput } from "../../bytes/malformed-input.ts";
import {
  BOOL,
  BYTE,
  DOUBLE,
  I16,
  I32,
  I64,
  LIST,
  MAP,
  MAX_DEPTH,
  SET,
  STOP,
  STRING,
  STRUCT,
  type ThriftReader,
  tooDeep,
  truncated,
} from "./reader.ts";

const PROTOCOL = 0x82;
const VERSION = 1;
const COMPACT_TRUE = 1;

/** The types as the compact protocol numbers them; 1 and 2 are a boolean field's value. */
const typesOfCompact: readonly number[] = [STOP, BOOL, BOOL, BYTE, I16, I32, I64, DOUBLE, STRING, LIST, SET, MAP, STRUCT];

/**
 * Thrift's compact protocol: integers are zigzag varints, fields count up from the one before.
 *
 *   field   | delta 4 bits, type 4 bits | value       or, where the step is not 1 … 15,   | 0, type | id, zigzag | value
 *   list    | size 4 bits, type 4 bits | …            or, from 15 elements on,            | 15, type | size, varint | …
 *   message | 0x82 | type 3 bits, version 5 bits | sequence, varint | name |
 */
export class CompactReader implements ThriftReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  id = 0;
  type = 0;
  low = 0;
  high = 0;
  start = 0;
  stop = 0;
  elementType = 0;
  size = 0;
  /** The same bytes, for texts. */
  #buffer = Buffer.alloc(0) as Buffer;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #depth = 0;
  /** The id of the last field of each open struct. */
  readonly #lastIds = new Int16Array(MAX_DEPTH + 1);
  /** The value of a boolean field, which lies in its head; -1 where a boolean is an element. */
  #boolean = -1;

  reset(bytes: Uint8Array): this {
    this.bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
    this.#depth = 0;
    this.#boolean = -1;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this;
  }

  message(): string {
    const protocol = this.#byte();
    if (protocol !== PROTOCOL)
      throw new MalformedInput(`thrift: Expected protocol id ${PROTOCOL.toString(16)} but got ${protocol.toString(16)}`);
    const version = this.#byte() & 0x1f;
    if (version !== VERSION) throw new MalformedInput(`thrift: Expected version ${VERSION} but got ${version}`);
    this.#varint();
    return this.text();
  }

  beginStruct(): void {
    if (++this.#depth > MAX_DEPTH) throw tooDeep();
    this.#lastIds[this.#depth] = 0;
  }

  nextField(): boolean {
    const head = this.#byte();
    const type = head & 0x0f;
    if (type === 0) {
      this.#depth--;
      return false;
    }
    const delta = head >> 4;
    const last = this.#lastIds[this.#depth] as number;
    this.type = this.#typeOf(type);
    this.id = delta === 0 ? this.i16() : ((last + delta) << 16) >> 16;
    this.#lastIds[this.#depth] = this.id;
    this.#boolean = type === COMPACT_TRUE ? 1 : type === 2 ? 0 : -1;
    return true;
  }

  bool(): boolean {
    const { type } = this;
    if (type === BOOL && this.#boolean >= 0) {
      const value = this.#boolean === 1;
      this.#boolean = -1;
      return value;
    }
    return this.#byte() === COMPACT_TRUE;
  }

  i16(): number {
    return (this.i32() << 16) >> 16;
  }

  i32(): number {
    this.i64();
    return this.low;
  }

  i64(): void {
    this.#varint();
    const { low, high } = this;
    const sign = -(low & 1);
    this.low = ((low >>> 1) | (high << 31)) ^ sign;
    this.high = (high >>> 1) ^ sign;
  }

  double(): number {
    return this.#view.getFloat64(this.#move(8), true);
  }

  binary(): void {
    this.#varint();
    const size = this.low;
    if (size < 0 || this.high !== 0) throw new MalformedInput(`thrift: negative size at byte ${this.at}`);
    this.start = this.#move(size);
    this.stop = this.at;
  }

  text(): string {
    this.binary();
    return this.#buffer.toString("utf8", this.start, this.stop);
  }

  beginList(): void {
    const head = this.#byte();
    this.elementType = this.#typeOf(head & 0x0f);
    if (head >> 4 === 15) this.#varint();
    this.#sized(head >> 4 === 15 ? this.low : head >> 4);
  }

  beginMap(): readonly [number, number] {
    this.#varint();
    const size = this.low;
    const types = size === 0 ? 0 : this.#byte();
    this.#sized(size);
    return size === 0 ? [STOP, STOP] : [this.#typeOf(types >> 4), this.#typeOf(types & 0x0f)];
  }

  #typeOf(compact: number): number {
    const type = typesOfCompact[compact];
    if (type === undefined) throw new MalformedInput(`thrift: don't know what type: ${compact}`);
    return type;
  }

  /** Every element takes a byte at least. */
  #sized(size: number): void {
    if (size < 0 || size > this.bytes.length - this.at)
      throw new MalformedInput(`thrift: a list at byte ${this.at} claims ${size} elements`);
    this.size = size;
    this.#boolean = -1;
  }

  /** Reads a varint of up to 64 bits into `low` and `high`. */
  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low | 0;
        this.high = high | 0;
        return;
      }
    }
    throw new MalformedInput(`thrift: a varint before byte ${this.at} is longer than 10 bytes`);
  }

  #byte(): number {
    return this.bytes[this.#move(1)] as number;
  }

  #move(size: number): number {
    const { at } = this;
    if (size > this.bytes.length - at) throw truncated(at);
    this.at = at + size;
    return at;
  }
}
