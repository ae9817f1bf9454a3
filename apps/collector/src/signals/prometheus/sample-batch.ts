import type { Receipt } from "../receipt.ts";
import type { SeriesTable } from "./series-table.ts";

/** The value by which a series says that it has ended; one exact NaN. */
export const STALE_HIGH = 0x7ff00000;
export const STALE_LOW = 0x00000002;
const NORMAL_NAN_HIGH = 0x7ff80000;
const NORMAL_NAN_LOW = 0x00000001;

/** Native histograms: `bytes` from `ends[row - 1]` to `ends[row]` is a remote-write Histogram message without its timestamp. */
export interface HistogramColumns {
  readonly count: number;
  readonly series: Uint32Array;
  readonly timestamps: Float64Array;
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Exemplars: `bytes` from `ends[row - 1]` to `ends[row]` are their encoded labels. */
export interface ExemplarColumns {
  readonly count: number;
  readonly series: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

export type MetricType = "unknown" | "counter" | "gauge" | "histogram" | "gaugehistogram" | "summary" | "info" | "stateset";

export interface Metadata {
  readonly family: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** Metadata that is new or has changed, by series; series of one family share the object. */
export interface MetadataColumns {
  readonly series: Uint32Array;
  readonly metadata: readonly Metadata[];
}

export interface BatchColumns {
  /** Rows in the first three columns, which may be longer. */
  readonly count: number;
  readonly series: Uint32Array;
  /** Milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** When the counters behind the values began, in milliseconds; 0 where it is not known. */
  readonly startTimestamps?: Float64Array | undefined;
  readonly histograms?: HistogramColumns | undefined;
  readonly exemplars?: ExemplarColumns | undefined;
  readonly metadata?: MetadataColumns | undefined;
}

/** The target that the samples of a batch were scraped from, for who needs to know more than their labels tell. */
export interface SampleOrigin {
  /** A label of the target as it was discovered, `__scheme__` and `__meta_…` included; empty where it has none. */
  discovered(name: string): string;
  /** A label that the target gives to its series. */
  label(name: string): string;
  /** What the target has told of a metric family, where somebody wants metadata. */
  metadata(family: string): Metadata | undefined;
}

/**
 * Samples as columns: which series, when, what value. Immutable and counted: made at count 1, given back by `release`. Its series numbers hold
 * until then; who keeps numbers longer retains them in the table.
 */
export class SampleBatch implements BatchColumns {
  readonly table: SeriesTable;
  readonly count: number;
  readonly series: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The values' bits, low word first: staleness markers and other NaNs are told apart only here. */
  readonly valueBits: Uint32Array;
  readonly startTimestamps: Float64Array | undefined;
  readonly histograms: HistogramColumns | undefined;
  readonly exemplars: ExemplarColumns | undefined;
  readonly metadata: MetadataColumns | undefined;
  readonly receipt: Receipt | undefined;
  readonly origin: SampleOrigin | undefined;
  readonly #epoch: number;
  #holders = 1;

  constructor(table: SeriesTable, epoch: number, columns: BatchColumns, receipt: Receipt | undefined, origin?: SampleOrigin) {
    this.table = table;
    this.#epoch = epoch;
    this.count = columns.count;
    this.series = columns.series;
    this.timestamps = columns.timestamps;
    this.values = columns.values;
    this.valueBits = new Uint32Array(columns.values.buffer, columns.values.byteOffset, columns.values.length * 2);
    this.startTimestamps = columns.startTimestamps;
    this.histograms = columns.histograms;
    this.exemplars = columns.exemplars;
    this.metadata = columns.metadata;
    this.receipt = receipt;
    this.origin = origin;
  }

  /** Samples of both kinds: what limits and counters count. */
  get items(): number {
    return this.count + (this.histograms?.count ?? 0);
  }

  isStale(row: number): boolean {
    return this.valueBits[row * 2 + 1] === STALE_HIGH && this.valueBits[row * 2] === STALE_LOW;
  }

  /** A batch with other columns in place of some, sharing the rest. */
  derive(columns: Partial<BatchColumns>): SampleBatch {
    return new SampleBatch(
      this.table,
      this.table.openDerivedBatch(this.#epoch),
      { ...columnsOf(this), ...columns },
      this.receipt,
      this.origin,
    );
  }

  /** A builder for a batch made of this one's rows and numbers. */
  deriveBuilder(capacity: number): SampleBatchBuilder {
    const builder = new SampleBatchBuilder(this.table, capacity, this.table.openDerivedBatch(this.#epoch));
    builder.origin = this.origin;
    return builder;
  }

  retain(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (this.#holders === 0) throw new Error("a batch of samples was released more often than it was retained");
    if (--this.#holders === 0) this.table.closeBatch(this.#epoch);
  }
}

function columnsOf(batch: SampleBatch): BatchColumns {
  const { count, series, timestamps, values, startTimestamps, histograms, exemplars, metadata } = batch;
  return { count, series, timestamps, values, startTimestamps, histograms, exemplars, metadata };
}

/** Collects rows for one batch. Numbers that the table gives out after the builder is made are safe in it. */
export class SampleBatchBuilder {
  /** Where the samples were scraped. */
  origin: SampleOrigin | undefined;
  readonly #table: SeriesTable;
  readonly #epoch: number;
  #count = 0;
  #series: Uint32Array;
  #timestamps: Float64Array;
  #values: Float64Array;
  #bits: Uint32Array;
  #starts: Float64Array | undefined;
  #histograms: BlobRows | undefined;
  #exemplars: BlobRows | undefined;
  #exemplarValues: number[] = [];
  #metadataSeries: number[] = [];
  #metadata: Metadata[] = [];

  constructor(table: SeriesTable, capacity: number, epoch: number = table.openBatch()) {
    this.#table = table;
    this.#epoch = epoch;
    const rows = Math.max(capacity, 16);
    this.#series = new Uint32Array(rows);
    this.#timestamps = new Float64Array(rows);
    this.#values = new Float64Array(rows);
    this.#bits = new Uint32Array(this.#values.buffer);
  }

  /** Rows so far, of plain samples. */
  get count(): number {
    return this.#count;
  }

  get histogramCount(): number {
    return this.#histograms?.count ?? 0;
  }

  add(series: number, timestampMs: number, value: number): void {
    const row = this.#count;
    if (row === this.#series.length) this.#grow();
    this.#count = row + 1;
    this.#series[row] = series;
    this.#timestamps[row] = timestampMs;
    // biome-ignore lint/suspicious/noSelfCompare: the quickest test for NaN
    if (value === value) this.#values[row] = value;
    else {
      this.#bits[row * 2] = NORMAL_NAN_LOW;
      this.#bits[row * 2 + 1] = NORMAL_NAN_HIGH;
    }
  }

  /** As `add`, with the exact bits of the value. */
  addBits(series: number, timestampMs: number, low: number, high: number): void {
    this.add(series, timestampMs, 0);
    const row = this.#count - 1;
    this.#bits[row * 2] = low;
    this.#bits[row * 2 + 1] = high;
  }

  addStale(series: number, timestampMs: number): void {
    this.addBits(series, timestampMs, STALE_LOW, STALE_HIGH);
  }

  /** Says when the counter behind the last added sample began. */
  startedAt(startMs: number): void {
    this.#starts ??= new Float64Array(this.#series.length);
    this.#starts[this.#count - 1] = startMs;
  }

  /** A remote-write Histogram message without its timestamp; its bytes are copied. */
  addHistogram(series: number, timestampMs: number, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#histograms ??= new BlobRows();
    this.#histograms.add(series, timestampMs, bytes, start, end);
  }

  /** The exemplar's encoded labels are copied. */
  addExemplar(series: number, timestampMs: number, value: number, labels: Uint8Array, start = 0, end: number = labels.length): void {
    this.#exemplars ??= new BlobRows();
    this.#exemplars.add(series, timestampMs, labels, start, end);
    this.#exemplarValues.push(value);
  }

  addMetadata(series: number, metadata: Metadata): void {
    this.#metadataSeries.push(series);
    this.#metadata.push(metadata);
  }

  /** Forgets all rows; the builder can be used on. */
  clear(): void {
    this.#count = 0;
    this.#starts = undefined;
    this.#histograms = undefined;
    this.#exemplars = undefined;
    this.#exemplarValues = [];
    this.#metadataSeries = [];
    this.#metadata = [];
  }

  /** Gives up without a batch. */
  discard(): void {
    this.#table.closeBatch(this.#epoch);
  }

  /** The batch, at count 1. The builder is used up. */
  build(receipt?: Receipt): SampleBatch {
    const columns: BatchColumns = {
      count: this.#count,
      series: this.#series,
      timestamps: this.#timestamps,
      values: this.#values,
      startTimestamps: this.#starts,
      histograms: this.#histograms,
      exemplars: this.#exemplars && { ...this.#exemplars, values: Float64Array.from(this.#exemplarValues) },
      metadata: this.#metadata.length === 0 ? undefined : { series: Uint32Array.from(this.#metadataSeries), metadata: this.#metadata },
    };
    return new SampleBatch(this.#table, this.#epoch, columns, receipt, this.origin);
  }

  #grow(): void {
    const rows = this.#series.length * 2;
    this.#series = grown(this.#series, new Uint32Array(rows));
    this.#timestamps = grown(this.#timestamps, new Float64Array(rows));
    this.#values = grown(this.#values, new Float64Array(rows));
    this.#bits = new Uint32Array(this.#values.buffer);
    if (this.#starts !== undefined) this.#starts = grown(this.#starts, new Float64Array(rows));
  }
}

/** Rows each of which has some bytes. */
class BlobRows {
  count = 0;
  series = new Uint32Array(16);
  timestamps = new Float64Array(16);
  ends = new Uint32Array(16);
  bytes: Buffer = Buffer.allocUnsafeSlow(4096);

  add(series: number, timestampMs: number, source: Uint8Array, start: number, end: number): void {
    const row = this.count++;
    if (row === this.series.length) {
      this.series = grown(this.series, new Uint32Array(row * 2));
      this.timestamps = grown(this.timestamps, new Float64Array(row * 2));
      this.ends = grown(this.ends, new Uint32Array(row * 2));
    }
    const at = row === 0 ? 0 : (this.ends[row - 1] as number);
    const needed = at + end - start;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(source.subarray(start, end), at);
    this.series[row] = series;
    this.timestamps[row] = timestampMs;
    this.ends[row] = needed;
  }
}

function grown<Column extends Uint32Array | Float64Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
