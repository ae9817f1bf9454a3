import { byteLength, bytesFromText } from "@invar/go-compat";
import type { Receipt } from "../receipt.ts";
import { GrowingColumns } from "./growing-columns.ts";
import type { LogBatch } from "./log-batch.ts";
import type { StreamLabels } from "./stream-labels.ts";
import { encodeMetadata, type MetadataPairs, metadataSize } from "./structured-metadata.ts";

/** Collects lines one by one into a batch that owns its memory. */
export class LogBatchBuilder {
  readonly #columns = new GrowingColumns();
  #text = Buffer.allocUnsafeSlow(4096);
  #textBytes = 0;
  #metadata = Buffer.alloc(0);
  #metadataBytes = 0;

  get rows(): number {
    return this.#columns.rows;
  }

  /** The bytes of all lines so far. */
  get textBytes(): number {
    return this.#textBytes;
  }

  add(labels: StreamLabels, seconds: number, nanos: number, line: string, metadata: MetadataPairs = []): void {
    const row = this.#addRow(labels, seconds, nanos);
    this.#writeText(line);
    this.#columns.end[row] = this.#textBytes;
    if (metadata.length === 0) return;
    const bytes = new Uint8Array(metadataSize(metadata));
    encodeMetadata(metadata, bytes, 0);
    this.addMetadata(bytes, 0, bytes.length);
  }

  /** A line whose bytes lie in a larger buffer, which are copied. */
  addBytes(labels: StreamLabels, seconds: number, nanos: number, source: Uint8Array, from: number, to: number): void {
    const row = this.#addRow(labels, seconds, nanos);
    this.#text = withRoom(this.#text, this.#textBytes, to - from);
    this.#text.set(source.subarray(from, to), this.#textBytes);
    this.#textBytes += to - from;
    this.#columns.end[row] = this.#textBytes;
  }

  /** Copies encoded structured metadata to the row that was added last. */
  addMetadata(source: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    const columns = this.#columns;
    const row = columns.rows - 1;
    this.#metadata = withRoom(this.#metadata, this.#metadataBytes, to - from);
    this.#metadata.set(source.subarray(from, to), this.#metadataBytes);
    if (columns.metadataEnd[row] === columns.metadataStart[row]) columns.metadataStart[row] = this.#metadataBytes;
    this.#metadataBytes += to - from;
    columns.metadataEnd[row] = this.#metadataBytes;
    columns.hasMetadata = true;
  }

  /** The batch of all rows; the builder is not used again. */
  build(options: { createdMs: number; receipt?: Receipt | undefined }): LogBatch {
    return this.#columns.build({ text: this.#text.subarray(0, this.#textBytes), metadata: this.#metadata, ...options });
  }

  #addRow(labels: StreamLabels, seconds: number, nanos: number): number {
    const row = this.#columns.addRow(labels);
    this.#columns.seconds[row] = seconds;
    this.#columns.nanos[row] = nanos;
    this.#columns.start[row] = this.#textBytes;
    return row;
  }

  #writeText(line: string): void {
    if (line.isWellFormed()) {
      // No UTF-16 unit takes more than three bytes; only long lines are measured.
      this.#text = withRoom(this.#text, this.#textBytes, line.length < 4096 ? line.length * 3 : byteLength(line));
      this.#textBytes += this.#text.write(line, this.#textBytes);
      return;
    }
    const bytes = bytesFromText(line);
    this.#text = withRoom(this.#text, this.#textBytes, bytes.length);
    this.#text.set(bytes, this.#textBytes);
    this.#textBytes += bytes.length;
  }
}

function withRoom(buffer: Buffer<ArrayBuffer>, used: number, more: number): Buffer<ArrayBuffer> {
  if (used + more <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, used + more, 1024));
  buffer.copy(larger, 0, 0, used);
  return larger;
}
