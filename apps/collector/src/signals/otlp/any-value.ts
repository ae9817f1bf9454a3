import { signedText } from "../../bytes/int64.ts";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import type { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { AttributeCursor } from "./attribute-cursor.ts";

// What an AnyValue holds is told by the number of the one field that it has.
export const EMPTY = 0;
export const STRING = 1;
export const BOOL = 2;
export const INT = 3;
export const DOUBLE = 4;
export const ARRAY = 5;
export const MAP = 6;
export const BYTES = 7;

/** Looks into one AnyValue at a time, in place. */
export class AnyValueReader {
  readonly #reader = new ProtobufReader();
  kind = EMPTY;
  /** The bytes of a string or bytes value, or of the nested message. */
  start = 0;
  end = 0;
  /** An integer or the bits of a double, in halves. */
  low = 0;
  high = 0;

  /** Reads the AnyValue in `bytes` from `start` to `end`. Where it has several values the last one counts, as in protobuf. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    const reader = this.#reader.reset(bytes, start, end);
    this.kind = EMPTY;
    while (reader.next()) {
      if (reader.field > BYTES) continue;
      this.kind = reader.field;
      this.start = reader.start;
      this.end = reader.stop;
      this.low = reader.low;
      this.high = reader.high;
    }
    return this;
  }

  get bytes(): Uint8Array {
    return this.#reader.bytes;
  }

  /** The content of a string, or of bytes read as such. */
  string(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.start, this.end - this.start).toString("utf8");
  }

  double(): number {
    halves[0] = this.low;
    halves[1] = this.high;
    return double[0] as number;
  }

  bool(): boolean {
    return this.low !== 0;
  }

  /** The value as text: what attributes become where only strings are possible. */
  text(): string {
    switch (this.kind) {
      case STRING:
        return this.string();
      case BOOL:
        return String(this.bool());
      case INT:
        return signedText(this.low, this.high);
      case DOUBLE:
        return doubleText(this.double());
      case BYTES:
        return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.start, this.end - this.start).toString("base64");
      case ARRAY:
      case MAP:
        return jsonText(this);
      default:
        return "";
    }
  }
}

/** A number as attributes print it: Go's and JavaScript's shortest form are the same but for a negative zero. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A value inside the JSON of a list or map: keys in order of their bytes, later duplicates win. */
function jsonText(value: AnyValueReader): string {
  switch (value.kind) {
    case EMPTY:
      return "null";
    case STRING:
      return goJsonString(value.string());
    case BYTES:
      return goJsonString(value.text());
    case DOUBLE: {
      const number = value.double();
      return Number.isFinite(number) ? doubleText(number) : goJsonString(doubleText(number));
    }
    case ARRAY: {
      const items = new ProtobufReader().reset(value.bytes, value.start, value.end);
      const inner = new AnyValueReader();
      const texts: string[] = [];
      while (items.next()) if (items.field === 1) texts.push(jsonText(inner.reset(items.bytes, items.start, items.stop)));
      return `[${texts.join(",")}]`;
    }
    case MAP: {
      const entries = new AttributeCursor().reset(value.bytes, value.start, value.end, 1);
      const inner = new AnyValueReader();
      const texts = new Map<string, string>();
      while (entries.next()) texts.set(entries.keyText(), jsonText(inner.reset(entries.bytes, entries.valueStart, entries.valueEnd)));
      const sorted = [...texts].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return `{${sorted.map(([key, text]) => `${goJsonString(key)}:${text}`).join(",")}}`;
    }
    default:
      return value.text();
  }
}

/** A JSON string as the incumbent writes it: the two line separators, which JavaScript leaves alone, are escaped. */
function goJsonString(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (separator) => (separator === "\u2028" ? "\\u2028" : "\\u2029"));
}

/** Writes an AnyValue's content: nothing for an empty one. */
export function writeString(writer: ProtobufWriter, text: string): void {
  writer.string(STRING, text);
}

export function writeBool(writer: ProtobufWriter, value: boolean): void {
  writer.bool(BOOL, value);
}

export function writeInt(writer: ProtobufWriter, low: number, high: number): void {
  writer.varint64Field(INT, low, high);
}

export function writeDouble(writer: ProtobufWriter, value: number): void {
  writer.double(DOUBLE, value);
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);
