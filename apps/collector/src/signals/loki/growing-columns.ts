import type { Receipt } from "../receipt.ts";
import { LogBatch } from "./log-batch.ts";
import type { StreamLabels } from "./stream-labels.ts";

/** The columns of a batch whose number of rows is not known yet. Who adds a row fills all its columns. */
export class GrowingColumns {
  rows = 0;
  seconds = new Float64Array(64);
  nanos = new Uint32Array(64);
  start = new Uint32Array(64);
  end = new Uint32Array(64);
  metadataStart = new Uint32Array(64);
  metadataEnd = new Uint32Array(64);
  /** Whether a row has metadata; set by who adds it. */
  hasMetadata = false;
  readonly #streams: StreamLabels[] = [];
  readonly #places = new Map<StreamLabels, number>();
  #stream = new Uint32Array(64);

  /** Without labels the row must be assigned to a stream later. */
  addRow(labels?: StreamLabels): number {
    const row = this.rows++;
    if (row === this.#stream.length) this.#grow();
    if (labels !== undefined) this.#stream[row] = this.#placeOf(labels);
    this.metadataStart[row] = this.metadataEnd[row] = 0;
    return row;
  }

  /** Gives the rows from `from` on to another stream. */
  assign(from: number, labels: StreamLabels): void {
    if (from < this.rows) this.#stream.fill(this.#placeOf(labels), from, this.rows);
  }

  /** Gives the rows times one nanosecond apart, so that equal lines stay two. */
  stamp(time: { readonly seconds: number; readonly nanos: number }): void {
    let { seconds, nanos } = time;
    for (let row = 0; row < this.rows; row++) {
      this.seconds[row] = seconds;
      this.nanos[row] = nanos;
      if (++nanos < 1_000_000_000) continue;
      nanos = 0;
      seconds++;
    }
  }

  build(parts: { text: Uint8Array; metadata: Uint8Array; createdMs: number; receipt?: Receipt | undefined }): LogBatch {
    return new LogBatch({
      rows: this.rows,
      streams: this.#streams,
      stream: this.#stream,
      seconds: this.seconds,
      nanos: this.nanos,
      start: this.start,
      end: this.end,
      text: parts.text,
      metadata: this.hasMetadata ? { bytes: parts.metadata, start: this.metadataStart, end: this.metadataEnd } : undefined,
      createdMs: parts.createdMs,
      receipt: parts.receipt,
    });
  }

  #placeOf(labels: StreamLabels): number {
    let place = this.#places.get(labels);
    if (place === undefined) {
      place = this.#streams.push(labels) - 1;
      this.#places.set(labels, place);
    }
    return place;
  }

  #grow(): void {
    const length = this.#stream.length * 2;
    this.#stream = longer(this.#stream, new Uint32Array(length));
    this.seconds = longer(this.seconds, new Float64Array(length));
    this.nanos = longer(this.nanos, new Uint32Array(length));
    this.start = longer(this.start, new Uint32Array(length));
    this.end = longer(this.end, new Uint32Array(length));
    this.metadataStart = longer(this.metadataStart, new Uint32Array(length));
    this.metadataEnd = longer(this.metadataEnd, new Uint32Array(length));
  }
}

function longer<T extends Uint32Array | Float64Array>(column: T, into: T): T {
  into.set(column);
  return into;
}
