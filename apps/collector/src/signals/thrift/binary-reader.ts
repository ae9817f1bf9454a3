import { MalformedInput } from "../../bytes/malformed-input.ts";
import { MAX_DEPTH, STOP, type ThriftReader, tooDeep, truncated } from "./reader.ts";

const VERSION_1 = 0x8001;

/**
 * Thrift's binary protocol, big-endian throughout.
 *
 *   field   | type 1 | id 2 | value     message, strict   | 0x8001 2 | 0 1 | type 1 | length 4 | name | sequence 4 |
 *   text    | length 4 | bytes          message, of old   | length 4 | name | type 1 | sequence 4 |
 *   list    | type 1 | size 4 | …
 */
export class BinaryReader implements ThriftReader {
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

  reset(bytes: Uint8Array): this {
    this.bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
    this.#depth = 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this;
  }

  message(): string {
    const first = this.i32();
    if (first < 0) {
      if (first >>> 16 !== VERSION_1) throw new MalformedInput("thrift: Bad version in ReadMessageBegin");
      const name = this.text();
      this.i32();
      return name;
    }
    this.#bytesOf(first);
    const name = this.#buffer.toString("utf8", this.start, this.stop);
    this.#move(5);
    return name;
  }

  beginStruct(): void {
    if (++this.#depth > MAX_DEPTH) throw tooDeep();
  }

  nextField(): boolean {
    const at = this.#move(1);
    this.type = this.bytes[at] as number;
    if (this.type === STOP) {
      this.#depth--;
      return false;
    }
    this.id = this.i16();
    return true;
  }

  bool(): boolean {
    return this.bytes[this.#move(1)] === 1;
  }

  i16(): number {
    return this.#view.getInt16(this.#move(2));
  }

  i32(): number {
    return this.#view.getInt32(this.#move(4));
  }

  i64(): void {
    const at = this.#move(8);
    this.high = this.#view.getInt32(at);
    this.low = this.#view.getInt32(at + 4);
  }

  double(): number {
    return this.#view.getFloat64(this.#move(8));
  }

  binary(): void {
    this.#bytesOf(this.i32());
  }

  text(): string {
    this.binary();
    return this.#buffer.toString("utf8", this.start, this.stop);
  }

  beginList(): void {
    this.elementType = this.bytes[this.#move(1)] as number;
    this.#sized(this.i32());
  }

  beginMap(): readonly [number, number] {
    const at = this.#move(2);
    this.#sized(this.i32());
    return [this.bytes[at] as number, this.bytes[at + 1] as number];
  }

  /** Every element takes a byte at least. */
  #sized(size: number): void {
    if (size < 0 || size > this.bytes.length - this.at)
      throw new MalformedInput(`thrift: a list at byte ${this.at} claims ${size} elements`);
    this.size = size;
  }

  #bytesOf(size: number): void {
    if (size < 0) throw new MalformedInput(`thrift: negative size at byte ${this.at}`);
    this.start = this.#move(size);
    this.stop = this.at;
  }

  #move(size: number): number {
    const { at } = this;
    if (size > this.bytes.length - at) throw truncated(at);
    this.at = at + size;
    return at;
  }
}
