import { highOf, lowOf } from "./int64.ts";
import { WIRE_BYTES, WIRE_FIXED32, WIRE_FIXED64, WIRE_VARINT } from "./protobuf-reader.ts";
import { varint64Size, varintSize, writeVarint, writeVarint64 } from "./varint.ts";

/** Up to here a loop over the characters is quicker than the native encoder. */
const SHORT_TEXT = 24;

/**
 * Writes protobuf fields one after the other into a buffer that grows. `bytes` up to `length` is what was written; it stays the
 * writer's and changes with the next write. `clear` begins anew in the same memory.
 */
export class ProtobufWriter {
  bytes: Buffer;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  clear(): void {
    this.length = 0;
  }

  /** Forgets what was written from `length` on. */
  truncate(length: number): void {
    this.length = length;
  }

  /** A copy of what was written, which the caller owns. */
  toBytes(): Uint8Array {
    const copy = Buffer.allocUnsafeSlow(this.length);
    copy.set(this.bytes.subarray(0, this.length));
    return copy;
  }

  /** What was written, without a copy; the writer goes on in new memory. Unused room stays with the result. */
  take(capacity = 1024): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.length = 0;
    return taken;
  }

  /** A varint field of a whole number from 0 to 2^53. */
  uint(field: number, value: number): void {
    this.#tag(field, WIRE_VARINT);
    this.varint(value);
  }

  /** An int32, int64 or enum field of a whole number within ±2^53. */
  int(field: number, value: number): void {
    this.varint64Field(field, lowOf(value), highOf(value));
  }

  bool(field: number, value: boolean): void {
    this.uint(field, value ? 1 : 0);
  }

  /** An int64 or uint64 field in halves. */
  varint64Field(field: number, low: number, high: number): void {
    this.#tag(field, WIRE_VARINT);
    this.varint64(low, high);
  }

  /** A sint64 (zigzag) field of a whole number within ±2^53. */
  sint(field: number, value: number): void {
    const low = lowOf(value);
    const high = highOf(value);
    const sign = high >> 31;
    this.varint64Field(field, (low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
  }

  /** A fixed64, sfixed64 or double field in halves. */
  fixed64(field: number, low: number, high: number): void {
    this.#tag(field, WIRE_FIXED64);
    this.#word(low);
    this.#word(high);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, WIRE_FIXED32);
    this.#word(value);
  }

  double(field: number, value: number): void {
    double[0] = value;
    this.fixed64(field, halvesOfDouble[0] as number, halvesOfDouble[1] as number);
  }

  string(field: number, text: string): void {
    this.#tag(field, WIRE_BYTES);
    if (text.length <= SHORT_TEXT && this.#shortAscii(text)) return;
    const size = Buffer.byteLength(text, "utf8");
    this.#room(size + 5);
    this.length = writeVarint(this.bytes, this.length, size);
    this.length += this.bytes.write(text, this.length, size, "utf8");
  }

  /** A bytes, string or message field whose content is copied from `source`. */
  copy(field: number, source: Uint8Array, start = 0, end: number = source.length): void {
    this.#tag(field, WIRE_BYTES);
    this.varint(end - start);
    this.raw(source, start, end);
  }

  /**
   * Opens a message field whose content follows; the returned mark goes to `finish`. `estimate` is the length it will likely have: where
   * the guess takes as many bytes to write as the truth, nothing is moved.
   */
  begin(field: number, estimate = 0): number {
    this.#tag(field, WIRE_BYTES);
    return this.beginLength(estimate);
  }

  /** As `begin`, where the tag is written already or there is none. */
  beginLength(estimate = 0): number {
    const width = varintSize(estimate);
    this.#room(width);
    this.length += width;
    return this.length * MARK_WIDTHS + width;
  }

  /** Closes the message that `mark` opened: writes its length. */
  finish(mark: number): void {
    const width = mark % MARK_WIDTHS;
    const start = (mark - width) / MARK_WIDTHS;
    const size = this.length - start;
    const needed = varintSize(size);
    if (needed !== width) {
      this.#room(needed - width);
      this.bytes.copyWithin(start - width + needed, start, this.length);
      this.length += needed - width;
    }
    writeVarint(this.bytes, start - width, size);
  }

  /** Any tag, for fields that are copied from elsewhere. */
  tag(field: number, wire: number): void {
    this.#tag(field, wire);
  }

  /** A whole number from 0 to 2^53 without a tag: lengths, packed values. */
  varint(value: number): void {
    this.#room(8);
    this.length = writeVarint(this.bytes, this.length, value);
  }

  /** A 64-bit integer in halves without a tag. */
  varint64(low: number, high: number): void {
    this.#room(varint64Size(low, high));
    this.length = writeVarint64(this.bytes, this.length, low, high);
  }

  /** Eight bytes without a tag. */
  word64(low: number, high: number): void {
    this.#word(low);
    this.#word(high);
  }

  /** One byte without a tag. */
  byte(value: number): void {
    this.#room(1);
    this.bytes[this.length++] = value;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array, start = 0, end: number = source.length): void {
    const size = end - start;
    this.#room(size);
    if (size <= 32) for (let i = 0; i < size; i++) this.bytes[this.length + i] = source[start + i] as number;
    else this.bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.length);
    this.length += size;
  }

  #tag(field: number, wire: number): void {
    this.#room(5);
    if (field < 16) this.bytes[this.length++] = (field << 3) | wire;
    else this.length = writeVarint(this.bytes, this.length, field * 8 + wire);
  }

  #word(value: number): void {
    this.#room(4);
    const { bytes, length } = this;
    bytes[length] = value;
    bytes[length + 1] = value >>> 8;
    bytes[length + 2] = value >>> 16;
    bytes[length + 3] = value >>> 24;
    this.length = length + 4;
  }

  /** Writes length and text where all of it is ASCII; writes nothing and returns false where it is not. */
  #shortAscii(text: string): boolean {
    this.#room(text.length + 1);
    const { bytes, length } = this;
    bytes[length] = text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[length + 1 + i] = unit;
    }
    this.length = length + 1 + text.length;
    return true;
  }

  #room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** A mark is a position and the width of the length before it. */
const MARK_WIDTHS = 16;

const double = new Float64Array(1);
const halvesOfDouble = new Int32Array(double.buffer);
