/** Where the resolution begins; it is halved as often as the values' range needs. */
const FINEST_SCALE = 20;
/** Values below are counted as the smallest normal number. */
const SMALLEST_NORMAL = 2 ** -1022;

/**
 * An exponential histogram of values that are not negative, with at most `maxSize` buckets: bucket `i` counts what is above `base^i` and at most
 * `base^(i+1)`, `base = 2^(2^-scale)`.
 */
export class ExponentialHistogram {
  readonly #maxSize: number;
  scale = FINEST_SCALE;
  count = 0;
  sum = 0;
  min = 0;
  max = 0;
  zeroCount = 0;
  /** The index of the first bucket that is in use; `size` follow from there. */
  offset = 0;
  size = 0;
  #counts = new Float64Array(4);

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** The counts of the buckets in use; changes with the next value. */
  get counts(): Float64Array {
    return this.#counts.subarray(0, this.size);
  }

  /** Bytes of its buckets. */
  get byteLength(): number {
    return this.#counts.byteLength;
  }

  observe(value: number, times = 1): void {
    if (times === 0) return;
    if (this.count === 0) this.min = this.max = value;
    else if (value < this.min) this.min = value;
    else if (value > this.max) this.max = value;
    this.count += times;
    this.sum += value * times;
    if (value === 0) {
      this.zeroCount += times;
      return;
    }
    let index = indexOf(value, this.scale);
    if (this.size > 0) {
      let low = Math.min(index, this.offset);
      let high = Math.max(index, this.offset + this.size - 1);
      let change = 0;
      while (high - low >= this.#maxSize) {
        low = Math.floor(low / 2);
        high = Math.floor(high / 2);
        change++;
      }
      if (change > 0) {
        this.#coarsen(change);
        index = indexOf(value, this.scale);
      }
    }
    this.#reach(index);
    const at = index - this.offset;
    this.#counts[at] = (this.#counts[at] as number) + times;
  }

  /** Makes the bucket of an index one of those in use. */
  #reach(index: number): void {
    if (this.size === 0) {
      this.offset = index;
      this.size = 1;
      return;
    }
    const before = Math.max(this.offset - index, 0);
    const size = Math.max(this.size + before, index - this.offset + 1);
    if (size > this.#counts.length) {
      const larger = new Float64Array(Math.min(Math.max(size, this.#counts.length * 2), Math.max(this.#maxSize, size)));
      larger.set(this.#counts.subarray(0, this.size));
      this.#counts = larger;
    }
    if (before > 0) {
      this.#counts.copyWithin(before, 0, this.size);
      this.#counts.fill(0, 0, before);
      this.offset = index;
    }
    this.size = size;
  }

  /** Puts 2^change neighbours together, each. */
  #coarsen(change: number): void {
    const offset = Math.floor(this.offset / 2 ** change);
    const { size } = this;
    for (let i = 0; i < size; i++) {
      const to = Math.floor((this.offset + i) / 2 ** change) - offset;
      const count = this.#counts[i] as number;
      if (to === i) continue;
      this.#counts[i] = 0;
      this.#counts[to] = (this.#counts[to] as number) + count;
    }
    this.size = Math.floor((this.offset + size - 1) / 2 ** change) - offset + 1;
    this.offset = offset;
    this.scale -= change;
  }
}

function indexOf(given: number, scale: number): number {
  const value = Math.max(given, SMALLEST_NORMAL);
  view.setFloat64(0, value);
  const high = view.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - 1023;
  const isPower = (high & 0xfffff) === 0 && view.getUint32(4) === 0;
  // An exact power of two lies at the upper end of its bucket.
  if (scale <= 0) return Math.floor((isPower ? exponent - 1 : exponent) / 2 ** -scale);
  if (isPower) return exponent * 2 ** scale - 1;
  const index = Math.floor(Math.log(value) * (2 ** scale / Math.LN2));
  // Rounding must not lead out of the power of two that the value lies in.
  return Math.min(Math.max(index, exponent * 2 ** scale), (exponent + 1) * 2 ** scale - 1);
}

const view = new DataView(new ArrayBuffer(8));
