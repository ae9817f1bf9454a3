import { ProtobufReader, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from "../../bytes/protobuf-reader.ts";
import type { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { metricField } from "../../signals/otlp/fields.ts";
import { doubleOf, highHalf, integerOf, lowHalf } from "../telemetry/any-value.ts";
import type { Frame } from "../telemetry/frame.ts";
import { rewriteField } from "../telemetry/rewrite-field.ts";
import { exemplarsField } from "../telemetry/walk.ts";
import { isList, Messages, StatementError, typeName, type Value } from "../value.ts";
import { type Access, expectDouble, expected, expectInteger } from "./access.ts";
import {
  attributesField,
  idField,
  idTextField,
  messagesOf,
  numberField,
  setDouble,
  setLong,
  setMessages,
  timeField,
  unixNanoField,
  type ViewOf,
} from "./fields.ts";
import { indexable, type PathParts, withoutMore } from "./path-parts.ts";

const { gauge, sum, histogram, exponentialHistogram, summary } = metricField;

const point: ViewOf = (frame) => frame.point;
const exemplar: ViewOf = (frame) => frame.exemplar;

const START_TIME = 2;
const TIME = 3;
const DOUBLE_VALUE = 4;
const INT_VALUE = 6;
const COUNT = 4;
const SUM = 5;
const BUCKET_COUNTS = 6;
const EXPLICIT_BOUNDS = 7;
const QUANTILE_VALUES = 6;
const SCALE = 6;
const ZERO_COUNT = 7;
const POSITIVE = 8;
const NEGATIVE = 9;
const BUCKETS = "pmetric.ExponentialHistogramDataPointBuckets";
const bucketField = { offset: 1, counts: 2 } as const;

const pointType: Readonly<Record<number, string>> = {
  [gauge]: "pmetric.NumberDataPoint",
  [sum]: "pmetric.NumberDataPoint",
  [histogram]: "pmetric.HistogramDataPoint",
  [exponentialHistogram]: "pmetric.ExponentialHistogramDataPoint",
  [summary]: "pmetric.SummaryDataPoint",
};

export function datapointPath(path: PathParts): Access | undefined {
  const [name, part] = path.names;
  switch (name) {
    case "attributes":
      return indexable(path, attributesField(point, path.keys[0] ?? []));
    case "start_time_unix_nano":
      return withoutMore(path, 1, unixNanoField(point, START_TIME));
    case "time_unix_nano":
      return withoutMore(path, 1, unixNanoField(point, TIME));
    case "start_time":
      return withoutMore(path, 1, timeField(point, START_TIME));
    case "time":
      return withoutMore(path, 1, timeField(point, TIME));
    case "value_double":
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) => (isNumber(pointKind) ? doubleOf(view.low(DOUBLE_VALUE), view.high(DOUBLE_VALUE)) : null),
        set: (frame, value) => {
          const number = expectDouble(value);
          mustBe(frame, "pmetric.NumberDataPoint");
          frame.point.clear(INT_VALUE);
          setDouble(frame.point, DOUBLE_VALUE, number, true);
        },
      });
    case "value_int":
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) => (isNumber(pointKind) ? integerOf(view.low(INT_VALUE), view.high(INT_VALUE)) : null),
        set: (frame, value) => {
          const number = expectInteger(value);
          mustBe(frame, "pmetric.NumberDataPoint");
          frame.point.clear(DOUBLE_VALUE);
          setLong(frame.point, INT_VALUE, number, true);
        },
      });
    case "exemplars":
      return withoutMore(path, 1, exemplars);
    case "flags":
      return withoutMore(path, 1, flags);
    case "count":
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) => (isNumber(pointKind) ? null : integerOf(view.low(COUNT), view.high(COUNT))),
        set: (frame, value) => {
          const number = expectInteger(value);
          notNumber(frame);
          setLong(frame.point, COUNT, number);
        },
      });
    case "sum":
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) => (isNumber(pointKind) ? null : doubleOf(view.low(SUM), view.high(SUM))),
        set: (frame, value) => {
          const number = expectDouble(value);
          notNumber(frame);
          setDouble(frame.point, SUM, number, frame.pointKind !== summary);
        },
      });
    case "bucket_counts":
      return withoutMore(path, 1, numbersOf(histogram, BUCKET_COUNTS, "fixed64"));
    case "explicit_bounds":
      return withoutMore(path, 1, numbersOf(histogram, EXPLICIT_BOUNDS, "double"));
    case "scale":
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) => (pointKind === exponentialHistogram ? BigInt(zigzag(view.low(SCALE))) : null),
        set: (frame, value) => {
          const number = Number(BigInt.asIntN(32, expectInteger(value)));
          mustBe(frame, "pmetric.ExponentialHistogramDataPoint");
          frame.point.setVarint(SCALE, unzigzag(number), 0);
        },
      });
    case "zero_count":
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) =>
          pointKind === exponentialHistogram ? integerOf(view.low(ZERO_COUNT), view.high(ZERO_COUNT)) : null,
        set: (frame, value) => {
          const number = expectInteger(value);
          mustBe(frame, "pmetric.ExponentialHistogramDataPoint");
          setLong(frame.point, ZERO_COUNT, number);
        },
      });
    case "positive":
    case "negative":
      return bucketsPath(path, name === "positive" ? POSITIVE : NEGATIVE, part);
    case "quantile_values":
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) => (pointKind === summary ? messagesOf(view, QUANTILE_VALUES, QUANTILES) : null),
        set: (frame, value) => {
          mustBe(frame, "pmetric.SummaryDataPoint");
          setMessages(frame.point, QUANTILE_VALUES, QUANTILES, value);
        },
      });
    default:
      return undefined;
  }
}

const QUANTILES = "pmetric.SummaryDataPointValueAtQuantileSlice";

export function exemplarPath(path: PathParts): Access | undefined {
  const [name, part] = path.names;
  switch (name) {
    case "time_unix_nano":
      return withoutMore(path, 1, unixNanoField(exemplar, 2));
    case "time":
      return withoutMore(path, 1, timeField(exemplar, 2));
    case "double_value":
      return withoutMore(path, 1, {
        get: ({ exemplar: view }) => doubleOf(view.low(3), view.high(3)),
        set: ({ exemplar: view }, value) => {
          const number = expectDouble(value);
          view.clear(6);
          setDouble(view, 3, number, true);
        },
      });
    case "int_value":
      return withoutMore(path, 1, {
        get: ({ exemplar: view }) => integerOf(view.low(6), view.high(6)),
        set: ({ exemplar: view }, value) => {
          const number = expectInteger(value);
          view.clear(3);
          setLong(view, 6, number, true);
        },
      });
    case "trace_id":
      if (part === undefined) return withoutMore(path, 1, idField(exemplar, 5, "TraceID"));
      return part === "string" ? withoutMore(path, 2, idTextField(exemplar, 5, "TraceID")) : undefined;
    case "span_id":
      if (part === undefined) return withoutMore(path, 1, idField(exemplar, 4, "SpanID"));
      return part === "string" ? withoutMore(path, 2, idTextField(exemplar, 4, "SpanID")) : undefined;
    case "filtered_attributes":
      return indexable(path, attributesField(exemplar, path.keys[0] ?? []));
    default:
      return undefined;
  }
}

function isNumber(kind: number): boolean {
  return kind === gauge || kind === sum;
}

function mustBe(frame: Frame, type: string): void {
  const found = pointType[frame.pointKind] ?? "<nil>";
  if (found !== type) throw new StatementError(`expects ${type} but got ${found}`);
}

function notNumber(frame: Frame): void {
  if (isNumber(frame.pointKind)) throw new StatementError("unsupported data point type: pmetric.NumberDataPoint");
}

const exemplars: Access = {
  get: ({ point: view, pointKind }) => {
    const field = exemplarsField(pointKind);
    return field === 0 ? null : messagesOf(view, field, "pmetric.ExemplarSlice");
  },
  set: (frame, value) => {
    const field = exemplarsField(frame.pointKind);
    if (field === 0) throw new StatementError("unsupported data point type: pmetric.SummaryDataPoint");
    setMessages(frame.point, field, "pmetric.ExemplarSlice", value);
  },
};

/** In field 8, but for exponential histograms (10) and histograms (10). */
const flagsOfNumber = numberField(point, 8);
const flagsOfHistogram = numberField(point, 10);
const flags: Access = {
  get: (frame) => flagsFor(frame.pointKind).get(frame),
  set: (frame, value) => flagsFor(frame.pointKind).set(frame, value),
};

function flagsFor(kind: number): Access {
  return kind === histogram || kind === exponentialHistogram ? flagsOfHistogram : flagsOfNumber;
}

function zigzag(low: number): number {
  return (low >>> 1) ^ -(low & 1);
}

function unzigzag(number: number): number {
  return (number << 1) ^ (number >> 31);
}

type NumberFormat = "fixed64" | "double" | "varint";

function numbersOf(kind: number, field: number, format: NumberFormat): Access {
  return {
    get: ({ point: view, pointKind }) => {
      if (pointKind !== kind) return null;
      const numbers: Value[] = [];
      view.forEach(field, (start, stop, reader) => readNumbers(reader, start, stop, format, numbers));
      return numbers;
    },
    set: (frame, value) => {
      mustBe(frame, pointType[kind] ?? "");
      const numbers = expectNumbers(value, format);
      frame.point.setWhole(field, (writer) => writeNumbers(writer, field, numbers, format));
    },
  };
}

const packed = new ProtobufReader();

function readNumbers(reader: ProtobufReader, start: number, stop: number, format: NumberFormat, into: Value[]): void {
  if (reader.wire !== WIRE_BYTES) {
    into.push(format === "double" ? doubleOf(reader.low, reader.high) : integerOf(reader.low, reader.high));
    return;
  }
  packed.reset(reader.bytes, start, stop);
  while (packed.nextPacked(format === "varint" ? WIRE_VARINT : WIRE_FIXED64))
    into.push(format === "double" ? doubleOf(packed.low, packed.high) : integerOf(packed.low, packed.high));
}

function writeNumbers(writer: ProtobufWriter, field: number, numbers: readonly Value[], format: NumberFormat): void {
  if (numbers.length === 0) return;
  const mark = writer.begin(field, numbers.length * 8);
  for (const number of numbers) {
    const bits = typeof number === "number" ? bitsOf(number) : (number as bigint);
    if (format === "varint") writer.varint64(lowHalf(bits), highHalf(bits));
    else writer.word64(lowHalf(bits), highHalf(bits));
  }
  writer.finish(mark);
}

const double = new Float64Array(1);
const long = new BigInt64Array(double.buffer);

function bitsOf(value: number): bigint {
  double[0] = value;
  return long[0] as bigint;
}

function expectNumbers(value: Value, format: NumberFormat): readonly Value[] {
  if (value === null) return [];
  const [type, name] = format === "double" ? (["number", "float64"] as const) : (["bigint", "uint64"] as const);
  if (!isList(value)) throw new StatementError(`cannot set a slice of ${name} from a value type: ${typeName(value)}`);
  for (const each of value)
    if (typeof each !== type) throw new StatementError(`invalid value type provided for a slice of ${name}: ${typeName(each)}`);
  return value;
}

function bucketsPath(path: PathParts, field: number, part: string | undefined): Access | undefined {
  switch (part) {
    case undefined:
      return withoutMore(path, 1, {
        get: ({ point: view, pointKind }) => (pointKind === exponentialHistogram ? messagesOf(view, field, BUCKETS) : null),
        set: (frame, value) => {
          if (!(value instanceof Messages && value.type === BUCKETS)) throw expected(BUCKETS, value);
          mustBe(frame, "pmetric.ExponentialHistogramDataPoint");
          setMessages(frame.point, field, BUCKETS, value);
        },
      });
    case "offset":
      return withoutMore(path, 2, {
        get: (frame) => (frame.pointKind === exponentialHistogram ? BigInt(zigzag(readBuckets(frame, field).offset)) : null),
        set: (frame, value) => {
          const offset = unzigzag(Number(BigInt.asIntN(32, expectInteger(value))));
          mustBe(frame, "pmetric.ExponentialHistogramDataPoint");
          rewriteBuckets(frame, field, bucketField.offset, (writer) => {
            if (offset !== 0) writer.varint64Field(bucketField.offset, offset, 0);
          });
        },
      });
    case "bucket_counts":
      return withoutMore(path, 2, {
        get: (frame) => (frame.pointKind === exponentialHistogram ? readBuckets(frame, field).counts : null),
        set: (frame, value) => {
          mustBe(frame, "pmetric.ExponentialHistogramDataPoint");
          const counts = expectNumbers(value, "varint");
          rewriteBuckets(frame, field, bucketField.counts, (writer) => writeNumbers(writer, bucketField.counts, counts, "varint"));
        },
      });
    default:
      return undefined;
  }
}

const bucketsReader = new ProtobufReader();

function readBuckets({ point: view }: Frame, field: number): { readonly offset: number; readonly counts: Value[] } {
  const start = view.startOf(field);
  const reader = bucketsReader.reset(view.bytesOf(field), start, view.endOf(field));
  let offset = 0;
  const counts: Value[] = [];
  while (reader.next()) {
    if (reader.field === bucketField.offset) offset = reader.low;
    else if (reader.field === bucketField.counts) readNumbers(reader, reader.start, reader.stop, "varint", counts);
  }
  return { offset, counts };
}

function rewriteBuckets(frame: Frame, field: number, inner: number, write: (writer: ProtobufWriter) => void): void {
  if (!frame.point.has(field)) frame.point.setWhole(field, (writer) => writer.copy(field, new Uint8Array(0)));
  rewriteField(frame.point, field, inner, write);
}
