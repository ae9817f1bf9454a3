import { ProtobufReader } from "../../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../../bytes/protobuf-writer.ts";
import {
  constantBoolean,
  constantDouble,
  constantString,
  constantStrings,
  define,
  type FunctionDefinition,
  optional,
  string,
} from "../../../../../ottl/functions/function.ts";
import { doubleOf, highHalf, lowHalf } from "../../../../../ottl/telemetry/any-value.ts";
import type { Frame } from "../../../../../ottl/telemetry/frame.ts";
import { StatementError } from "../../../../../ottl/value.ts";
import { metricField } from "../../../../../signals/otlp/fields.ts";
import { aggregate, aggregationOf } from "./aggregate.ts";
import { constantDoubles } from "./constant-doubles.ts";
import { distributionOf, explicitPoint } from "./explicit-histogram.ts";
import { percentileOf } from "./percentile.ts";
import {
  appendMetric,
  CUMULATIVE,
  dataOf,
  double,
  editPoint,
  integer,
  numberPoint,
  readPoint,
  setData,
  temporalityOf,
  typeNames,
} from "./points.ts";
import { scalePoint } from "./scale.ts";

const { gauge, sum, histogram, exponentialHistogram, summary } = metricField;
const COUNT = 4;
const SUM = 5;
const INT_VALUE = 6;
const DOUBLE_VALUE = 4;
const QUANTILES = 6;

/** What only statements about metrics may call. */
export const metricFunctions: readonly FunctionDefinition[] = [
  define(
    "convert_gauge_to_sum",
    { string_agg_temp: constantString, monotonic: constantBoolean },
    ({ string_agg_temp: name, monotonic }) => {
      const temporality = temporalityOf(name);
      return (frame) => {
        if (frame.pointKind === gauge) setData(frame, { kind: sum, temporality, isMonotonic: monotonic, points: dataOf(frame).points });
        return null;
      };
    },
  ),
  define("convert_sum_to_gauge", {}, () => (frame) => {
    if (frame.pointKind === sum) setData(frame, { kind: gauge, temporality: 0, isMonotonic: false, points: dataOf(frame).points });
    return null;
  }),
  define(
    "extract_sum_metric",
    { monotonic: constantBoolean, suffix: optional(constantString) },
    ({ monotonic, suffix = "_sum" }) =>
      (frame) => {
        extract(frame, "extract_sum_metric", monotonic, suffix, frame.item.text(metricField.unit), (point, kind) =>
          readPoint(point, kind, (view) => (kind === summary || view.has(SUM) ? double(view, SUM) : undefined)),
        );
        return null;
      },
  ),
  define(
    "extract_count_metric",
    { monotonic: constantBoolean, suffix: optional(constantString) },
    ({ monotonic, suffix = "_count" }) =>
      (frame) => {
        extract(frame, "extract_count_metric", monotonic, suffix, "1", (point, kind) =>
          readPoint(point, kind, (view) => integer(view, COUNT)),
        );
        return null;
      },
  ),
  define("extract_percentile_metric", { percentile: constantDouble, suffix: optional(constantString) }, ({ percentile, suffix = "" }) => {
    if (percentile <= 0 || percentile >= 100)
      throw new StatementError(`percentile must be greater than 0 and less than 100, got ${percentile.toFixed(6)}`);
    return (frame) => {
      const { kind, points } = dataOf(frame);
      if (kind !== histogram && kind !== exponentialHistogram) return null;
      const made: Uint8Array[] = [];
      for (const point of points) {
        const value = percentileOf(point, kind, percentile);
        if (value !== undefined) made.push(numberPoint(point, kind, (writer) => writer.double(DOUBLE_VALUE, value)));
      }
      if (made.length === 0) return null;
      const { name, description, unit } = textsOf(frame);
      const texts = {
        name: name + (suffix === "" ? `_p${percentile}` : suffix),
        description: description === "" ? `p${percentile}` : `${description} (p${percentile})`,
        unit,
      };
      appendMetric(frame, texts, { kind: gauge, temporality: 0, isMonotonic: false, points: made });
      return null;
    };
  }),
  define(
    "convert_summary_quantile_val_to_gauge",
    { attribute_key: optional(constantString), suffix: optional(constantString) },
    ({ attribute_key: key = "quantile", suffix = ".quantiles" }) =>
      (frame) => {
        const { kind, points } = dataOf(frame);
        if (kind !== summary) return null;
        const made = points.flatMap((point) => quantilePoints(point, key));
        const { name, description, unit } = textsOf(frame);
        appendMetric(frame, { name: name + suffix, description, unit }, { kind: gauge, temporality: 0, isMonotonic: false, points: made });
        return null;
      },
  ),
  define("copy_metric", { name: optional(string), description: optional(string), unit: optional(string) }, (args) => (frame) => {
    const { item } = frame;
    const copy = new ProtobufWriter(1024);
    const replaced = new Map([
      [metricField.name as number, args.name?.get(frame)],
      [metricField.description as number, args.description?.get(frame)],
      [metricField.unit as number, args.unit?.get(frame)],
    ]);
    const whole = item.toBytes();
    const reader = new ProtobufReader().reset(whole);
    for (const [field, text] of replaced) if (text !== undefined && text !== "") copy.string(field, text);
    while (reader.next()) if (replaced.get(reader.field) === undefined) copy.raw(whole, reader.tagStart, reader.stop);
    frame.appended.push(copy.toBytes());
    frame.changesCount = true;
    return null;
  }),
  define("scale_metric", { multiplier: constantDouble, unit: optional(string) }, ({ multiplier, unit }) => (frame) => {
    const text = unit?.get(frame);
    const data = dataOf(frame);
    if (data.kind === exponentialHistogram)
      throw new StatementError("exponential histograms are not supported by the 'scale_metric' function");
    if (data.kind === 0) throw new StatementError(`unsupported metric type: '${typeNames[0]}'`);
    setData(frame, { ...data, points: data.points.map((point) => scalePoint(point, data.kind, multiplier)) });
    if (text !== undefined) frame.item.setText(metricField.unit, text);
    return null;
  }),
  define(
    "aggregate_on_attributes",
    { aggregation_function: constantString, attributes: optional(constantStrings) },
    ({ aggregation_function: name, attributes: kept }) => {
      const aggregation = aggregationOf(name);
      const keys = kept === undefined ? undefined : new Set(kept);
      return (frame) => {
        const data = dataOf(frame);
        if (data.kind === summary) throw new StatementError("aggregate_on_attributes does not support aggregating Summary metrics");
        if (data.kind === 0) return null;
        const filtered = keys === undefined ? data.points : data.points.map((point) => withOnly(point, data.kind, keys));
        setData(frame, aggregate({ ...data, points: filtered }, aggregation));
        return null;
      };
    },
  ),
  define(
    "aggregate_on_attribute_value",
    { aggregation_function: constantString, attribute: constantString, values: constantStrings, new_value: constantString },
    ({ aggregation_function: name, attribute, values, new_value: replacement }) => {
      const aggregation = aggregationOf(name);
      const key = Buffer.from(attribute);
      const content = new ProtobufWriter(64);
      content.string(1, replacement);
      const encoded = content.toBytes();
      return (frame) => {
        const data = dataOf(frame);
        if (data.kind === 0) return null;
        const points = data.points.map((point) =>
          editPoint(point, data.kind, (view) => {
            const i = view.find(key);
            if (i >= 0 && values.includes(stringAt(view.valueBytes(i), view.valueStart(i), view.valueEnd(i))))
              view.putAttribute(key, (writer) => writer.raw(encoded));
          }),
        );
        // Of a summary nothing is left, as in the incumbent, which does not know how to put quantiles together.
        setData(frame, data.kind === summary ? { ...data, points: [] } : aggregate({ ...data, points }, aggregation));
        return null;
      };
    },
  ),
  define(
    "convert_exponential_histogram_to_histogram",
    { distribution_fn: constantString, explicit_bounds: constantDoubles },
    ({ distribution_fn: name, explicit_bounds: bounds }) => {
      const distribute = distributionOf(name === "" ? "random" : name);
      if (bounds.length === 0) throw new StatementError("explicit bounds cannot be empty: []");
      return (frame) => {
        const data = dataOf(frame);
        if (data.kind !== exponentialHistogram) return null;
        setData(frame, { ...data, kind: histogram, points: data.points.map((point) => explicitPoint(point, bounds, distribute)) });
        return null;
      };
    },
  ),
];

/** What only statements about data points may call beyond `merge_histogram_buckets`. */
export const summaryFunctions: readonly FunctionDefinition[] = [
  define(
    "convert_summary_sum_val_to_sum",
    { string_agg_temp: constantString, monotonic: constantBoolean, suffix: optional(constantString) },
    ({ string_agg_temp: name, monotonic, suffix = "_sum" }) => {
      const temporality = temporalityOf(name);
      return (frame) => {
        convertSummary(frame, temporality, monotonic, suffix, (point) =>
          numberPoint(point, summary, (writer) =>
            writer.double(
              DOUBLE_VALUE,
              readPoint(point, summary, (view) => double(view, SUM)),
            ),
          ),
        );
        return null;
      };
    },
  ),
  define(
    "convert_summary_count_val_to_sum",
    { string_agg_temp: constantString, monotonic: constantBoolean, suffix: optional(constantString) },
    ({ string_agg_temp: name, monotonic, suffix = "_count" }) => {
      const temporality = temporalityOf(name);
      return (frame) => {
        convertSummary(frame, temporality, monotonic, suffix, (point) =>
          integerPoint(
            point,
            summary,
            readPoint(point, summary, (view) => integer(view, COUNT)),
          ),
        );
        return null;
      };
    },
  ),
];

function convertSummary(
  frame: Frame,
  temporality: number,
  isMonotonic: boolean,
  suffix: string,
  make: (point: Uint8Array) => Uint8Array,
): void {
  const { kind, points } = dataOf(frame);
  if (kind !== summary) return;
  const { name, description, unit } = textsOf(frame);
  appendMetric(frame, { name: name + suffix, description, unit }, { kind: sum, temporality, isMonotonic, points: points.map(make) });
}

function extract(
  frame: Frame,
  functionName: string,
  isMonotonic: boolean,
  suffix: string,
  unit: string,
  read: (point: Uint8Array, kind: number) => number | bigint | undefined,
): void {
  const data = dataOf(frame);
  const { kind, points } = data;
  const temporality = kind === summary ? CUMULATIVE : kind === histogram || kind === exponentialHistogram ? data.temporality : 0;
  if (temporality === 0)
    throw new StatementError(
      `${functionName} requires an input metric of type Histogram, ExponentialHistogram or Summary, got ${typeNames[kind]}`,
    );
  const made: Uint8Array[] = [];
  for (const point of points) {
    const value = read(point, kind);
    if (typeof value === "bigint") made.push(integerPoint(point, kind, value));
    else if (value !== undefined) made.push(numberPoint(point, kind, (writer) => writer.double(DOUBLE_VALUE, value)));
  }
  if (made.length === 0) return;
  const { name, description } = textsOf(frame);
  appendMetric(frame, { name: name + suffix, description, unit }, { kind: sum, temporality, isMonotonic, points: made });
}

function integerPoint(point: Uint8Array, kind: number, value: bigint): Uint8Array {
  return numberPoint(point, kind, (writer) => writer.fixed64(INT_VALUE, lowHalf(value), highHalf(value)));
}

function textsOf({ item }: Frame): { name: string; description: string; unit: string } {
  return { name: item.text(metricField.name), description: item.text(metricField.description), unit: item.text(metricField.unit) };
}

function quantilePoints(point: Uint8Array, key: string): Uint8Array[] {
  const name = Buffer.from(key);
  const made: Uint8Array[] = [];
  const reader = new ProtobufReader().reset(point);
  const inside = new ProtobufReader();
  while (reader.next()) {
    if (reader.field !== QUANTILES) continue;
    let [quantile, value] = [0, 0];
    inside.reset(point, reader.start, reader.stop);
    while (inside.next()) {
      if (inside.field === 1) quantile = doubleOf(inside.low, inside.high);
      else if (inside.field === 2) value = doubleOf(inside.low, inside.high);
    }
    const bare = numberPoint(point, summary, (writer) => writer.double(DOUBLE_VALUE, value));
    made.push(
      editPoint(bare, gauge, (view) => {
        view.putAttribute(name, (writer) => writer.double(4, quantile));
      }),
    );
  }
  return made;
}

function withOnly(point: Uint8Array, kind: number, keys: ReadonlySet<string>): Uint8Array {
  return editPoint(point, kind, (view) => {
    const count = view.countAttributes();
    for (let i = 0; i < count; i++) if (!keys.has(view.keyText(i))) view.removeAttribute(i);
  });
}

/** The text of a string value; others are the empty text. */
function stringAt(bytes: Uint8Array, start: number, end: number): string {
  const reader = new ProtobufReader().reset(bytes, start, end);
  let text = "";
  while (reader.next()) text = reader.field === 1 ? reader.text() : "";
  return text;
}
