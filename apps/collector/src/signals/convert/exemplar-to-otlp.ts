import type { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { type ExemplarValue, type MetricKind, writeExemplar } from "../otlp/write/metric.ts";
import { readLabels } from "../prometheus/label-encoding.ts";
import type { ExemplarColumns } from "../prometheus/sample-batch.ts";

const none = new Uint8Array(0);

/** Writes one row of exemplars into the point that is being written. */
export function writeExemplarRow(writer: ProtobufWriter, kind: MetricKind, exemplars: ExemplarColumns, row: number): void {
  const start = row === 0 ? 0 : (exemplars.ends[row - 1] as number);
  const { names, values } = readLabels(exemplars.bytes, start, exemplars.ends[row] as number);
  let traceId: Uint8Array = none;
  let spanId: Uint8Array = none;
  const attributes: [string, string][] = [];
  for (const [i, name] of names.entries()) {
    const value = values[i] ?? "";
    const id = name.toLowerCase() === "trace_id" ? idOf(value, 16) : name.toLowerCase() === "span_id" ? idOf(value, 8) : undefined;
    if (id === undefined) attributes.push([name, value]);
    else if (id.length === 16) traceId = id;
    else spanId = id;
  }
  const exemplar: ExemplarValue = {
    timeMs: exemplars.timestamps[row] as number,
    value: exemplars.values[row] as number,
    traceId,
    spanId,
    attributes,
  };
  writeExemplar(writer, kind, exemplar);
}

/** An id in hexadecimal: longer ones are cut off, shorter ones filled up in front; undefined where it is none. */
function idOf(text: string, bytes: number): Uint8Array | undefined {
  const digits = text.length >= bytes * 2 ? text.slice(0, bytes * 2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Buffer.from(digits.padStart(bytes * 2, "0"), "hex");
}
