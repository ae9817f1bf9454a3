/** No point. */
export const NO_POINT = 0;

// What is known of a point.
export const HAS_VALUE = 1;
export const HAS_SUM = 2;
export const HAS_COUNT = 4;
export const IS_STALE = 8;

/**
 * The points of one batch, in columns from 1 on, each of which several samples fill. Points of one metric follow each other by `next`; those of
 * one series at several times by `older`.
 */
export class BatchPoints {
  count = 0;
  /** Which point of which metric, as the plans number them. */
  key = new Uint32Array(256);
  timeMs = new Float64Array(256);
  /** 0: not known. */
  startMs = new Float64Array(256);
  has = new Uint8Array(256);
  /** A number's value, or a histogram's or summary's count. */
  value = new Float64Array(256);
  sum = new Float64Array(256);
  /** The row of a native histogram, counted from 1. */
  native = new Uint32Array(256);
  firstPart = new Uint32Array(256);
  lastPart = new Uint32Array(256);
  firstExemplar = new Uint32Array(256);
  lastExemplar = new Uint32Array(256);
  next = new Uint32Array(256);
  older = new Uint32Array(256);

  // Buckets and quantiles, from 1 on.
  parts = 0;
  bound = new Float64Array(256);
  partValue = new Float64Array(256);
  nextPart = new Uint32Array(256);

  // Rows of exemplars, counted from 1, in the order of their points.
  exemplars = 0;
  exemplarRow = new Uint32Array(16);
  nextExemplar = new Uint32Array(16);

  /** The newest point of each key, valid where the batch is the current one. */
  #newest = new Uint32Array(256);
  #newestIn = new Uint32Array(256);
  #batch = 0;

  begin(): void {
    this.count = this.parts = this.exemplars = 0;
    this.#batch++;
  }

  /** The point of this key at this time; a new one where `added` is set. */
  added = false;
  at(key: number, timeMs: number): number {
    this.added = false;
    if (key >= this.#newest.length) this.#growKeys(key);
    let newest = NO_POINT;
    if (this.#newestIn[key] === this.#batch) {
      newest = this.#newest[key] as number;
      for (let point = newest; point !== NO_POINT; point = this.older[point] as number) if (this.timeMs[point] === timeMs) return point;
    }
    const point = ++this.count;
    if (point >= this.key.length) this.#growPoints();
    this.key[point] = key;
    this.timeMs[point] = timeMs;
    this.startMs[point] = this.has[point] = this.value[point] = this.sum[point] = this.native[point] = 0;
    this.firstPart[point] = this.lastPart[point] = this.firstExemplar[point] = this.lastExemplar[point] = this.next[point] = 0;
    this.older[point] = newest;
    this.#newest[key] = point;
    this.#newestIn[key] = this.#batch;
    this.added = true;
    return point;
  }

  /** The newest point of this key in the batch, or `NO_POINT`. */
  newest(key: number): number {
    return key < this.#newest.length && this.#newestIn[key] === this.#batch ? (this.#newest[key] as number) : NO_POINT;
  }

  addPart(point: number, bound: number, value: number): void {
    const part = ++this.parts;
    if (part >= this.bound.length) this.#growParts();
    this.bound[part] = bound;
    this.partValue[part] = value;
    this.nextPart[part] = 0;
    if (this.firstPart[point] === 0) this.firstPart[point] = part;
    else this.nextPart[this.lastPart[point] as number] = part;
    this.lastPart[point] = part;
  }

  addExemplar(point: number, row: number): void {
    const exemplar = ++this.exemplars;
    if (exemplar >= this.exemplarRow.length) {
      this.exemplarRow = grown(this.exemplarRow, new Uint32Array(exemplar * 2));
      this.nextExemplar = grown(this.nextExemplar, new Uint32Array(exemplar * 2));
    }
    this.exemplarRow[exemplar] = row;
    this.nextExemplar[exemplar] = 0;
    if (this.firstExemplar[point] === 0) this.firstExemplar[point] = exemplar;
    else this.nextExemplar[this.lastExemplar[point] as number] = exemplar;
    this.lastExemplar[point] = exemplar;
  }

  #growPoints(): void {
    const capacity = this.key.length * 2;
    const numbers = (old: Uint32Array<ArrayBuffer>) => grown(old, new Uint32Array(capacity));
    const doubles = (old: Float64Array<ArrayBuffer>) => grown(old, new Float64Array(capacity));
    this.key = numbers(this.key);
    this.timeMs = doubles(this.timeMs);
    this.startMs = doubles(this.startMs);
    const has = new Uint8Array(capacity);
    has.set(this.has);
    this.has = has;
    this.value = doubles(this.value);
    this.sum = doubles(this.sum);
    this.native = numbers(this.native);
    this.firstPart = numbers(this.firstPart);
    this.lastPart = numbers(this.lastPart);
    this.firstExemplar = numbers(this.firstExemplar);
    this.lastExemplar = numbers(this.lastExemplar);
    this.next = numbers(this.next);
    this.older = numbers(this.older);
  }

  #growParts(): void {
    const capacity = this.bound.length * 2;
    this.bound = grown(this.bound, new Float64Array(capacity));
    this.partValue = grown(this.partValue, new Float64Array(capacity));
    this.nextPart = grown(this.nextPart, new Uint32Array(capacity));
  }

  #growKeys(key: number): void {
    const capacity = Math.max(this.#newest.length * 2, key + 1);
    this.#newest = grown(this.#newest, new Uint32Array(capacity));
    this.#newestIn = grown(this.#newestIn, new Uint32Array(capacity));
  }
}

function grown<Column extends Uint32Array | Float64Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
