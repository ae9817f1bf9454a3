import { crc32 } from "node:zlib";

/**
 * A queue on disk is a log of bytes without end, cut into segment files. A position is a place in the log; the file of a segment is named after
 * the position of its first byte. All numbers are little-endian.
 *
 *     segment header                              record
 *     0   8  "INVARLOG"                           0   4  "IVR1"
 *     8   4  format version                       4   4  CRC-32 of the bytes 8 to 35
 *     12  4  zero                                 8   6  position of this record
 *     16  6  position of this header              14  1  kind: 1 data, 2 void (taken back before it was written)
 *     22  6  zero                                 15  1  lane
 *     28  4  CRC-32 of the 28 bytes before        16  4  payload bytes
 *     32     records, one after the other         20  4  items
 *                                                 24  6  time of appending, milliseconds since the epoch
 *                                                 30  2  group bytes
 *                                                 32  4  CRC-32 of group and payload
 *                                                 36     group in UTF-8, then the payload
 *
 * A record knows its own position, so that after damage the next one is found without doubt, and what an older segment left in a file that is written over
 * is no record. A segment ends where its file ends or the next segment begins.
 */
export const formatVersion = 1;
export const segmentHeaderBytes = 32;
export const recordHeaderBytes = 36;
export const largestGroupBytes = 0xffff;

export interface RecordHeader {
  /** Of the record as a whole. */
  readonly length: number;
  readonly isVoid: boolean;
  readonly lane: number;
  readonly payloadBytes: number;
  readonly items: number;
  readonly timeMs: number;
  readonly groupBytes: number;
  readonly dataCrc: number;
}

export function segmentName(position: number): string {
  return `${String(position).padStart(16, "0")}.log`;
}

/** The position that a segment's name tells; undefined for other files. */
export function segmentPosition(name: string): number | undefined {
  const digits = /^(\d{16})\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function writeSegmentHeader(bytes: Buffer, at: number, position: number): void {
  bytes.fill(0, at, at + segmentHeaderBytes);
  bytes.write(segmentMagic, at, "latin1");
  bytes.writeUInt32LE(formatVersion, at + 8);
  bytes.writeUIntLE(position, at + 16, 6);
  bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 28)), at + 28);
}

/** The version of a segment; undefined where it has no whole header. A newer version may have laid out all but magic and version otherwise. */
export function readSegmentHeader(bytes: Buffer): { version: number; position: number | undefined } | undefined {
  if (bytes.byteLength < segmentHeaderBytes || bytes.toString("latin1", 0, 8) !== segmentMagic) return undefined;
  const version = bytes.readUInt32LE(8);
  const isWhole = bytes.readUInt32LE(28) === crc32(bytes.subarray(0, 28));
  if (version <= formatVersion && !isWhole) return undefined;
  return { version, position: isWhole ? bytes.readUIntLE(16, 6) : undefined };
}

/** Writes the headers of a record whose group and payload are in place behind it. */
export function writeRecordHeader(
  bytes: Buffer,
  at: number,
  record: { position: number; lane: number; items: number; timeMs: number; groupBytes: number; payloadBytes: number },
): void {
  const dataStart = at + recordHeaderBytes;
  bytes.writeUInt32LE(recordMagic, at);
  bytes.writeUIntLE(record.position, at + 8, 6);
  bytes[at + 14] = dataKind;
  bytes[at + 15] = record.lane;
  bytes.writeUInt32LE(record.payloadBytes, at + 16);
  bytes.writeUInt32LE(record.items, at + 20);
  bytes.writeUIntLE(record.timeMs, at + 24, 6);
  bytes.writeUInt16LE(record.groupBytes, at + 30);
  bytes.writeUInt32LE(crc32(bytes.subarray(dataStart, dataStart + record.groupBytes + record.payloadBytes)), at + 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, dataStart)), at + 4);
}

/** Makes a record of no meaning out of one that is not on disk yet. */
export function voidRecord(bytes: Buffer, at: number): void {
  bytes[at + 14] = voidKind;
  bytes.writeUInt32LE(crc32(bytes.subarray(at + 8, at + recordHeaderBytes)), at + 4);
}

/** The header at `at`, whose bytes must all be there; undefined where no record of this position begins. */
export function readRecordHeader(bytes: Buffer, at: number, position: number): RecordHeader | undefined {
  if (bytes.readUInt32LE(at) !== recordMagic || bytes.readUIntLE(at + 8, 6) !== position) return undefined;
  if (bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at + 8, at + recordHeaderBytes))) return undefined;
  const payloadBytes = bytes.readUInt32LE(at + 16);
  const groupBytes = bytes.readUInt16LE(at + 30);
  return {
    length: recordHeaderBytes + groupBytes + payloadBytes,
    isVoid: bytes[at + 14] === voidKind,
    lane: bytes[at + 15] ?? 0,
    payloadBytes,
    items: bytes.readUInt32LE(at + 20),
    timeMs: bytes.readUIntLE(at + 24, 6),
    groupBytes,
    dataCrc: bytes.readUInt32LE(at + 32),
  };
}

/** Where in `bytes[from, to)` the next record begins; undefined where none does. `origin` is the position of `bytes[0]`. */
export function findRecord(bytes: Buffer, from: number, to: number, origin: number): number | undefined {
  const searched = bytes.subarray(0, to);
  for (let at = searched.indexOf(recordMagicBytes, from); at >= 0; at = searched.indexOf(recordMagicBytes, at + 1)) {
    if (at + recordHeaderBytes > to) return undefined;
    if (readRecordHeader(bytes, at, origin + at) !== undefined) return at;
  }
  return undefined;
}

const segmentMagic = "INVARLOG";
const recordMagicBytes = Buffer.from("IVR1", "latin1");
const recordMagic = recordMagicBytes.readUInt32LE(0);
const dataKind = 1;
const voidKind = 2;
