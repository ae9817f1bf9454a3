import { textFromBytes } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import type { Receipt } from "../receipt.ts";
import { GrowingColumns } from "./growing-columns.ts";
import type { LogBatch } from "./log-batch.ts";
import type { StreamLabels } from "./stream-labels.ts";

export interface PushOptions {
  readonly createdMs: number;
  readonly receipt?: Receipt;
  /**
   * The labels that a stream gets whose client wrote `text`; undefined leaves its lines out. What it throws ends the decoding.
   */
  labels(text: string): StreamLabels | undefined;
  /** The first line's time instead of the client's; each other is a nanosecond later. */
  readonly timestamp?: { readonly seconds: number; readonly nanos: number };
}

// The seconds of the years 1 to 9999, which is what a timestamp may hold.
const MIN_SECONDS = -62135596800;
const MAX_SECONDS = 253402300799;

/** Reads an uncompressed push request. The batch keeps `body` and points into it. Throws `MalformedInput`. */
export function decodePushRequest(body: Uint8Array, options: PushOptions): LogBatch {
  const decoder = new PushDecoder(body, options);
  const request = new ProtobufReader().reset(body);
  while (request.next()) {
    if (request.field !== 1) continue;
    expectBytes(request, "a stream");
    decoder.addStream(request.start, request.stop);
  }
  return decoder.build();
}

class PushDecoder {
  readonly #body: Uint8Array;
  readonly #options: PushOptions;
  readonly #columns = new GrowingColumns();
  /** Metadata whose fields do not lie side by side, put behind the body. */
  readonly #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  readonly #streamReader = new ProtobufReader();
  readonly #entryReader = new ProtobufReader();
  readonly #innerReader = new ProtobufReader();
  /** The timestamp of the entry that is being read. */
  #seconds = 0;
  #nanos = 0;

  constructor(body: Uint8Array, options: PushOptions) {
    this.#body = body;
    this.#options = options;
  }

  addStream(start: number, stop: number): void {
    const reader = this.#streamReader.reset(this.#body, start, stop);
    let text = "";
    // Labels usually come first, but need not.
    while (reader.next()) {
      if (reader.field !== 1) continue;
      expectBytes(reader, "labels");
      text = textFromBytes(this.#body.subarray(reader.start, reader.stop));
    }
    const labels = this.#options.labels(text);
    reader.reset(this.#body, start, stop);
    while (reader.next()) {
      if (reader.field !== 2) continue;
      expectBytes(reader, "an entry");
      this.#addEntry(labels, reader.start, reader.stop);
    }
  }

  build(): LogBatch {
    if (this.#options.timestamp !== undefined) this.#columns.stamp(this.#options.timestamp);
    return this.#columns.build({ text: this.#body, metadata: this.#metadataBytes(), ...this.#options });
  }

  #addEntry(labels: StreamLabels | undefined, start: number, stop: number): void {
    const reader = this.#entryReader.reset(this.#body, start, stop);
    let lineStart = start;
    let lineEnd = start;
    let metadataStart = -1;
    let metadataEnd = -1;
    let isScattered = false;
    this.#seconds = 0;
    this.#nanos = 0;
    while (reader.next()) {
      if (reader.field === 1) {
        expectBytes(reader, "a timestamp");
        this.#readTimestamp(reader.start, reader.stop);
      } else if (reader.field === 2) {
        expectBytes(reader, "a line");
        lineStart = reader.start;
        lineEnd = reader.stop;
      } else if (reader.field === 3) {
        expectBytes(reader, "structured metadata");
        this.#checkPair(reader.start, reader.stop);
        if (metadataStart < 0) metadataStart = reader.tagStart;
        else if (metadataEnd !== reader.tagStart) isScattered = true;
        metadataEnd = reader.stop;
      }
    }
    if (labels === undefined) return;
    const columns = this.#columns;
    const row = columns.addRow(labels);
    columns.seconds[row] = this.#seconds;
    columns.nanos[row] = this.#nanos;
    columns.start[row] = lineStart;
    columns.end[row] = lineEnd;
    if (metadataStart < 0) return;
    columns.hasMetadata = true;
    if (isScattered) this.#gather(row, start, stop);
    else {
      columns.metadataStart[row] = metadataStart;
      columns.metadataEnd[row] = metadataEnd;
    }
  }

  #readTimestamp(start: number, stop: number): void {
    const reader = this.#innerReader.reset(this.#body, start, stop);
    let seconds = 0;
    let nanos = 0;
    while (reader.next()) {
      if (reader.field !== 1 && reader.field !== 2) continue;
      if (reader.wire !== WIRE_VARINT) throw new MalformedInput(`a timestamp at byte ${reader.tagStart} is not a number`);
      if (reader.field === 1) seconds = reader.signed();
      else nanos = reader.signed();
    }
    if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos > 999_999_999)
      throw new MalformedInput(`a timestamp of ${seconds} s and ${nanos} ns does not lie in the years 1 to 9999`);
    this.#seconds = seconds;
    this.#nanos = nanos;
  }

  #checkPair(start: number, stop: number): void {
    const reader = this.#innerReader.reset(this.#body, start, stop);
    while (reader.next()) if (reader.field === 1 || reader.field === 2) expectBytes(reader, "structured metadata");
  }

  #gather(row: number, start: number, stop: number): void {
    this.#columns.metadataStart[row] = this.#body.length + this.#gatheredBytes;
    const reader = this.#entryReader.reset(this.#body, start, stop);
    while (reader.next()) {
      if (reader.field !== 3) continue;
      this.#gathered.push(this.#body.subarray(reader.tagStart, reader.stop));
      this.#gatheredBytes += reader.stop - reader.tagStart;
    }
    this.#columns.metadataEnd[row] = this.#body.length + this.#gatheredBytes;
  }

  #metadataBytes(): Uint8Array {
    return this.#gathered.length === 0 ? this.#body : Buffer.concat([this.#body, ...this.#gathered]);
  }
}

function expectBytes(reader: ProtobufReader, what: string): void {
  if (reader.wire !== WIRE_BYTES) throw new MalformedInput(`protobuf: ${what} at byte ${reader.tagStart} has wire type ${reader.wire}`);
}
