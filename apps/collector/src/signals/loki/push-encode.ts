import { highOf, lowOf } from "../../bytes/int64.ts";
import { varint64Size, varintSize, writeVarint, writeVarint64 } from "../../bytes/varint.ts";
import type { LogBatch } from "./log-batch.ts";

// A push request is nothing but streams, so that requests merge by concatenation:
//
//   0a <length>                       stream
//     0a <length> {job="a"}             its labels
//     12 <length>                       entry, once a line
//       0a <length> 08 <s> 10 <ns>        timestamp; a part that is 0 is left out
//       12 <length> line
//       1a <length> …                     structured metadata, once a pair

/** One stream of a batch, ready to be sent. */
export interface StreamFragment {
  /** Place in the batch's `streams`. */
  readonly stream: number;
  readonly rows: number;
  /** Belongs to the caller. */
  readonly payload: Uint8Array;
}

/**
 * Encodes the lines of a batch as push request fragments, each of one stream and of `maxBytes` at most where it has more than one line.
 * `labelsOf` gives the encoded labels of a stream, or undefined where its lines are left out. Lines of a stream keep their order.
 */
export function encodeStreams(batch: LogBatch, labelsOf: (stream: number) => Uint8Array | undefined, maxBytes: number): StreamFragment[] {
  const fragments: StreamFragment[] = [];
  const { order, ends } = rowsByStream(batch);
  const sizes = entrySizes(batch);
  let from = 0;
  for (let stream = 0; stream < batch.streams.length; stream++) {
    const end = ends[stream] as number;
    const labels = from < end ? labelsOf(stream) : undefined;
    if (labels === undefined) {
      from = end;
      continue;
    }
    const labelsSize = 1 + varintSize(labels.length) + labels.length;
    while (from < end) {
      let size = labelsSize;
      let to = from;
      do {
        const entry = sizes[order === undefined ? to : (order[to] as number)] as number;
        const more = 1 + varintSize(entry) + entry;
        if (to > from && size + more > maxBytes) break;
        size += more;
        to++;
      } while (to < end);
      fragments.push({ stream, rows: to - from, payload: encodeFragment(batch, order, from, to, { labels, size, sizes }) });
      from = to;
    }
  }
  return fragments;
}

function encodeFragment(
  batch: LogBatch,
  order: Uint32Array | undefined,
  from: number,
  to: number,
  { labels, size, sizes }: { labels: Uint8Array; size: number; sizes: Uint32Array },
): Uint8Array {
  const out = new Uint8Array(1 + varintSize(size) + size);
  const { seconds, nanos, start, end, text, metadata } = batch;
  out[0] = 0x0a;
  let at = writeVarint(out, 1, size);
  out[at++] = 0x0a;
  at = writeVarint(out, at, labels.length);
  out.set(labels, at);
  at += labels.length;
  for (let place = from; place < to; place++) {
    const row = order === undefined ? place : (order[place] as number);
    out[at++] = 0x12;
    at = writeVarint(out, at, sizes[row] as number);
    at = writeTimestamp(out, at, seconds[row] as number, nanos[row] as number);
    const lineStart = start[row] as number;
    const lineEnd = end[row] as number;
    if (lineEnd > lineStart) {
      out[at++] = 0x12;
      at = writeVarint(out, at, lineEnd - lineStart);
      // A native copy, 35 ns for 200 bytes where a loop takes 134.
      out.set(text.subarray(lineStart, lineEnd), at);
      at += lineEnd - lineStart;
    }
    if (metadata === undefined) continue;
    const metadataStart = metadata.start[row] as number;
    const metadataEnd = metadata.end[row] as number;
    if (metadataEnd === metadataStart) continue;
    out.set(metadata.bytes.subarray(metadataStart, metadataEnd), at);
    at += metadataEnd - metadataStart;
  }
  if (at !== out.length) throw new Error(`a stream was measured as ${out.length} bytes and took ${at}`);
  return out;
}

function writeTimestamp(out: Uint8Array, at: number, seconds: number, nanos: number): number {
  out[at++] = 0x0a;
  out[at++] = timestampSize(seconds, nanos);
  if (seconds !== 0) {
    out[at++] = 0x08;
    at = seconds < 0 ? writeVarint64(out, at, lowOf(seconds), highOf(seconds)) : writeVarint(out, at, seconds);
  }
  if (nanos !== 0) {
    out[at++] = 0x10;
    at = writeVarint(out, at, nanos);
  }
  return at;
}

function timestampSize(seconds: number, nanos: number): number {
  let size = 0;
  if (seconds > 0) size += 1 + varintSize(seconds);
  else if (seconds < 0) size += 1 + varint64Size(lowOf(seconds), highOf(seconds));
  if (nanos !== 0) size += 1 + varintSize(nanos);
  return size;
}

function entrySizes(batch: LogBatch): Uint32Array {
  const { rows, seconds, nanos, start, end, metadata } = batch;
  const sizes = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const line = (end[row] as number) - (start[row] as number);
    let size = 2 + timestampSize(seconds[row] as number, nanos[row] as number);
    if (line > 0) size += 1 + varintSize(line) + line;
    if (metadata !== undefined) size += (metadata.end[row] as number) - (metadata.start[row] as number);
    sizes[row] = size;
  }
  return sizes;
}

/** The rows of stream 0, then those of stream 1, …; `order` is undefined where rows lie like that already. */
function rowsByStream(batch: LogBatch): { order: Uint32Array | undefined; ends: Uint32Array } {
  const { rows, stream, streams } = batch;
  const ends = new Uint32Array(streams.length);
  let isGrouped = true;
  for (let row = 0; row < rows; row++) {
    const place = stream[row] as number;
    ends[place] = (ends[place] as number) + 1;
    if (row > 0 && place < (stream[row - 1] as number)) isGrouped = false;
  }
  let total = 0;
  for (let place = 0; place < ends.length; place++) {
    total += ends[place] as number;
    ends[place] = total;
  }
  if (isGrouped) return { order: undefined, ends };
  const next = new Uint32Array(streams.length);
  next.set(ends.subarray(0, ends.length - 1), 1);
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = stream[row] as number;
    const position = next[place] as number;
    order[position] = row;
    next[place] = position + 1;
  }
  return { order, ends };
}
