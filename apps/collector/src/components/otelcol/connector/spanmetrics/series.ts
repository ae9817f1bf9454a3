import { ExponentialHistogram } from "../../../../signals/otlp/exponential-histogram.ts";

/** Bytes of one exemplar: trace id, span id, value. */
const EXEMPLAR = 32;
/** What a series takes beside its key, attributes and buckets: objects and entries of maps. */
const SERIES_BYTES = 320;

/** Counts of one combination of dimensions. */
export class Series {
  /** KeyValues, tags included, as the data point has them. */
  readonly attributes: Uint8Array;
  readonly startMs: number;
  lastSeenMs: number;
  count = 0;
  sum = 0;
  /** Explicit buckets, or those of an exponential histogram; of calls neither. */
  readonly buckets: Float64Array | undefined;
  readonly exponential: ExponentialHistogram | undefined;
  /** No point was sent of it yet. */
  isNew = true;
  exemplars = 0;
  #exemplars: Buffer | undefined;

  constructor(attributes: Uint8Array, startMs: number, shape: Shape) {
    this.attributes = attributes;
    this.startMs = startMs;
    this.lastSeenMs = startMs;
    this.buckets = shape.bounds === undefined ? undefined : new Float64Array(shape.bounds.length + 1);
    this.exponential = shape.maxSize === undefined ? undefined : new ExponentialHistogram(shape.maxSize);
  }

  get bytes(): number {
    return SERIES_BYTES + this.attributes.length + (this.buckets?.byteLength ?? 0) + (this.exponential === undefined ? 0 : 512);
  }

  addExemplar(span: Uint8Array, traceId: number, spanId: number, value: number, limit: number): void {
    if (this.exemplars >= limit) return;
    const needed = (this.exemplars + 1) * EXEMPLAR;
    if (this.#exemplars === undefined || this.#exemplars.length < needed) {
      const larger = Buffer.alloc(Math.min(limit, Math.max(this.exemplars * 2, 2)) * EXEMPLAR);
      if (this.#exemplars !== undefined) larger.set(this.#exemplars);
      this.#exemplars = larger;
    }
    const at = this.exemplars * EXEMPLAR;
    this.#exemplars.set(span.subarray(traceId, traceId + 16), at);
    if (spanId >= 0) this.#exemplars.set(span.subarray(spanId, spanId + 8), at + 16);
    else this.#exemplars.fill(0, at + 16, at + 24);
    this.#exemplars.writeDoubleLE(value, at + 24);
    this.exemplars++;
  }

  exemplar(i: number): { readonly traceId: Uint8Array; readonly spanId: Uint8Array; readonly value: number } {
    const bytes = this.#exemplars as Buffer;
    const at = i * EXEMPLAR;
    const spanId = bytes.subarray(at + 16, at + 24);
    return {
      traceId: bytes.subarray(at, at + 16),
      spanId: spanId.every((byte) => byte === 0) ? spanId.subarray(0, 0) : spanId,
      value: bytes.readDoubleLE(at + 24),
    };
  }
}

/** What the series of a table measure: nothing but counts, or durations in buckets. */
export interface Shape {
  readonly bounds?: readonly number[];
  readonly maxSize?: number;
}

/** Where memory for series comes from. */
export interface SeriesMemory {
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** The series of one metric of one resource, by their keys. */
export class SeriesTable {
  readonly #shape: Shape;
  readonly #limit: number;
  readonly #memory: SeriesMemory;
  readonly #overflowAttributes: Uint8Array;
  readonly #byKey = new Map<string, Series>();
  #overflow: Series | undefined;

  /** `limit` 0: none but memory. `overflowAttributes`: of the series that takes what is beyond. */
  constructor(shape: Shape, limit: number, memory: SeriesMemory, overflowAttributes: Uint8Array) {
    this.#shape = shape;
    this.#limit = limit;
    this.#memory = memory;
    this.#overflowAttributes = overflowAttributes;
  }

  get size(): number {
    return this.#byKey.size + (this.#overflow === undefined ? 0 : 1);
  }

  get(key: string): Series | undefined {
    return this.#byKey.get(key);
  }

  /** There are as many series as there may be. */
  get isFull(): boolean {
    return this.#limit > 0 && this.size >= this.#limit;
  }

  /** A new series; undefined where there is no memory for it. */
  add(key: string, attributes: Uint8Array, nowMs: number): Series | undefined {
    const series = new Series(attributes, nowMs, this.#shape);
    if (!this.#memory.reserve(series.bytes + key.length)) return undefined;
    this.#byKey.set(key, series);
    return series;
  }

  /** The series of everything that has none of its own. */
  overflow(nowMs: number): Series {
    this.#overflow ??= new Series(this.#overflowAttributes, nowMs, this.#shape);
    return this.#overflow;
  }

  *all(): Generator<readonly [key: string, series: Series]> {
    yield* this.#byKey;
    if (this.#overflow !== undefined) yield ["", this.#overflow];
  }

  clearExemplars(): void {
    for (const [, series] of this.all()) series.exemplars = 0;
  }

  /** Forgets series that were not seen since `beforeMs`. */
  expire(beforeMs: number): void {
    for (const [key, series] of this.#byKey) {
      if (series.lastSeenMs > beforeMs) continue;
      this.#byKey.delete(key);
      this.#memory.release(series.bytes + key.length);
    }
    if (this.#overflow !== undefined && this.#overflow.lastSeenMs <= beforeMs) this.#overflow = undefined;
  }

  /** Forgets everything. */
  clear(): void {
    for (const [key, series] of this.#byKey) this.#memory.release(series.bytes + key.length);
    this.#byKey.clear();
    this.#overflow = undefined;
  }
}
