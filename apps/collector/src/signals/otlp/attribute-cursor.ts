import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { equalBytes, textOf } from "../../bytes/utf8.ts";
import { keyValue } from "./fields.ts";

/**
 * Goes through the attributes of one message (or the entries of a map value), in place.
 *
 *   tagStart                                     stop
 *   | tag | length | key: keyStart..keyEnd, value: valueStart..valueEnd |
 */
export class AttributeCursor {
  readonly #outer = new ProtobufReader();
  readonly #inner = new ProtobufReader();
  #field = 0;
  keyStart = 0;
  keyEnd = 0;
  /** The content of the AnyValue; empty where it is absent. */
  valueStart = 0;
  valueEnd = 0;

  /** Begins with the message in `bytes` from `start` to `end`, whose field `field` repeats KeyValue. */
  reset(bytes: Uint8Array, start: number, end: number, field: number): this {
    this.#outer.reset(bytes, start, end);
    this.#field = field;
    return this;
  }

  /** Moves to the next attribute, or returns false. */
  next(): boolean {
    const outer = this.#outer;
    while (outer.next()) {
      if (outer.field !== this.#field) continue;
      this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = outer.stop;
      const inner = this.#inner.reset(outer.bytes, outer.start, outer.stop);
      while (inner.next()) {
        if (inner.field === keyValue.key) {
          this.keyStart = inner.start;
          this.keyEnd = inner.stop;
        } else if (inner.field === keyValue.value) {
          this.valueStart = inner.start;
          this.valueEnd = inner.stop;
        }
      }
      return true;
    }
    return false;
  }

  /** Moves to the first attribute of this key from here on, or returns false. */
  find(key: Uint8Array): boolean {
    while (this.next()) if (this.keyIs(key)) return true;
    return false;
  }

  get bytes(): Uint8Array {
    return this.#outer.bytes;
  }

  /** Where the whole field begins, tag included. */
  get tagStart(): number {
    return this.#outer.tagStart;
  }

  get stop(): number {
    return this.#outer.stop;
  }

  keyIs(key: Uint8Array): boolean {
    return equalBytes(this.bytes, this.keyStart, this.keyEnd, key, 0, key.length);
  }

  keyText(): string {
    return textOf(this.bytes, this.keyStart, this.keyEnd);
  }
}
