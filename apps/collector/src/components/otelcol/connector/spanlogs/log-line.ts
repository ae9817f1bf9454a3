import { formatFloat } from "@invar/go-compat";
import { signedText } from "../../../../bytes/int64.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import { AnyValueReader, BOOL, BYTES, DOUBLE, EMPTY, INT, STRING, writeString } from "../../../../signals/otlp/any-value.ts";
import { keyValue } from "../../../../signals/otlp/fields.ts";

/** What a line says, in the order in which it was first said; of several values of a key the last one counts. Used again and again. */
export class LogLine {
  readonly #keys: string[] = [];
  readonly #texts: string[] = [];
  /** By key, where the value lies in `#contents` as an AnyValue: start, end. */
  readonly #places: number[] = [];
  readonly #contents = new ProtobufWriter(1024);
  #count = 0;
  readonly #value = new AnyValueReader();

  clear(): void {
    this.#count = 0;
    this.#contents.clear();
  }

  /** Sets the value whose AnyValue content lies in `bytes`. */
  set(key: string, bytes: Uint8Array, start: number, end: number): void {
    const from = this.#contents.length;
    this.#contents.raw(bytes, start, end);
    this.#put(key, logfmtValue(this.#value.reset(bytes, start, end)), from);
  }

  setText(key: string, text: string): void {
    const from = this.#contents.length;
    writeString(this.#contents, text);
    this.#put(key, logfmtText(text), from);
  }

  /** Adds all that another line says. */
  addAll(other: LogLine): void {
    const bytes = other.#contents.bytes;
    for (let i = 0; i < other.#count; i++)
      this.set(other.#keys[i] as string, bytes, other.#places[2 * i] as number, other.#places[2 * i + 1] as number);
  }

  /** Writes a value as an attribute of the message that is being written; nothing where the line does not have it. */
  writeAttribute(writer: ProtobufWriter, field: number, key: string): void {
    for (let i = 0; i < this.#count; i++) {
      if (this.#keys[i] !== key) continue;
      const mark = writer.begin(field, 64);
      writer.string(keyValue.key, key);
      writer.copy(keyValue.value, this.#contents.bytes, this.#places[2 * i], this.#places[2 * i + 1]);
      writer.finish(mark);
      return;
    }
  }

  toString(): string {
    let line = "";
    for (let i = 0; i < this.#count; i++) {
      const name = logfmtKey(this.#keys[i] as string);
      if (name !== "") line += `${line === "" ? "" : " "}${name}=${this.#texts[i]}`;
    }
    return line;
  }

  #put(key: string, text: string, from: number): void {
    let i = 0;
    while (i < this.#count && this.#keys[i] !== key) i++;
    if (i === this.#count) this.#count++;
    this.#keys[i] = key;
    this.#texts[i] = text;
    this.#places[2 * i] = from;
    this.#places[2 * i + 1] = this.#contents.length;
  }
}

/** Keys can't be quoted: what would end one is left out. */
export function logfmtKey(key: string): string {
  return key.replace(/[\0-\x20="\ufffd]/g, "");
}

export function logfmtText(text: string): string {
  if (text === "null") return '"null"';
  if (!/[\0-\x20="\ufffd]/.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be escaped
  const escaped = text.replace(/[\0-\x1f\\"\x7f\ufffd]/g, (character) => {
    switch (character) {
      case "\n":
        return "\\n";
      case "\r":
        return "\\r";
      case "\t":
        return "\\t";
      case "\\":
      case '"':
        return `\\${character}`;
      case "\ufffd":
        return "\\ufffd";
      default:
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    }
  });
  return `"${escaped}"`;
}

/** The value of an attribute; lists and maps have no form in logfmt, and the line says so. */
export function logfmtValue(value: AnyValueReader): string {
  switch (value.kind) {
    case EMPTY:
      return "null";
    case STRING:
    case BYTES:
      return logfmtText(value.string());
    case BOOL:
      return String(value.bool());
    case INT:
      return signedText(value.low, value.high);
    case DOUBLE:
      return formatFloat(value.double(), "g", -1);
    default:
      return '"unsupported value type"';
  }
}
