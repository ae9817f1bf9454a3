import type { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import type { Metadata, MetricType } from "../sample-batch.ts";

/** The numbers of types in both versions of remote write. */
export const metricTypes: readonly MetricType[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];

export function metricTypeNumber(type: MetricType): number {
  return metricTypes.indexOf(type);
}

/** Appends a family's metadata as `metadata` of a WriteRequest (remote write 1). */
export function writeFamilyMetadata(writer: ProtobufWriter, { family, type, help, unit }: Metadata): void {
  const mark = writer.begin(3, family.length + help.length + unit.length + 10);
  if (type !== "unknown") writer.uint(1, metricTypeNumber(type));
  writer.string(2, family);
  if (help !== "") writer.string(4, help);
  if (unit !== "") writer.string(5, unit);
  writer.finish(mark);
}

/** Appends what a series' own metadata are, as the content of our own field in queued fragments. */
export function writeSeriesMetadata(writer: ProtobufWriter, { type, help, unit }: Metadata): void {
  if (type !== "unknown") writer.uint(1, metricTypeNumber(type));
  if (help !== "") writer.string(2, help);
  if (unit !== "") writer.string(3, unit);
}
