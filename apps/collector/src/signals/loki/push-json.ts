import { textFromBytes } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import type { Receipt } from "../receipt.ts";
import { GrowingColumns } from "./growing-columns.ts";
import { JsonCursor } from "./json-cursor.ts";
import type { LogBatch } from "./log-batch.ts";
import type { StreamLabels } from "./stream-labels.ts";
import { encodeMetadata, metadataSize } from "./structured-metadata.ts";

export interface JsonPushOptions {
  readonly createdMs: number;
  readonly receipt?: Receipt;
  /** The labels that a stream gets whose client gave `record`; undefined leaves its lines out. */
  labels(record: Readonly<Record<string, string>>): StreamLabels | undefined;
  /** The first line's time instead of the client's; each other is a nanosecond later. */
  readonly timestamp?: { readonly seconds: number; readonly nanos: number };
}

/**
 * Reads a push request in JSON, `{"streams":[{"stream":{…},"values":[["<ns>","<line>",{…}]]}]}`, in one pass over the bytes. The batch keeps
 * `body`, which is changed, and points into it. Throws `MalformedInput`.
 */
export function decodeJsonPush(body: Uint8Array, options: JsonPushOptions): LogBatch {
  const decoder = new JsonPushDecoder(body, options);
  decoder.readRequest();
  return decoder.build();
}

class JsonPushDecoder {
  readonly #json: JsonCursor;
  readonly #options: JsonPushOptions;
  readonly #columns = new GrowingColumns();
  #metadata = Buffer.alloc(0);
  #metadataBytes = 0;

  constructor(body: Uint8Array, options: JsonPushOptions) {
    this.#json = new JsonCursor(body);
    this.#options = options;
  }

  readRequest(): void {
    const json = this.#json;
    if (!json.readNull())
      json.readObject(() => {
        if (json.text() !== "streams") json.skipValue();
        else if (!json.readNull()) json.readArray(() => this.#readStream());
      });
    json.expectEnd();
  }

  build(): LogBatch {
    if (this.#options.timestamp !== undefined) this.#columns.stamp(this.#options.timestamp);
    return this.#columns.build({ text: this.#json.bytes, metadata: this.#metadata, ...this.#options });
  }

  #readStream(): void {
    const json = this.#json;
    const firstRow = this.#columns.rows;
    let record: Record<string, string> = {};
    json.readObject(() => {
      const key = json.text();
      if (key === "stream") record = this.#readRecord();
      else if (key === "values" && !json.readNull()) json.readArray(() => this.#readEntry());
      else if (key !== "values") json.skipValue();
    });
    const labels = this.#options.labels(record);
    if (labels === undefined) this.#columns.rows = firstRow;
    else this.#columns.assign(firstRow, labels);
  }

  #readEntry(): void {
    const json = this.#json;
    if (json.readNull()) return;
    const columns = this.#columns;
    const row = columns.addRow();
    columns.seconds[row] = 0;
    columns.nanos[row] = 0;
    columns.start[row] = columns.end[row] = 0;
    json.readArray((index) => {
      if (index === 0) this.#readTimestamp(row);
      else if (index === 1) {
        json.readString("the line as a string");
        columns.start[row] = json.start;
        columns.end[row] = json.end;
      } else if (index === 2) this.#readMetadata(row);
      else json.skipValue();
    });
  }

  // Nanoseconds since the epoch in decimal, read without 64-bit arithmetic: the last nine digits are apart.
  #readTimestamp(row: number): void {
    const json = this.#json;
    json.readString("the timestamp as a string");
    const isNegative = json.bytes[json.start] === 0x2d;
    const from = isNegative ? json.start + 1 : json.start;
    const split = Math.max(from, json.end - 9);
    const seconds = digits(json.bytes, from, split);
    const nanos = digits(json.bytes, split, json.end);
    if (json.end === from || json.end - from > 19 || Number.isNaN(seconds + nanos) || seconds > 9223372036)
      throw new MalformedInput(`json: ${JSON.stringify(json.text().slice(0, 40))} at byte ${json.start} is no timestamp in nanoseconds`);
    const borrows = isNegative && nanos > 0;
    this.#columns.seconds[row] = isNegative ? -seconds - (borrows ? 1 : 0) : seconds;
    this.#columns.nanos[row] = borrows ? 1_000_000_000 - nanos : nanos;
  }

  #readMetadata(row: number): void {
    const pairs = Object.entries(this.#readRecord());
    if (pairs.length === 0) return;
    const columns = this.#columns;
    const size = metadataSize(pairs);
    if (this.#metadataBytes + size > this.#metadata.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#metadata.length * 2, this.#metadataBytes + size, 1024));
      this.#metadata.copy(larger, 0, 0, this.#metadataBytes);
      this.#metadata = larger;
    }
    columns.metadataStart[row] = this.#metadataBytes;
    this.#metadataBytes = encodeMetadata(pairs, this.#metadata, this.#metadataBytes);
    columns.metadataEnd[row] = this.#metadataBytes;
    columns.hasMetadata = true;
  }

  #readRecord(): Record<string, string> {
    const json = this.#json;
    const record: Record<string, string> = Object.create(null);
    json.readObject(() => {
      const name = textFromBytes(json.bytes.subarray(json.start, json.end));
      json.readString("a label's value as a string");
      record[name] = textFromBytes(json.bytes.subarray(json.start, json.end));
    });
    return record;
  }
}

function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
