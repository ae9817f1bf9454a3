import { isAscii } from "node:buffer";
import { byteLength, bytesFromText, textFromBytes } from "@invar/go-compat";
import { LogBatch, type MetadataColumn } from "../../../signals/loki/log-batch.ts";
import type { StreamLabels } from "../../../signals/loki/stream-labels.ts";
import { decodeMetadata, encodeMetadata, type MetadataPairs, metadataSize } from "../../../signals/loki/structured-metadata.ts";
import type { Receipt } from "../../../signals/receipt.ts";
import { Extracted, type Names } from "./extracted.ts";

/** The rows that are still on their way, in order; the first `count` of `rows` count. */
export class Selection {
  rows: Uint32Array;
  count: number;
  constructor(rows: Uint32Array, count: number) {
    this.rows = rows;
    this.count = count;
  }
}

/**
 * A batch while stages work on it, in columns: what a stage does not touch stays what the batch had, and a line is text only where a stage
 * has asked for it. Rows that are made on the way come behind those of the batch.
 */
export class Frame {
  readonly batch: LogBatch;
  readonly extracted: Extracted;
  /** Place in `streams`. */
  stream: Uint32Array;
  seconds: Float64Array;
  nanos: Uint32Array;
  start: Uint32Array;
  end: Uint32Array;
  /** Which row of the batch a row goes back to, for the order. */
  order: Uint32Array;
  rows: number;
  readonly streams: StreamLabels[];
  /** Receipts of earlier batches whose lines were kept back until now. */
  readonly carried: Receipt[] = [];
  readonly #places = new Map<StreamLabels, number>();
  /** Lines that are not what the batch has. */
  #lines: (string | undefined)[] | undefined;
  #metadata: (MetadataPairs | undefined)[] | undefined;
  /** The whole text, where each of its bytes is one character: lines are then slices of it. */
  #whole: string | undefined;
  #isWholeTried = false;

  constructor(batch: LogBatch, names: Names) {
    const { rows } = batch;
    this.batch = batch;
    this.rows = rows;
    this.streams = [...batch.streams];
    this.streams.forEach((labels, place) => {
      this.#places.set(labels, place);
    });
    this.stream = batch.stream.slice(0, rows);
    this.seconds = batch.seconds.slice(0, rows);
    this.nanos = batch.nanos.slice(0, rows);
    this.start = batch.start.slice(0, rows);
    this.end = batch.end.slice(0, rows);
    this.order = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) this.order[row] = row;
    this.extracted = new Extracted(names, (row) => this.#initialLabels(row));
  }

  all(): Selection {
    return new Selection(this.order.slice(0, this.batch.rows), this.batch.rows);
  }

  labels(row: number): StreamLabels {
    return this.streams[this.stream[row] as number] as StreamLabels;
  }

  setLabels(row: number, labels: StreamLabels): void {
    this.stream[row] = this.place(labels);
  }

  /** The place of these labels in `streams`, for stages that remember it. */
  place(labels: StreamLabels): number {
    let place = this.#places.get(labels);
    if (place === undefined) {
      place = this.streams.push(labels) - 1;
      this.#places.set(labels, place);
    }
    return place;
  }

  line(row: number): string {
    const changed = this.#lines?.[row];
    if (changed !== undefined) return changed;
    if (!this.#isWholeTried) this.#readWhole();
    const start = this.start[row] as number;
    const end = this.end[row] as number;
    if (this.#whole !== undefined) return this.#whole.slice(start, end);
    return textFromBytes(this.batch.text.subarray(start, end));
  }

  /** Bytes of the line. */
  lineLength(row: number): number {
    const changed = this.#lines?.[row];
    return changed === undefined ? (this.end[row] as number) - (this.start[row] as number) : byteLength(changed);
  }

  setLine(row: number, line: string): void {
    this.#lines ??= [];
    this.#lines[row] = line;
  }

  /** Whether the line lies in the batch's text, between `start` and `end`. */
  isBytes(row: number): boolean {
    return this.#lines?.[row] === undefined;
  }

  metadata(row: number): MetadataPairs {
    const changed = this.#metadata?.[row];
    if (changed !== undefined) return changed;
    const { metadata, rows } = this.batch;
    if (metadata === undefined || row >= rows) return [];
    return decodeMetadata(metadata.bytes, metadata.start[row] as number, metadata.end[row] as number);
  }

  setMetadata(row: number, pairs: MetadataPairs): void {
    this.#metadata ??= [];
    this.#metadata[row] = pairs;
  }

  /** Adds a row that is all that `row` is. */
  copyRow(row: number): number {
    const copy = this.#addRow(this.order[row] as number, this.labels(row));
    this.seconds[copy] = this.seconds[row] as number;
    this.nanos[copy] = this.nanos[row] as number;
    this.start[copy] = this.start[row] as number;
    this.end[copy] = this.end[row] as number;
    const line = this.#lines?.[row];
    if (line !== undefined) this.setLine(copy, line);
    const pairs = this.metadata(row);
    if (pairs.length > 0) this.setMetadata(copy, pairs);
    this.extracted.copy(row, copy, this.#initialLabels(row));
    return copy;
  }

  /** Adds a row that was kept back from an earlier batch; it takes its place before `order`. */
  addKept(kept: KeptRow, order: number): number {
    const row = this.#addRow(order, kept.labels);
    this.seconds[row] = kept.seconds;
    this.nanos[row] = kept.nanos;
    this.setLine(row, kept.line);
    if (kept.metadata.length > 0) this.setMetadata(row, kept.metadata);
    this.extracted.restore(row, kept.extracted, kept.initialLabels);
    return row;
  }

  /** What `addKept` needs to bring the row back later. */
  keep(row: number, line: string): KeptRow {
    return {
      // A slice would keep the text of the whole batch.
      line: Buffer.from(line, "utf16le").toString("utf16le"),
      labels: this.labels(row),
      seconds: this.seconds[row] as number,
      nanos: this.nanos[row] as number,
      metadata: this.metadata(row),
      extracted: this.extracted.snapshot(row),
      initialLabels: this.#initialLabels(row),
    };
  }

  /** The batch of the rows that are left; undefined where none are. */
  build(selection: Selection, receipt: Receipt | undefined): LogBatch | undefined {
    const { rows, count } = selection;
    if (count === 0) return undefined;
    const { stream, streams } = this.#usedStreams(rows, count);
    const columns = {
      rows: count,
      streams,
      stream,
      seconds: gather(this.seconds, rows, new Float64Array(count)),
      nanos: gather(this.nanos, rows, new Uint32Array(count)),
      metadata: this.#buildMetadata(rows, count),
      createdMs: this.batch.createdMs,
      receipt,
    };
    if (this.#lines === undefined) {
      const start = gather(this.start, rows, new Uint32Array(count));
      const end = gather(this.end, rows, new Uint32Array(count));
      this.batch.retain();
      return new LogBatch({ ...columns, start, end, text: this.batch.text, whenFree: () => this.batch.release() });
    }
    return new LogBatch({ ...columns, ...this.#buildText(rows, count) });
  }

  #initialLabels(row: number): StreamLabels | undefined {
    return row < this.batch.rows ? this.batch.streams[this.batch.stream[row] as number] : undefined;
  }

  #addRow(order: number, labels: StreamLabels): number {
    const row = this.rows++;
    if (row === this.stream.length) this.#grow();
    this.order[row] = order;
    this.setLabels(row, labels);
    this.start[row] = 0;
    this.end[row] = 0;
    return row;
  }

  #grow(): void {
    const length = Math.max(16, this.stream.length * 2);
    this.stream = longer(this.stream, new Uint32Array(length));
    this.seconds = longer(this.seconds, new Float64Array(length));
    this.nanos = longer(this.nanos, new Uint32Array(length));
    this.start = longer(this.start, new Uint32Array(length));
    this.end = longer(this.end, new Uint32Array(length));
    this.order = longer(this.order, new Uint32Array(length));
  }

  #readWhole(): void {
    this.#isWholeTried = true;
    const { text } = this.batch;
    if (isAscii(text)) this.#whole = Buffer.from(text.buffer, text.byteOffset, text.length).toString("latin1");
  }

  #usedStreams(rows: Uint32Array, count: number): { stream: Uint32Array; streams: StreamLabels[] } {
    const renumbered = new Int32Array(this.streams.length).fill(-1);
    const streams: StreamLabels[] = [];
    const stream = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const place = this.stream[rows[i] as number] as number;
      if (renumbered[place] === -1) renumbered[place] = streams.push(this.streams[place] as StreamLabels) - 1;
      stream[i] = renumbered[place] as number;
    }
    return { stream, streams };
  }

  #buildText(rows: Uint32Array, count: number): { text: Uint8Array; start: Uint32Array; end: Uint32Array } {
    let size = 0;
    for (let i = 0; i < count; i++) size += this.lineLength(rows[i] as number);
    const text = Buffer.allocUnsafeSlow(size);
    const start = new Uint32Array(count);
    const end = new Uint32Array(count);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      start[i] = at;
      const line = this.#lines?.[row];
      if (line === undefined) {
        text.set(this.batch.text.subarray(this.start[row], this.end[row]), at);
        at += (this.end[row] as number) - (this.start[row] as number);
      } else if (line.isWellFormed()) at += text.write(line, at);
      else {
        const bytes = bytesFromText(line);
        text.set(bytes, at);
        at += bytes.length;
      }
      end[i] = at;
    }
    return { text, start, end };
  }

  #buildMetadata(rows: Uint32Array, count: number): MetadataColumn | undefined {
    const { metadata } = this.batch;
    if (this.#metadata === undefined) {
      if (metadata === undefined) return undefined;
      const start = new Uint32Array(count);
      const end = new Uint32Array(count);
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        if (row >= this.batch.rows) continue;
        start[i] = metadata.start[row] as number;
        end[i] = metadata.end[row] as number;
      }
      return { bytes: metadata.bytes, start, end };
    }
    const pairs = Array.from({ length: count }, (_, i) => this.metadata(rows[i] as number));
    const bytes = new Uint8Array(pairs.reduce((sum, one) => sum + metadataSize(one), 0));
    const start = new Uint32Array(count);
    const end = new Uint32Array(count);
    let at = 0;
    pairs.forEach((one, i) => {
      start[i] = at;
      at = encodeMetadata(one, bytes, at);
      end[i] = at;
    });
    return { bytes, start, end };
  }
}

/** A line that a stage keeps until it is complete. */
export interface KeptRow {
  readonly line: string;
  readonly labels: StreamLabels;
  readonly seconds: number;
  readonly nanos: number;
  readonly metadata: MetadataPairs;
  readonly extracted: ReadonlyMap<string, unknown>;
  readonly initialLabels: StreamLabels | undefined;
}

function gather<T extends Uint32Array | Float64Array>(column: T, rows: Uint32Array, into: T): T {
  for (let i = 0; i < into.length; i++) into[i] = column[rows[i] as number] as number;
  return into;
}

function longer<T extends Uint32Array | Float64Array>(column: T, into: T): T {
  into.set(column);
  return into;
}
