import type { Receipt } from "../receipt.ts";
import type { StreamLabels } from "./stream-labels.ts";

/**
 * Log lines in columns, one row a line. The batch is immutable and owns its memory: rows point into `text`, and every array may be longer than
 * `rows`.
 *
 *     row     stream  seconds     nanos      start  end          text
 *     0       0       1696551429  669794202  41     52           …hello world…
 *     1       1       1696551429  669794999  93     120
 *
 * Time is kept as the wire has it, seconds and nanoseconds apart, so that nobody divides 64 bits.
 */
export class LogBatch {
  readonly rows: number;
  /** Each label set once. */
  readonly streams: readonly StreamLabels[];
  /** Row → place in `streams`. */
  readonly stream: Uint32Array;
  /** Whole seconds since the epoch; may be negative. */
  readonly seconds: Float64Array;
  /** 0 … 999,999,999. */
  readonly nanos: Uint32Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly text: Uint8Array;
  readonly metadata: MetadataColumn | undefined;
  /** When the lines entered this process. */
  readonly createdMs: number;
  readonly receipt: Receipt | undefined;
  #holders = 1;
  readonly #whenFree: (() => void) | undefined;

  constructor(columns: LogColumns) {
    this.rows = columns.rows;
    this.streams = columns.streams;
    this.stream = columns.stream;
    this.seconds = columns.seconds;
    this.nanos = columns.nanos;
    this.start = columns.start;
    this.end = columns.end;
    this.text = columns.text;
    this.metadata = columns.metadata;
    this.createdMs = columns.createdMs;
    this.receipt = columns.receipt;
    this.#whenFree = columns.whenFree;
  }

  /** Keeps the batch and its memory beyond the `consume` that brought it. */
  retain(): void {
    if (this.#holders === 0) throw new Error("a log batch was retained after its memory had been given back");
    this.#holders++;
  }

  release(): void {
    if (this.#holders === 0) throw new Error("a log batch was released more often than it was retained");
    if (--this.#holders === 0) this.#whenFree?.();
  }
}

export interface LogColumns {
  readonly rows: number;
  readonly streams: readonly StreamLabels[];
  readonly stream: Uint32Array;
  readonly seconds: Float64Array;
  readonly nanos: Uint32Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly text: Uint8Array;
  readonly metadata?: MetadataColumn | undefined;
  readonly createdMs: number;
  readonly receipt?: Receipt | undefined;
  /** Called when nobody holds the batch any more: `text` may be used again. */
  readonly whenFree?: (() => void) | undefined;
}

/**
 * The structured metadata of the rows as the push request has it: from `start` to `end` in `bytes` lie whole fields 3 of an entry, one after
 * another, to be copied as they are. A row without any has an empty range.
 */
export interface MetadataColumn {
  readonly bytes: Uint8Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}
