import type { MessageView } from "../../../../../ottl/telemetry/message-view.ts";
import { goJson } from "../../../../../ottl/text/json.ts";
import { int64, intOfFloat, StatementError } from "../../../../../ottl/value.ts";
import { metricField } from "../../../../../signals/otlp/fields.ts";
import {
  type Buckets,
  bucketsOf,
  counts,
  DELTA,
  double,
  doubles,
  editPoint,
  integer,
  type MetricData,
  readPoint,
  setBuckets,
  setCounts,
  setDouble,
  setInteger,
} from "./points.ts";

const { gauge, sum, histogram } = metricField;
const START = 2;
const TIME = 3;
const DOUBLE_VALUE = 4;
const INT_VALUE = 6;

const aggregations = ["sum", "mean", "min", "max", "median", "count"] as const;
export type Aggregation = (typeof aggregations)[number];

export function aggregationOf(name: string): Aggregation {
  const found = aggregations.find((known) => known === name);
  if (found !== undefined) return found;
  throw new StatementError(`invalid aggregation function: 'unsupported function: '${name}'', valid options: ${aggregations.join(", ")}`);
}

/** The data with the points of equal attributes and time put together; histograms always by their sum. */
export function aggregate(data: MetricData, aggregation: Aggregation): MetricData {
  const groups = new Map<string, Uint8Array[]>();
  for (const point of data.points) {
    const key = readPoint(point, data.kind, (view) => keyOf(view, data));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return { ...data, points: [...groups.values()].map((group) => merged(group, data.kind, aggregation)) };
}

function keyOf(view: MessageView, { kind, temporality }: MetricData): string {
  const parts: unknown[] = [goJson(view.readMap()), String(integer(view, TIME))];
  if (kind !== gauge && temporality === DELTA) parts.push(String(integer(view, START)));
  if (kind === histogram) parts.push(doubles(view, 7), view.has(11), view.has(12), view.low(10));
  else if (kind === metricField.exponentialHistogram) parts.push(view.low(6), view.has(12), view.has(13), view.low(10));
  return JSON.stringify(parts);
}

function merged(group: readonly Uint8Array[], kind: number, aggregation: Aggregation): Uint8Array {
  const [first, ...others] = group as [Uint8Array, ...Uint8Array[]];
  if (kind === gauge || kind === sum) return mergedNumbers(first, others, kind, aggregation);
  return others.reduce((into, other) => (kind === histogram ? mergedHistogram(into, other) : mergedExponential(into, other)), first);
}

interface NumberRead {
  readonly value: number | bigint | undefined;
  readonly start: bigint;
}

function mergedNumbers(first: Uint8Array, others: readonly Uint8Array[], kind: number, aggregation: Aggregation): Uint8Array {
  const read = (point: Uint8Array): NumberRead =>
    readPoint(point, kind, (view) => ({
      value: view.has(INT_VALUE) ? integer(view, INT_VALUE) : view.has(DOUBLE_VALUE) ? double(view, DOUBLE_VALUE) : undefined,
      start: integer(view, START),
    }));
  const own = read(first);
  const rest = others.map(read);
  const start = rest.reduce(
    (earliest, { start: each }) => (BigInt.asUintN(64, each) < BigInt.asUintN(64, earliest) ? each : earliest),
    own.start,
  );
  return editPoint(first, kind, (view) => {
    if (typeof own.value === "number") {
      const numbers = [own.value, ...rest.map(({ value }) => Number(value ?? 0))];
      setDouble(view, DOUBLE_VALUE, ofNumbers(numbers, aggregation));
    } else if (typeof own.value === "bigint") {
      const isAdding = aggregation === "sum" || aggregation === "mean";
      // Doubles among integers count as nothing where they are added, as in the incumbent.
      const numbers = [
        own.value,
        ...rest.map(({ value }) => (typeof value === "bigint" ? value : isAdding || value === undefined ? 0n : intOfFloat(value))),
      ];
      setInteger(view, INT_VALUE, ofIntegers(numbers, aggregation), true);
    } else return;
    if (start !== own.start) setInteger(view, START, start);
  });
}

function ofNumbers(numbers: readonly number[], aggregation: Aggregation): number {
  const total = () => numbers.reduce((one, other) => one + other);
  switch (aggregation) {
    case "sum":
      return total();
    case "mean":
      return total() / numbers.length;
    case "min":
      return Math.min(...numbers);
    case "max":
      return Math.max(...numbers);
    case "median": {
      const sorted = [...numbers].sort((a, b) => a - b);
      const middle = sorted.length >> 1;
      return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
    }
    case "count":
      return numbers.length === 1 ? (numbers[0] as number) : numbers.length;
    default:
      return aggregation satisfies never;
  }
}

function ofIntegers(numbers: readonly bigint[], aggregation: Aggregation): bigint {
  const total = () => int64(numbers.reduce((one, other) => one + other));
  const sorted = [...numbers].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const at = (i: number) => sorted[i] as bigint;
  switch (aggregation) {
    case "sum":
      return total();
    case "mean":
      return total() / BigInt(numbers.length);
    case "min":
      return at(0);
    case "max":
      return at(sorted.length - 1);
    case "median": {
      const middle = sorted.length >> 1;
      return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2n;
    }
    case "count":
      return numbers.length === 1 ? at(0) : BigInt(numbers.length);
    default:
      return aggregation satisfies never;
  }
}

interface HistogramRead {
  readonly count: bigint;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly start: bigint;
}

function readCommon(view: MessageView, minField: number): HistogramRead {
  return {
    count: integer(view, 4),
    sum: double(view, 5),
    min: double(view, minField),
    max: double(view, minField + 1),
    start: integer(view, START),
  };
}

function mergeCommon(view: MessageView, other: HistogramRead, minField: number): void {
  setInteger(view, 4, BigInt.asIntN(64, integer(view, 4) + other.count));
  setDouble(view, 5, double(view, 5) + other.sum);
  if (view.has(minField) && double(view, minField) > other.min) setDouble(view, minField, other.min);
  if (view.has(minField + 1) && double(view, minField + 1) < other.max) setDouble(view, minField + 1, other.max);
  if (BigInt.asUintN(64, other.start) < BigInt.asUintN(64, integer(view, START))) setInteger(view, START, other.start);
}

function mergedHistogram(into: Uint8Array, point: Uint8Array): Uint8Array {
  const other = readPoint(point, histogram, (view) => ({
    ...readCommon(view, 11),
    buckets: counts(view, 6),
    exemplars: contentsOf(view, 8),
  }));
  if (other.count === 0n) return into;
  return editPoint(into, histogram, (view) => {
    mergeCommon(view, other, 11);
    const own = counts(view, 6);
    setCounts(view, 6, added(own, other.buckets));
    addMessages(view, 8, other.exemplars);
  });
}

function mergedExponential(into: Uint8Array, point: Uint8Array): Uint8Array {
  const kind = metricField.exponentialHistogram;
  const other = readPoint(point, kind, (view) => ({
    ...readCommon(view, 12),
    zeros: integer(view, 7),
    positive: bucketsOf(view, 8),
    negative: bucketsOf(view, 9),
    exemplars: contentsOf(view, 11),
  }));
  if (other.count === 0n) return into;
  return editPoint(into, kind, (view) => {
    mergeCommon(view, other, 12);
    setInteger(view, 7, BigInt.asIntN(64, integer(view, 7) + other.zeros));
    setBuckets(view, 8, addedBuckets(bucketsOf(view, 8), other.positive));
    setBuckets(view, 9, addedBuckets(bucketsOf(view, 9), other.negative));
    addMessages(view, 11, other.exemplars);
  });
}

function added(one: readonly bigint[], other: readonly bigint[]): bigint[] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, i) => (one[i] ?? 0n) + (other[i] ?? 0n));
}

/** Buckets of the same scale: those of equal index together. */
function addedBuckets(one: Buckets, other: Buckets): Buckets {
  if (other.counts.length === 0) return one;
  if (one.counts.length === 0) return other;
  const offset = Math.min(one.offset, other.offset);
  const shifted = ({ offset: from, counts: values }: Buckets) => [...new Array<bigint>(from - offset).fill(0n), ...values];
  return { offset, counts: added(shifted(one), shifted(other)) };
}

function contentsOf(view: MessageView, field: number): Uint8Array[] {
  const contents: Uint8Array[] = [];
  view.forEach(field, (start, stop, reader) => contents.push(Uint8Array.prototype.slice.call(reader.bytes, start, stop)));
  return contents;
}

function addMessages(view: MessageView, field: number, more: readonly Uint8Array[]): void {
  if (more.length === 0) return;
  const all = [...contentsOf(view, field), ...more];
  view.setWhole(field, (writer) => {
    for (const content of all) writer.copy(field, content);
  });
}
