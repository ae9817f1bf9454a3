import { signedOf, unsignedOf } from "./int64.ts";
import { MalformedInput } from "./malformed-input.ts";

export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_BYTES = 2;
const WIRE_GROUP_START = 3;
const WIRE_GROUP_END = 4;
export const WIRE_FIXED32 = 5;

const EMPTY = new Uint8Array(0);
/** Groups are obsolete; nobody nests them by intent. */
const MAX_GROUP_DEPTH = 16;

/**
 * Goes through the fields of one message, in place: `next` moves to a field, whose value is then described by the public fields until the
 * next call. Nothing is allocated, so one reader a level is kept and `reset` for each message. Throws `MalformedInput` on anything that
 * does not lie within the message.
 *
 *   tagStart        start                stop
 *   |               |                    |
 *   | tag | length  |  value             |      (no length where the wire type is not WIRE_BYTES)
 */
export class ProtobufReader {
  bytes: Uint8Array = EMPTY;
  /** The end of the message. */
  end = 0;
  /** The number of the current field. */
  field = 0;
  wire = 0;
  tagStart = 0;
  start = 0;
  /** Behind the value: where the next field begins. */
  stop = 0;
  /** The value of a varint, fixed64 or (low only) fixed32 in halves. */
  low = 0;
  high = 0;

  /** Begins with the message in `bytes` from `start` to `end`. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.bytes = bytes;
    this.stop = start;
    this.end = end;
    this.field = 0;
    return this;
  }

  /** Moves to the next field, or returns false at the end of the message. */
  next(): boolean {
    const { bytes, end } = this;
    let at = this.stop;
    if (at >= end) return false;
    this.tagStart = at;
    let tag = bytes[at++] as number;
    if (tag > 0x7f) {
      at = this.#varint(this.tagStart);
      tag = this.low >>> 0;
      if (this.high !== 0) throw new MalformedInput(`protobuf: the tag at byte ${this.tagStart} is larger than 32 bits`);
    }
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.field === 0) throw new MalformedInput(`protobuf: field number 0 at byte ${this.tagStart}`);
    switch (this.wire) {
      case WIRE_BYTES: {
        let length = at < end ? (bytes[at] as number) : 0x80;
        if (length > 0x7f) {
          at = this.#varint(at);
          length = unsignedOf(this.low, this.high);
        } else at++;
        if (length > end - at)
          throw new MalformedInput(`protobuf: field ${this.field} at byte ${this.tagStart} claims ${length} bytes, ${end - at} are left`);
        this.start = at;
        this.stop = at + length;
        return true;
      }
      case WIRE_VARINT: {
        this.start = at;
        const first = at < end ? (bytes[at] as number) : 0x80;
        if (first > 0x7f) this.stop = this.#varint(at);
        else {
          this.low = first;
          this.high = 0;
          this.stop = at + 1;
        }
        return true;
      }
      case WIRE_FIXED64:
        if (end - at < 8) throw truncated(at, end);
        this.start = at;
        this.low = int32At(bytes, at);
        this.high = int32At(bytes, at + 4);
        this.stop = at + 8;
        return true;
      case WIRE_FIXED32:
        if (end - at < 4) throw truncated(at, end);
        this.start = at;
        this.low = int32At(bytes, at);
        this.high = 0;
        this.stop = at + 4;
        return true;
      case WIRE_GROUP_START:
        this.start = at;
        this.stop = this.#groupEnd(at);
        return true;
      default:
        throw new MalformedInput(`protobuf: wire type ${this.wire} at byte ${this.tagStart}`);
    }
  }

  /** In a reader over the content of a packed field: moves to the next value, which has no tag. */
  nextPacked(wire: number): boolean {
    const at = this.stop;
    if (at >= this.end) return false;
    this.wire = wire;
    this.start = at;
    if (wire === WIRE_VARINT) {
      this.stop = this.#varint(at);
      return true;
    }
    const size = wire === WIRE_FIXED64 ? 8 : 4;
    if (this.end - at < size) throw truncated(at, this.end);
    this.low = int32At(this.bytes, at);
    this.high = size === 8 ? int32At(this.bytes, at + 4) : 0;
    this.stop = at + size;
    return true;
  }

  /** The value of the current varint, fixed64 or fixed32 as an unsigned number; inexact from 2^53 on. */
  unsigned(): number {
    return unsignedOf(this.low, this.high);
  }

  /** The value of the current int32, int64, fixed64 or sfixed64 as a signed number; inexact beyond ±2^53. */
  signed(): number {
    return signedOf(this.low, this.high);
  }

  /** The value of the current sint64 (zigzag) field; inexact beyond ±2^53. */
  zigzag(): number {
    const sign = -(this.low & 1);
    return signedOf(((this.low >>> 1) | (this.high << 31)) ^ sign, (this.high >>> 1) ^ sign);
  }

  /** The value of the current double field. */
  double(): number {
    halves[0] = this.low;
    halves[1] = this.high;
    return doubleOfHalves[0] as number;
  }

  /** The value of the current float field. */
  float(): number {
    halves[0] = this.low;
    return floatOfHalf[0] as number;
  }

  /** The current value, decoded; bytes that are no UTF-8 become U+FFFD. */
  text(): string {
    return utf8Text(this.bytes, this.start, this.stop);
  }

  /** A copy of the current value that the caller owns. */
  copy(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.bytes, this.start, this.stop);
  }

  /** Reads a varint of up to 64 bits into `low` and `high`; returns the position behind it. */
  #varint(from: number): number {
    const { bytes, end } = this;
    let low = 0;
    let high = 0;
    let at = from;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw truncated(from, end);
      const byte = bytes[at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low | 0;
        this.high = high | 0;
        return at;
      }
    }
    throw new MalformedInput(`protobuf: a varint at byte ${from} is longer than 10 bytes`);
  }

  #groupEnd(from: number): number {
    const opened = this.field;
    const inner = new ProtobufReader().reset(this.bytes, from, this.end);
    const open = [opened];
    while (open.length > 0) {
      const tagStart = inner.stop;
      if (tagStart >= this.end) throw truncated(from, this.end);
      const at = inner.#varint(tagStart);
      const wire = inner.low & 7;
      const field = inner.low >>> 3;
      if (wire === WIRE_GROUP_END) {
        if (open.pop() !== field) throw new MalformedInput(`protobuf: a group ends at byte ${tagStart} that did not begin`);
        inner.stop = at;
      } else if (wire === WIRE_GROUP_START) {
        open.push(field);
        if (open.length > MAX_GROUP_DEPTH) throw new MalformedInput(`protobuf: groups nested deeper than ${MAX_GROUP_DEPTH}`);
        inner.stop = at;
      } else inner.next();
    }
    return inner.stop;
  }
}

const halves = new Int32Array(2);
const doubleOfHalves = new Float64Array(halves.buffer);
const floatOfHalf = new Float32Array(halves.buffer);

function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

function truncated(at: number, end: number): MalformedInput {
  return new MalformedInput(`protobuf: the value at byte ${at} does not end before byte ${end}`);
}

function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}
