import { LogBatch } from "./log-batch.ts";
import type { StreamLabels } from "./stream-labels.ts";

/** The batch with other labels, sharing all columns that stay; without the rows whose stream is null. Undefined where none are left. */
export function withStreams(batch: LogBatch, relabelled: readonly (StreamLabels | null)[]): LogBatch | undefined {
  const places = new Map<StreamLabels, number>();
  const newPlaces = Int32Array.from(relabelled, (labels) => {
    if (labels === null) return -1;
    const known = places.get(labels);
    if (known !== undefined) return known;
    places.set(labels, places.size);
    return places.size - 1;
  });
  const isSame = newPlaces.every((place, at) => place === at);
  const rows: number[] = [];
  if (!isSame) for (let row = 0; row < batch.rows; row++) if (newPlaces[batch.stream[row] as number] !== -1) rows.push(row);
  if (batch.rows === 0 || (!isSame && rows.length === 0)) return undefined;
  batch.retain();
  const shared = {
    streams: [...places.keys()],
    text: batch.text,
    createdMs: batch.createdMs,
    receipt: batch.receipt,
    whenFree: () => batch.release(),
  };
  if (isSame) {
    const { rows: count, stream, seconds, nanos, start, end, metadata } = batch;
    return new LogBatch({ ...shared, rows: count, stream, seconds, nanos, start, end, metadata });
  }
  const stream = Uint32Array.from(rows, (row) => newPlaces[batch.stream[row] as number] as number);
  if (rows.length === batch.rows) {
    const { seconds, nanos, start, end, metadata } = batch;
    return new LogBatch({ ...shared, rows: rows.length, stream, seconds, nanos, start, end, metadata });
  }
  const take = (column: Uint32Array) => Uint32Array.from(rows, (row) => column[row] as number);
  return new LogBatch({
    ...shared,
    rows: rows.length,
    stream,
    seconds: Float64Array.from(rows, (row) => batch.seconds[row] as number),
    nanos: take(batch.nanos),
    start: take(batch.start),
    end: take(batch.end),
    metadata:
      batch.metadata === undefined
        ? undefined
        : { bytes: batch.metadata.bytes, start: take(batch.metadata.start), end: take(batch.metadata.end) },
  });
}
