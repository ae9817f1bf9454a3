import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { metricData, metricField } from "../../signals/otlp/fields.ts";
import type { Frame } from "../telemetry/frame.ts";
import { rewriteField } from "../telemetry/rewrite-field.ts";
import { Messages, type Value } from "../value.ts";
import { type Access, expectBoolean, expected, expectInteger } from "./access.ts";
import type { ContextName } from "./context.ts";
import { attributesField, textField, type ViewOf } from "./fields.ts";
import { indexable, type PathParts, withoutMore } from "./path-parts.ts";

const metric: ViewOf = (frame) => frame.item;

/** The numbers of metric types in the language, by the field of their data. */
const types: Readonly<Record<number, bigint>> = {
  [metricField.gauge]: 1n,
  [metricField.sum]: 2n,
  [metricField.histogram]: 3n,
  [metricField.exponentialHistogram]: 4n,
  [metricField.summary]: 5n,
};

const pointTypes: Readonly<Record<number, string>> = {
  [metricField.gauge]: "pmetric.NumberDataPointSlice",
  [metricField.sum]: "pmetric.NumberDataPointSlice",
  [metricField.histogram]: "pmetric.HistogramDataPointSlice",
  [metricField.exponentialHistogram]: "pmetric.ExponentialHistogramDataPointSlice",
  [metricField.summary]: "pmetric.SummaryDataPointSlice",
};

export function metricPath(path: PathParts): Access | undefined {
  switch (path.names[0]) {
    case "name":
      return withoutMore(path, 1, textField(metric, metricField.name));
    case "description":
      return withoutMore(path, 1, textField(metric, metricField.description));
    case "unit":
      return withoutMore(path, 1, textField(metric, metricField.unit));
    case "type":
      // What is set is ignored, as by the incumbent: data of one type can't be read as another.
      return withoutMore(path, 1, { get: (frame) => types[frame.pointKind] ?? 0n, set: () => {} });
    case "aggregation_temporality":
      return withoutMore(path, 1, temporality(path.context));
    case "is_monotonic":
      return withoutMore(path, 1, monotonic(path.context));
    case "data_points":
      return withoutMore(path, 1, dataPoints);
    case "metadata":
      return indexable(path, attributesField(metric, path.keys[0] ?? []));
    default:
      return undefined;
  }
}

function temporality(context: ContextName): Access {
  const has = (kind: number) => kind === metricField.sum || kind === metricField.histogram || kind === metricField.exponentialHistogram;
  return {
    get: (frame) => (has(frame.pointKind) ? BigInt(dataNumber(frame, context, metricData.temporality)) : null),
    set: (frame, value) => {
      const number = Number(BigInt.asIntN(32, expectInteger(value)));
      if (has(frame.pointKind)) setDataNumber(frame, context, metricData.temporality, number);
    },
  };
}

function monotonic(context: ContextName): Access {
  return {
    get: (frame) => (frame.pointKind === metricField.sum ? dataNumber(frame, context, metricData.isMonotonic) !== 0 : null),
    set: (frame, value) => {
      const flag = expectBoolean(value);
      if (frame.pointKind === metricField.sum) setDataNumber(frame, context, metricData.isMonotonic, flag ? 1 : 0);
    },
  };
}

const reader = new ProtobufReader();

/** Where the data points are the items, the data is a message around them; where metrics are, it is a field like others. */
function dataNumber(frame: Frame, context: ContextName, field: number): number {
  if (context !== "metric") return frame.data.low(field);
  const { item, pointKind } = frame;
  const start = item.startOf(pointKind);
  const data = reader.reset(item.bytesOf(pointKind), start, item.endOf(pointKind));
  let number = 0;
  while (data.next()) if (data.field === field) number = data.low;
  return number;
}

function setDataNumber(frame: Frame, context: ContextName, field: number, value: number): void {
  if (context !== "metric") {
    frame.data.setVarint(field, value, value < 0 ? -1 : 0);
    return;
  }
  rewriteField(frame.item, frame.pointKind, field, (writer) => {
    if (value !== 0) writer.varint64Field(field, value, value < 0 ? -1 : 0);
  });
}

const dataPoints: Access = {
  get: (frame) => {
    const type = pointTypes[frame.pointKind];
    if (type === undefined) return null;
    const { item, pointKind } = frame;
    const contents: Uint8Array[] = [];
    const start = item.startOf(pointKind);
    const data = reader.reset(item.bytesOf(pointKind), start, item.endOf(pointKind));
    while (data.next()) if (data.field === metricData.points) contents.push(data.copy());
    return new Messages(type, contents);
  },
  set: (frame, value: Value) => {
    const type = pointTypes[frame.pointKind];
    if (type === undefined) return;
    if (value !== null && !(value instanceof Messages && value.type === type)) throw expected(type, value);
    rewriteField(frame.item, frame.pointKind, metricData.points, (writer) => {
      if (value !== null) for (const content of value.contents) writer.copy(metricData.points, content);
    });
  },
};
