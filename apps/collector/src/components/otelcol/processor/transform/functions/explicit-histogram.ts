import { ProtobufReader } from "../../../../../bytes/protobuf-reader.ts";
import { StatementError } from "../../../../../ottl/value.ts";
import { metricField } from "../../../../../signals/otlp/fields.ts";
import { bucketsOf, double, editPoint, integer, readPoint, setCounts, setDouble, setDoubles, setInteger } from "./points.ts";

/** Adds the count of a bucket between `lower` and `upper` to the buckets of the bounds. */
type Distribute = (count: bigint, upper: number, lower: number, bounds: readonly number[], into: bigint[]) => void;

const distributions: ReadonlyMap<string, Distribute> = new Map([
  ["upper", byUpperBound],
  ["midpoint", byMidpoint],
  ["uniform", uniformly],
  ["random", randomly],
]);

export function distributionOf(name: string): Distribute {
  const distribute = distributions.get(name);
  if (distribute === undefined)
    throw new StatementError(`invalid conversion function: ${name}, must be one of [upper, midpoint, random, uniform]`);
  return distribute;
}

/** The point of an exponential histogram as one of a histogram with these bounds. */
export function explicitPoint(point: Uint8Array, bounds: readonly number[], distribute: Distribute): Uint8Array {
  const kind = metricField.exponentialHistogram;
  const read = readPoint(point, kind, (view) => ({
    counts: bucketCounts(bucketsOf(view, 8), (view.low(6) >>> 1) ^ -(view.low(6) & 1), integer(view, 7), bounds, distribute),
    start: integer(view, 2),
    time: integer(view, 3),
    count: integer(view, 4),
    sum: double(view, 5),
    min: double(view, 12),
    max: double(view, 13),
  }));
  const attributes: Uint8Array[] = [];
  const exemplars: Uint8Array[] = [];
  const reader = new ProtobufReader().reset(point);
  while (reader.next()) {
    if (reader.field === 1) attributes.push(reader.copy());
    else if (reader.field === 11) exemplars.push(reader.copy());
  }
  return editPoint(new Uint8Array(0), metricField.histogram, (view) => {
    setInteger(view, 2, read.start);
    setInteger(view, 3, read.time);
    setInteger(view, 4, read.count);
    setDouble(view, 5, read.sum);
    setCounts(view, 6, read.counts);
    setDoubles(view, 7, bounds);
    view.setWhole(8, (writer) => {
      for (const exemplar of exemplars) writer.copy(8, exemplar);
    });
    setDouble(view, 11, read.min);
    setDouble(view, 12, read.max);
    // Attributes are fields like others in an empty message.
    view.setWhole(9, (writer) => {
      for (const attribute of attributes) writer.copy(9, attribute);
    });
  });
}

function bucketCounts(
  { offset, counts }: ReturnType<typeof bucketsOf>,
  scale: number,
  zeroCount: bigint,
  bounds: readonly number[],
  distribute: Distribute,
): bigint[] {
  const factor = Math.LN2 * 2 ** -scale;
  const last = bounds.length - 1;
  const into = new Array<bigint>(bounds.length).fill(0n);
  if (zeroCount > 0n && bounds[0] === 0) into[0] = zeroCount;
  for (const [position, count] of counts.entries()) {
    const upper = Math.exp((offset + position + 1) * factor);
    const lower = Math.exp((offset + position) * factor);
    if (lower > (bounds[last] as number)) {
      add(into, last, count);
      continue;
    }
    const inside = bounds.findIndex((bound, i) => i > 0 && lower > (bounds[i - 1] as number) && upper <= bound);
    if (inside > 0) add(into, inside - 1, count);
    else distribute(count, upper, lower, bounds, into);
  }
  return into;
}

function add(into: bigint[], at: number, count: bigint): void {
  into[at] = (into[at] ?? 0n) + count;
}

function byUpperBound(count: bigint, upper: number, _: number, bounds: readonly number[], into: bigint[]): void {
  const found = bounds.findIndex((bound) => upper <= bound);
  add(into, found < 0 ? bounds.length - 1 : found, count);
}

function byMidpoint(count: bigint, upper: number, lower: number, bounds: readonly number[], into: bigint[]): void {
  const midpoint = (upper + lower) / 2;
  const found = bounds.findIndex((bound) => midpoint <= bound);
  add(into, found < 0 ? bounds.length - 1 : Math.max(0, found - 1), count);
}

function uniformly(count: bigint, upper: number, lower: number, bounds: readonly number[], into: bigint[]): void {
  const { start, end } = touched(upper, lower, bounds);
  if (end <= start) {
    add(into, start, count);
    return;
  }
  const share = BigInt(end - start + 1);
  let rest = count % share;
  for (let i = start; i <= end; i++) {
    add(into, i, count / share + (rest > 0n ? 1n : 0n));
    if (rest > 0n) rest--;
  }
}

function randomly(count: bigint, upper: number, lower: number, bounds: readonly number[], into: bigint[]): void {
  const { start, end } = touched(upper, lower, bounds);
  if (end <= start) {
    add(into, start, count);
    return;
  }
  let rest = count;
  for (let i = start; i <= end; i++) {
    const from = i === 0 ? lower : (bounds[i - 1] as number);
    const overlap = Math.min(bounds[i] as number, upper) - Math.max(from, lower);
    const share = Math.floor(Math.random() * Math.floor(Number(count) * (overlap / (upper - lower))));
    add(into, i, BigInt(share));
    rest -= BigInt(share);
  }
  // What is left goes to any of them; where that is much, in equal parts but for the last.
  const buckets = BigInt(end - start + 1);
  if (rest > 1000n) for (let i = start; i <= end; i++) add(into, i, rest / buckets);
  for (let left = rest > 1000n ? rest % buckets : rest; left > 0n; left--)
    add(into, start + Math.floor(Math.random() * (end - start + 1)), 1n);
}

function touched(upper: number, lower: number, bounds: readonly number[]): { readonly start: number; readonly end: number } {
  const last = bounds.length - 1;
  const first = bounds.findIndex((bound) => lower <= bound);
  const start = first < 0 ? last : first;
  const second = bounds.findIndex((bound, i) => i >= start && upper <= bound);
  return { start, end: second < 0 ? last : second };
}
