import { compareTexts } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import type { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { textOf } from "../../bytes/utf8.ts";

// Labels are encoded as the `labels` of a remote-write TimeSeries, sorted by name, every name once, no value empty, and nothing else of the
// message between, so that they are copied into requests as they are:
//
//   0x0a | length | 0x0a | name length | name | 0x12 | value length | value |  0x0a | length | ...

export interface LabelList {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** Appends the encoding of labels that are sorted and unique already. */
export function writeLabels(writer: ProtobufWriter, labels: LabelList): void {
  const { names, values } = labels;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? "";
    const value = values[i] ?? "";
    const mark = writer.begin(1, name.length + value.length + 4);
    writer.string(1, name);
    writer.string(2, value);
    writer.finish(mark);
  }
}

/** Sorts labels and leaves out those without a value; names that come twice are a fault of who sent them. */
export function sortedLabels(labels: Iterable<readonly [name: string, value: string]>): LabelList {
  const pairs = [...labels].filter(([, value]) => value !== "").sort(([a], [b]) => compareTexts(a, b));
  for (let i = 1; i < pairs.length; i++) {
    const name = pairs[i]?.[0];
    if (name === pairs[i - 1]?.[0]) throw new MalformedInput(`label name ${JSON.stringify(name)} is not unique: invalid sample`);
  }
  return { names: pairs.map(([name]) => name), values: pairs.map(([, value]) => value) };
}

/** Goes through an encoded label set in place. Only for encodings of our own, which are known to be well formed. */
export class LabelCursor {
  bytes: Uint8Array = empty;
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Where the current label's encoding begins. */
  start = 0;
  #at = 0;
  #end = 0;

  reset(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
    return this;
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    this.start = this.#at;
    // The tag, the length and the name's tag say nothing that is not known.
    let at = this.#skipVarint(this.#at + 1) + 1;
    const { bytes } = this;
    let length = bytes[at++] as number;
    if (length > 0x7f) {
      length = longVarint(bytes, at - 1);
      at = this.#skipVarint(at - 1);
    }
    this.nameStart = at;
    at += length;
    this.nameEnd = at;
    at++;
    length = bytes[at++] as number;
    if (length > 0x7f) {
      length = longVarint(bytes, at - 1);
      at = this.#skipVarint(at - 1);
    }
    this.valueStart = at;
    at += length;
    this.valueEnd = at;
    this.#at = at;
    return true;
  }

  name(): string {
    return shortText(this.bytes, this.nameStart, this.nameEnd);
  }

  value(): string {
    return shortText(this.bytes, this.valueStart, this.valueEnd);
  }

  nameIs(name: Uint8Array): boolean {
    const { bytes, nameStart } = this;
    if (this.nameEnd - nameStart !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (bytes[nameStart + i] !== name[i]) return false;
    return true;
  }

  #skipVarint(at: number): number {
    while ((this.bytes[at] as number) > 0x7f) at++;
    return at + 1;
  }
}

/** The names and values of an encoded label set. */
export function readLabels(bytes: Uint8Array, start: number, end: number): { names: string[]; values: string[] } {
  const names: string[] = [];
  const values: string[] = [];
  const cursor = new LabelCursor().reset(bytes, start, end);
  while (cursor.next()) {
    names.push(cursor.name());
    values.push(cursor.value());
  }
  return { names, values };
}

/** `{__name__="up", job="x"}`: the order and quoting in which Prometheus prints label sets. */
export function labelsText({ names, values }: LabelList): string {
  return `{${names.map((name, i) => `${name}=${JSON.stringify(values[i])}`).join(", ")}}`;
}

const empty = new Uint8Array(0);
/** Up to here adding up characters is quicker than the native decoder. */
const SHORT_TEXT = 16;

function shortText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_TEXT) return textOf(bytes, start, end);
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 0x7f) return textOf(bytes, start, end);
    text += String.fromCharCode(byte);
  }
  return text;
}

function longVarint(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}
