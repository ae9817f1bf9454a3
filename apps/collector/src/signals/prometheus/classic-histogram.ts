import { CUSTOM_BUCKETS_SCHEMA, compact, emptyHistogram, type NativeHistogram } from "./native-histogram.ts";

interface CumulativeBucket {
  readonly bound: number;
  readonly count: number;
}

/** Collects the parts of a classic histogram, in any order, and turns them into a native one with custom buckets. */
export class ClassicHistogram {
  #buckets: CumulativeBucket[] = [];
  #count = 0;
  #hasCount = false;
  #sum = 0;
  #finding: string | undefined;

  reset(): void {
    this.#buckets = [];
    this.#count = 0;
    this.#hasCount = false;
    this.#sum = 0;
    this.#finding = undefined;
  }

  setCount(count: number): void {
    if (count < 0) this.#finding ??= `count must be non-negative: count=${count}`;
    this.#count = count;
    this.#hasCount = true;
  }

  setSum(sum: number): void {
    this.#sum = sum;
  }

  /** One bucket with all observations up to its bound; a bound that comes twice counts once. */
  setBucket(bound: number, count: number): void {
    if (this.#finding !== undefined) return;
    if (Number.isNaN(bound)) this.#finding = "bucket boundary must not be NaN";
    else if (count < 0) this.#finding = `bucket count must be non-negative: le=${bound}, count=${count}`;
    if (this.#finding !== undefined) return;
    const found = this.#buckets.findIndex((bucket) => bucket.bound >= bound);
    const at = found < 0 ? this.#buckets.length : found;
    const next = this.#buckets[at];
    if (next?.bound === bound) return;
    const previous = this.#buckets[at - 1];
    if (previous !== undefined && count < previous.count) this.#finding = `count is not cumulative: ${count} < ${previous.count}`;
    else if (next !== undefined && count > next.count) this.#finding = `count is not cumulative: ${count} > ${next.count}`;
    else this.#buckets.splice(at, 0, { bound, count });
  }

  /** The native histogram, or why there is none. */
  convert(): NativeHistogram | string {
    if (this.#finding !== undefined) return this.#finding;
    const buckets = [...this.#buckets];
    const last = buckets.at(-1);
    const count = !this.#hasCount && last !== undefined ? last.count : this.#count;
    if (last?.bound !== Number.POSITIVE_INFINITY) buckets.push({ bound: Number.POSITIVE_INFINITY, count });
    const isFloat = [count, ...buckets.map((bucket) => bucket.count)].some((each) => !Number.isInteger(each));
    const top = buckets.at(-1)?.count ?? 0;
    if (count !== top) return `count mismatch: count=${count} != le=+Inf count=${top}`;
    const counts = buckets.map((bucket, i) => bucket.count - (buckets[i - 1]?.count ?? 0));
    return {
      ...emptyHistogram(),
      isFloat,
      schema: CUSTOM_BUCKETS_SCHEMA,
      count,
      sum: this.#sum,
      positive: compact({ spans: [{ offset: 0, length: counts.length }], counts }, isFloat ? 0 : 2),
      customValues: buckets.slice(0, -1).map(({ bound }) => bound),
    };
  }
}
