import { textFromBytes } from "@invar/go-compat";
import type { LogBatch } from "./log-batch.ts";
import type { StreamLabels } from "./stream-labels.ts";
import { decodeMetadata } from "./structured-metadata.ts";

/** One row in JavaScript's own types, for where speed does not count. */
export interface LogLine {
  readonly labels: StreamLabels;
  readonly line: string;
  readonly seconds: number;
  readonly nanos: number;
  readonly metadata: readonly (readonly [string, string])[];
}

export function lineAt(batch: LogBatch, row: number): LogLine {
  const { metadata } = batch;
  return {
    labels: batch.streams[batch.stream[row] as number] as StreamLabels,
    line: lineText(batch, row),
    seconds: batch.seconds[row] as number,
    nanos: batch.nanos[row] as number,
    metadata: metadata === undefined ? [] : decodeMetadata(metadata.bytes, metadata.start[row] as number, metadata.end[row] as number),
  };
}

export function lineText(batch: LogBatch, row: number): string {
  return textFromBytes(batch.text.subarray(batch.start[row], batch.end[row]));
}

/** `2023-11-14T22:13:20.000000001Z`, without the zeros at the end of the fraction, as Go's RFC3339Nano. */
export function timeText(seconds: number, nanos: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds}.${String(nanos).padStart(9, "0")}`;
  const fraction = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
  return `${date.toISOString().slice(0, -5)}${fraction}Z`;
}

/** What live debugging shows of a line. */
export function describeLine({ labels, line, seconds, nanos, metadata }: LogLine): string {
  return `timestamp: ${timeText(seconds, nanos)}, entry: ${line}, labels: ${labels.text}, structured_metadata: ${JSON.stringify(Object.fromEntries(metadata))}`;
}
