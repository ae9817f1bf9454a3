import { constantString, define, doubleLike, optional } from "../../../../../ottl/functions/function.ts";
import type { MessageView } from "../../../../../ottl/telemetry/message-view.ts";
import { printed } from "../../../../../ottl/text/printed.ts";
import { StatementError } from "../../../../../ottl/value.ts";
import { metricField } from "../../../../../signals/otlp/fields.ts";
import { counts, doubles, setCounts, setDoubles } from "./points.ts";

const BUCKET_COUNTS = 6;
const EXPLICIT_BOUNDS = 7;
const NEAR = 1e-12;

/** Puts buckets of a histogram's point together: those on both sides of a bound, or neighbours until there are few enough. */
export const mergeHistogramBuckets = define(
  "merge_histogram_buckets",
  { target_value: doubleLike, method: optional(constantString) },
  ({ target_value: target, method = "remove_explicit_bound" }) => {
    if (method !== "remove_explicit_bound" && method !== "limit_buckets")
      throw new StatementError(`unsupported method ${JSON.stringify(method)}, expected "remove_explicit_bound" or "limit_buckets"`);
    if (target.literal !== undefined) checked(target.literal.value, method);
    return (frame) => {
      if (frame.pointKind !== metricField.histogram) return null;
      const value = checked(target.get(frame), method);
      if (method === "limit_buckets") limitBuckets(frame.point, value);
      else removeBound(frame.point, value);
      return null;
    };
  },
);

function checked(value: number | null, method: string): number {
  if (value === null) throw new StatementError("target_value must not be nil");
  if (method === "limit_buckets" && (value < 1 || !Number.isInteger(value)))
    throw new StatementError(`target_value must be a positive integer when method is "limit_buckets", got ${printed(value)}`);
  return value;
}

function removeBound(point: MessageView, bound: number): void {
  const bounds = doubles(point, EXPLICIT_BOUNDS);
  const buckets = counts(point, BUCKET_COUNTS);
  if (bounds.length + 1 !== buckets.length) return;
  const at = bounds.findIndex((each) => Math.abs(each - bound) < NEAR);
  if (at < 0) return;
  setDoubles(point, EXPLICIT_BOUNDS, bounds.toSpliced(at, 1));
  setCounts(point, BUCKET_COUNTS, buckets.toSpliced(at, 2, (buckets[at] as bigint) + (buckets[at + 1] as bigint)));
}

function limitBuckets(point: MessageView, most: number): void {
  const bounds = doubles(point, EXPLICIT_BOUNDS);
  const buckets = counts(point, BUCKET_COUNTS);
  if (bounds.length + 1 !== buckets.length || buckets.length <= most || buckets.length <= 1) return;
  if (!bounds.every((bound, i) => i === 0 || bound > (bounds[i - 1] as number))) return;
  const size = Math.ceil(buckets.length / most);
  const together = Array.from({ length: Math.ceil(buckets.length / size) }, (_, i) =>
    buckets.slice(i * size, (i + 1) * size).reduce((one, other) => one + other),
  );
  setDoubles(
    point,
    EXPLICIT_BOUNDS,
    bounds.filter((_, i) => (i + 1) % size === 0),
  );
  setCounts(point, BUCKET_COUNTS, together);
}
