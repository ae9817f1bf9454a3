import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { varintSize, writeVarint } from "../../../bytes/varint.ts";
import type { SampleBatch } from "../sample-batch.ts";
import type { SeriesTable } from "../series-table.ts";
import { METADATA_FIELD } from "./encode-v2.ts";

// One sample is a TimeSeries of its own. The bytes of a batch are fragments of a WriteRequest (remote write 1), which merge by concatenation:
//
//   0x0a | length | labels as the table holds them | 0x12 | length | 0x09 | value, 8 bytes | 0x10 | timestamp, varint |

/** Room for all but the labels: tags and lengths 1 + 4 + 2, value 9, timestamp 11. */
const SAMPLE_ROOM = 32;
/** Nearly all series take between 128 and 16,383 bytes. */
const USUAL_LENGTH_BYTES = 2;

/** Where the labels of series come from. */
export interface LabelSource {
  /** No more bytes than this. */
  maxLengthOf(series: number): number;
  /** Copies the encoded labels to `target` at `at`, where there is room, up to 3 bytes behind them included; returns the position behind them. */
  copyTo(series: number, target: DataView, at: number): number;
}

/** The labels as the table holds them. */
export function ownLabels(table: SeriesTable): LabelSource {
  return { maxLengthOf: (series) => table.lengthOf(series), copyTo: (series, target, at) => table.copyTo(series, target, at) };
}

/** What goes into one shard's record. */
export class ShardBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  view = viewOf(this.bytes);
  length = 0;
  items = 0;

  clear(): void {
    this.length = 0;
    this.items = 0;
  }

  room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + more));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  /** What was written; valid until the buffer is cleared. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const timestampBytes = Buffer.alloc(16);

/**
 * Appends the samples that are not older than `oldestMs`, each to the shard that its series' hash chooses, so that a series keeps its order. Returns how
 * many were too old. `metadataOf` gives what is to be sent with a series, for remote write 2.
 */
export function encodeSamples(
  batch: SampleBatch,
  labels: LabelSource,
  oldestMs: number,
  shards: readonly ShardBuffer[],
  metadataOf?: (series: number) => Uint8Array | undefined,
): number {
  const { count, series, timestamps, valueBits, table } = batch;
  let tooOld = 0;
  let lastTimestamp = Number.NaN;
  let timestampLength = 0;
  for (let row = 0; row < count; row++) {
    const timestamp = timestamps[row] as number;
    if (timestamp < oldestMs) {
      tooOld++;
      continue;
    }
    if (timestamp !== lastTimestamp) {
      timestampLength = writeTimestamp(timestamp);
      lastTimestamp = timestamp;
    }
    const id = series[row] as number;
    const shard = shards[table.hashOf(id) % shards.length] as ShardBuffer;
    shard.room(labels.maxLengthOf(id) + SAMPLE_ROOM);
    const { bytes, view } = shard;
    const start = shard.length;
    bytes[start] = 0x0a;
    let at = labels.copyTo(id, view, start + 1 + USUAL_LENGTH_BYTES);
    bytes[at++] = 0x12;
    bytes[at++] = 10 + timestampLength;
    bytes[at++] = 0x09;
    at = writeWord(bytes, at, valueBits[row * 2] as number);
    at = writeWord(bytes, at, valueBits[row * 2 + 1] as number);
    bytes[at++] = 0x10;
    for (let i = 0; i < timestampLength; i++) bytes[at++] = timestampBytes[i] as number;
    const metadata = metadataOf?.(id);
    if (metadata === undefined) shard.length = writeLength(bytes, start + 1, at);
    else appendMetadata(shard, start, at, metadata);
    shard.items++;
  }
  return tooOld;
}

function appendMetadata(shard: ShardBuffer, start: number, end: number, metadata: Uint8Array): void {
  shard.length = end;
  shard.room(metadata.length + SAMPLE_ROOM);
  const { bytes } = shard;
  bytes[end] = (METADATA_FIELD << 3) | 2;
  const at = writeVarint(bytes, end + 1, metadata.length);
  bytes.set(metadata, at);
  shard.length = writeLength(bytes, start + 1, at + metadata.length);
}

const histogramWriter = new ProtobufWriter(4096);

/** As `encodeSamples`, for native histograms. */
export function encodeHistograms(batch: SampleBatch, labels: LabelSource, oldestMs: number, shards: readonly ShardBuffer[]): number {
  const { histograms, table } = batch;
  let tooOld = 0;
  for (let row = 0; histograms !== undefined && row < histograms.count; row++) {
    const timestamp = histograms.timestamps[row] as number;
    if (timestamp < oldestMs) {
      tooOld++;
      continue;
    }
    const id = histograms.series[row] as number;
    histogramWriter.clear();
    histogramWriter.raw(histograms.bytes, row === 0 ? 0 : (histograms.ends[row - 1] as number), histograms.ends[row] as number);
    if (timestamp !== 0) histogramWriter.int(15, timestamp);
    appendPart(shards[table.hashOf(id) % shards.length] as ShardBuffer, labels, id, 0x22, histogramWriter);
  }
  return tooOld;
}

/** Appends the exemplars, each as a TimeSeries without samples. */
export function encodeExemplars(batch: SampleBatch, labels: LabelSource, shards: readonly ShardBuffer[]): void {
  const { exemplars, table } = batch;
  for (let row = 0; exemplars !== undefined && row < exemplars.count; row++) {
    const id = exemplars.series[row] as number;
    const writer = histogramWriter;
    writer.clear();
    writer.raw(exemplars.bytes, row === 0 ? 0 : (exemplars.ends[row - 1] as number), exemplars.ends[row] as number);
    writer.double(2, exemplars.values[row] as number);
    const timestamp = exemplars.timestamps[row] as number;
    if (timestamp !== 0) writer.int(3, timestamp);
    appendPart(shards[table.hashOf(id) % shards.length] as ShardBuffer, labels, id, 0x1a, writer);
  }
}

/** Appends a TimeSeries of which the one part beside the labels is in `part`. */
function appendPart(shard: ShardBuffer, labels: LabelSource, id: number, tag: number, part: ProtobufWriter): void {
  shard.room(labels.maxLengthOf(id) + part.length + SAMPLE_ROOM);
  const { bytes, view } = shard;
  const start = shard.length;
  bytes[start] = 0x0a;
  let at = labels.copyTo(id, view, start + 1 + USUAL_LENGTH_BYTES);
  bytes[at++] = tag;
  at = writeVarint(bytes, at, part.length);
  part.bytes.copy(bytes, at, 0, part.length);
  shard.length = writeLength(bytes, start + 1, at + part.length);
  shard.items++;
}

/** Writes the length of what lies behind the room left for it; moves that where the length takes more or fewer bytes. Returns the new end. */
function writeLength(bytes: Buffer, at: number, end: number): number {
  const start = at + USUAL_LENGTH_BYTES;
  const length = end - start;
  const needed = varintSize(length);
  if (needed !== USUAL_LENGTH_BYTES) bytes.copyWithin(at + needed, start, end);
  writeVarint(bytes, at, length);
  return end + needed - USUAL_LENGTH_BYTES;
}

/** Puts the timestamp's varint into `timestampBytes` and returns its length. */
function writeTimestamp(timestamp: number): number {
  if (timestamp >= 0) return writeVarint(timestampBytes, 0, timestamp);
  timestampBytes.fill(0);
  let rest = BigInt.asUintN(64, BigInt(timestamp));
  let length = 0;
  while (rest > 0x7fn) {
    timestampBytes[length++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  timestampBytes[length++] = Number(rest);
  return length;
}

function writeWord(bytes: Buffer, at: number, word: number): number {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
  return at + 4;
}
