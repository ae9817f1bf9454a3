import { isUtf8 } from "node:buffer";
import { InternTable } from "../../bytes/intern-table.ts";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { textOf } from "../../bytes/utf8.ts";
import type { Field, MessageType } from "./schema.ts";

const MAX_DEPTH = 100;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Turns OTLP/JSON into the protobuf message of that type, in one pass over the bytes: camel case or snake case names, ids in hexadecimal,
 * 64-bit integers as strings or numbers, enums by number or name, unknown members skipped. Throws `MalformedInput`.
 */
export function protobufFromJson(type: MessageType, json: Uint8Array): Uint8Array {
  if (!isUtf8(json)) throw new MalformedInput("JSON: the body is not UTF-8");
  return new JsonConverter(json).convert(type);
}

class JsonConverter {
  readonly #json: Uint8Array;
  readonly #writer: ProtobufWriter;
  #at = 0;
  /** The string or number read last: without its quotes, in `#json` or decoded into `#text`. */
  #start = 0;
  #end = 0;
  #hasEscapes = false;
  #low = 0;
  #high = 0;

  constructor(json: Uint8Array) {
    this.#json = json;
    this.#writer = new ProtobufWriter(Math.max(256, json.length >>> 1));
  }

  convert(type: MessageType): Uint8Array {
    this.#space();
    this.#message(membersOf(type), 0);
    this.#space();
    if (this.#at < this.#json.length) throw this.#unexpected("nothing more");
    return this.#writer.take(0);
  }

  #message(members: Members, depth: number): void {
    if (depth > MAX_DEPTH) throw new MalformedInput(`JSON: nested deeper than ${MAX_DEPTH}`);
    this.#expect(OPEN_OBJECT, `an object (${members.name})`);
    this.#space();
    if (this.#skipIf(CLOSE_OBJECT)) return;
    for (;;) {
      this.#space();
      this.#string();
      const field = members.field(this.#json, this.#start, this.#end, this.#hasEscapes);
      this.#space();
      this.#expect(COLON, "a colon");
      this.#space();
      if (field === undefined) this.#skipValue(depth);
      else if (this.#json[this.#at] === 0x6e) this.#literal("null");
      else if (field.repeated) this.#list(field, members, depth);
      else this.#value(field, members, depth, true);
      this.#space();
      if (this.#skipIf(CLOSE_OBJECT)) return;
      this.#expect(COMMA, "a comma or the end of the object");
    }
  }

  #list(field: Field, members: Members, depth: number): void {
    this.#expect(OPEN_LIST, `a list (${field.name})`);
    this.#space();
    if (this.#skipIf(CLOSE_LIST)) return;
    const isPacked = field.kind !== "message" && field.kind !== "string";
    const mark = isPacked ? this.#writer.begin(field.number, 1) : 0;
    for (;;) {
      this.#space();
      this.#value(field, members, depth, !isPacked);
      this.#space();
      if (this.#skipIf(CLOSE_LIST)) break;
      this.#expect(COMMA, "a comma or the end of the list");
    }
    if (isPacked) this.#writer.finish(mark);
  }

  /** One value; without a tag inside a packed list. */
  #value(field: Field, members: Members, depth: number, tagged: boolean): void {
    const writer = this.#writer;
    switch (field.kind) {
      case "message": {
        const mark = writer.begin(field.number, 0);
        this.#message(members.inside(field), depth + 1);
        writer.finish(mark);
        return;
      }
      case "string":
        this.#expectString(field);
        if (this.#end === this.#start && !field.present && !field.repeated) return;
        if (this.#hasEscapes) writer.string(field.number, this.#decoded());
        else writer.copy(field.number, this.#json, this.#start, this.#end);
        return;
      case "bytes":
        this.#expectString(field);
        writer.copy(field.number, this.#base64(field));
        return;
      case "traceId":
      case "spanId":
        this.#expectString(field);
        this.#hexadecimal(field);
        return;
      case "bool": {
        const value = this.#json[this.#at] === 0x74;
        this.#literal(value ? "true" : "false");
        if (value || field.present) writer.bool(field.number, value);
        return;
      }
      case "double": {
        const value = this.#double(field);
        if (tagged) {
          if (value !== 0 || Object.is(value, -0) || field.present) writer.double(field.number, value);
        } else {
          doubles[0] = value;
          writer.word64(halves[0] as number, halves[1] as number);
        }
        return;
      }
      case "enum":
        if (this.#json[this.#at] === QUOTE && this.#enumName(field)) return;
        this.#integer(field, 32, true);
        if ((this.#low | this.#high) !== 0) writer.varint64Field(field.number, this.#low, this.#high);
        return;
      case "int32":
      case "int64":
        this.#integer(field, field.kind === "int32" ? 32 : 64, true);
        if ((this.#low | this.#high) !== 0 || field.present) writer.varint64Field(field.number, this.#low, this.#high);
        return;
      case "uint32":
      case "uint64":
        this.#integer(field, field.kind === "uint32" ? 32 : 64, false);
        if (!tagged) writer.varint64(this.#low, this.#high);
        else if ((this.#low | this.#high) !== 0 || field.present) writer.varint64Field(field.number, this.#low, this.#high);
        return;
      case "sint32":
        this.#integer(field, 32, true);
        if (this.#low !== 0) writer.sint(field.number, this.#low | 0);
        return;
      case "fixed32":
        this.#integer(field, 32, false);
        if (this.#low !== 0) writer.fixed32(field.number, this.#low);
        return;
      case "fixed64":
      case "sfixed64":
        this.#integer(field, 64, field.kind === "sfixed64");
        if (!tagged) writer.word64(this.#low, this.#high);
        else if ((this.#low | this.#high) !== 0 || field.present) writer.fixed64(field.number, this.#low, this.#high);
        return;
      default:
        field.kind satisfies never;
    }
  }

  /** Reads an integer, written as a number or as a string, into `#low` and `#high`. */
  #integer(field: Field, bits: 32 | 64, signed: boolean): void {
    this.#numberOrString(field);
    const json = this.#json;
    let at = this.#start;
    const negative = json[at] === 0x2d;
    if (negative) at++;
    const first = at;
    let low = 0;
    let high = 0;
    for (; at < this.#end; at++) {
      const digit = (json[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      low = low * 10 + digit;
      high = high * 10 + Math.floor(low / 4294967296);
      low %= 4294967296;
      if (high > 4294967295) throw this.#badValue(field);
    }
    if (at < this.#end || at === first) [low, high] = this.#wholeDouble(field);
    if (bits === 32 && (high > 0 || low > (signed ? (negative ? 2147483648 : 2147483647) : 4294967295))) throw this.#badValue(field);
    if (signed && (high > 2147483648 || (high === 2147483648 && (low > 0 || !negative)))) throw this.#badValue(field);
    if (negative) {
      if (!signed && (low !== 0 || high !== 0)) throw this.#badValue(field);
      this.#low = -low | 0;
      this.#high = low === 0 ? -high | 0 : ~high;
    } else {
      this.#low = low | 0;
      this.#high = high | 0;
    }
  }

  /** The magnitude of `1e3` or `12.0`, as halves. */
  #wholeDouble(field: Field): [low: number, high: number] {
    const value = Math.abs(this.#numberOf(field));
    if (!Number.isSafeInteger(value)) throw this.#badValue(field);
    return [value % 4294967296, Math.floor(value / 4294967296)];
  }

  #double(field: Field): number {
    this.#numberOrString(field);
    return this.#numberOf(field);
  }

  #numberOf(field: Field): number {
    const text = this.#hasEscapes ? this.#decoded() : textOf(this.#json, this.#start, this.#end);
    if (text === "NaN" || text === "Infinity" || text === "-Infinity") return Number(text);
    if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) throw this.#badValue(field);
    return Number(text);
  }

  #numberOrString(field: Field): void {
    if (this.#json[this.#at] === QUOTE) {
      this.#string();
      return;
    }
    this.#start = this.#at;
    this.#hasEscapes = false;
    const json = this.#json;
    let at = this.#at;
    for (; at < json.length; at++) {
      const byte = json[at] as number;
      // Digits, signs, the dot and the exponent.
      if (!((byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || byte === 0x65 || byte === 0x45)) break;
    }
    if (at === this.#at) throw this.#unexpected(`a number (${field.name})`);
    this.#at = at;
    this.#end = at;
  }

  /** Writes an enum given by its name; false where the string holds a number. */
  #enumName(field: Field): boolean {
    const before = this.#at;
    this.#string();
    const first = this.#json[this.#start] ?? 0;
    if (first < 0x41 && this.#end > this.#start) {
      this.#at = before;
      return false;
    }
    const value = field.names?.[this.#decoded()];
    if (value === undefined) throw this.#badValue(field);
    if (value !== 0) this.#writer.uint(field.number, value);
    return true;
  }

  #hexadecimal(field: Field): void {
    const bytes = this.#end - this.#start;
    const expected = field.kind === "traceId" ? 32 : 16;
    if (bytes === 0) return;
    if (bytes !== expected) throw new MalformedInput(`JSON: ${field.name} has ${bytes} characters, not ${expected} hexadecimal digits`);
    const { length } = this.#writer;
    this.#writer.tag(field.number, 2);
    this.#writer.varint(bytes / 2);
    for (let at = this.#start; at < this.#end; at += 2) {
      const value = (digitOf(this.#json[at] as number) << 4) | digitOf(this.#json[at + 1] as number);
      if (value < 0) {
        this.#writer.truncate(length);
        throw this.#badValue(field);
      }
      this.#writer.byte(value);
    }
  }

  #base64(field: Field): Uint8Array {
    const text = this.#decoded();
    const content = text.replace(/=+$/, "");
    if (!/^[\w+/-]*$/.test(content) || content.length % 4 === 1) throw this.#badValue(field);
    return Buffer.from(content, "base64");
  }

  #expectString(field: Field): void {
    if (this.#json[this.#at] !== QUOTE) throw this.#unexpected(`a string (${field.name})`);
    this.#string();
  }

  /** Reads a string; its raw content is from `#start` to `#end`. */
  #string(): void {
    this.#expect(QUOTE, "a string");
    const json = this.#json;
    let at = this.#at;
    this.#start = at;
    this.#hasEscapes = false;
    for (; at < json.length; at++) {
      const byte = json[at] as number;
      if (byte === QUOTE) {
        this.#end = at;
        this.#at = at + 1;
        return;
      }
      if (byte === BACKSLASH) {
        this.#hasEscapes = true;
        at++;
      } else if (byte < 0x20) {
        this.#at = at;
        throw this.#unexpected("no control characters within a string");
      }
    }
    throw new MalformedInput(`JSON: the string at byte ${this.#start - 1} does not end`);
  }

  /** The string read last. Half a surrogate pair becomes U+FFFD. */
  #decoded(): string {
    if (!this.#hasEscapes) return textOf(this.#json, this.#start, this.#end);
    try {
      return (JSON.parse(textOf(this.#json, this.#start - 1, this.#end + 1)) as string).toWellFormed();
    } catch {
      throw new MalformedInput(`JSON: an escape in the string at byte ${this.#start - 1} is wrong`);
    }
  }

  #skipValue(depth: number): void {
    if (depth > MAX_DEPTH) throw new MalformedInput(`JSON: nested deeper than ${MAX_DEPTH}`);
    switch (this.#json[this.#at]) {
      case QUOTE:
        this.#string();
        this.#decoded();
        return;
      case OPEN_OBJECT:
        this.#message(nothing, depth + 1);
        return;
      case OPEN_LIST:
        this.#at++;
        this.#space();
        if (this.#skipIf(CLOSE_LIST)) return;
        for (;;) {
          this.#space();
          this.#skipValue(depth + 1);
          this.#space();
          if (this.#skipIf(CLOSE_LIST)) return;
          this.#expect(COMMA, "a comma or the end of the list");
        }
      case 0x74:
        this.#literal("true");
        return;
      case 0x66:
        this.#literal("false");
        return;
      case 0x6e:
        this.#literal("null");
        return;
      default:
        this.#double(unknown);
    }
  }

  #literal(word: "null" | "true" | "false"): void {
    for (let i = 0; i < word.length; i++)
      if (this.#json[this.#at + i] !== word.charCodeAt(i)) throw this.#unexpected(word === "false" ? "true or false" : word);
    this.#at += word.length;
  }

  #space(): void {
    const json = this.#json;
    let at = this.#at;
    for (let byte = json[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = json[at]) at++;
    this.#at = at;
  }

  #skipIf(byte: number): boolean {
    if (this.#json[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #expect(byte: number, what: string): void {
    if (this.#json[this.#at] !== byte) throw this.#unexpected(what);
    this.#at++;
  }

  #unexpected(expected: string): MalformedInput {
    const found =
      this.#at < this.#json.length ? JSON.stringify(textOf(this.#json, this.#at, Math.min(this.#at + 1, this.#json.length))) : "its end";
    return new MalformedInput(`JSON: expected ${expected} at byte ${this.#at}, found ${found}`);
  }

  #badValue(field: Field): MalformedInput {
    const text = textOf(this.#json, this.#start, Math.min(this.#end, this.#start + 40));
    return new MalformedInput(`JSON: ${field.name} can't be ${JSON.stringify(text)}`);
  }
}

/** The members that an object of a type may have. */
class Members {
  readonly name: string;
  readonly #byName: (Field | undefined)[] = [];
  readonly #inside = new Map<Field, Members>();

  constructor(type: MessageType) {
    this.name = type.name;
    for (const field of type.fields)
      for (const name of [field.name, snakeCase(field.name)]) this.#byName[memberNames.intern(Buffer.from(name))] = field;
  }

  field(json: Uint8Array, start: number, end: number, hasEscapes: boolean): Field | undefined {
    if (hasEscapes) {
      const name = Buffer.from(JSON.parse(textOf(json, start - 1, end + 1)) as string);
      return this.#byName[memberNames.find(name)];
    }
    return this.#byName[memberNames.find(json, start, end)];
  }

  inside(field: Field): Members {
    const known = this.#inside.get(field);
    if (known !== undefined) return known;
    if (field.message === undefined) throw new Error(`${this.name}.${field.name} is no message`);
    const made = membersOf(field.message);
    this.#inside.set(field, made);
    return made;
  }
}

const memberNames = new InternTable(512);
const membersByType = new Map<MessageType, Members>();

function membersOf(type: MessageType): Members {
  const known = membersByType.get(type);
  if (known !== undefined) return known;
  const made = new Members(type);
  membersByType.set(type, made);
  return made;
}

const nothing = new Members({ name: "unknown", fields: [] });
const unknown: Field = {
  number: 0,
  name: "an unknown member",
  kind: "double",
  repeated: false,
  present: false,
  item: false,
  message: undefined,
  names: undefined,
};

const doubles = new Float64Array(1);
const halves = new Int32Array(doubles.buffer);

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The value of a hexadecimal digit; negative where it is none. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
