import snappy from "snappy";
import { crc32c } from "./crc32c.ts";
import { CompressionError } from "./error.ts";

/*
 * The framing format: a stream of chunks.
 *
 *   +------+----------------+----------------------+
 *   | type | length, 3 bytes| data                 |
 *   +------+----------------+----------------------+
 *   0xff: "sNaPpY", begins a stream     0x00: checksum (4), a block     0x01: checksum (4), plain bytes
 *   0x02..0x7f: unknown, an error       0x80..0xfe: padding and unknown that may be skipped
 */
const streamBegin = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]);
const maxPlainBytes = 65536;

export function isSnappyFramed(data: Uint8Array): boolean {
  return data.length >= streamBegin.length && streamBegin.compare(data, 0, streamBegin.length) === 0;
}

export function decompressSnappyFrames(data: Uint8Array, maxBytes: number): Uint8Array {
  if (data.length === 0) return new Uint8Array(0);
  if (!isSnappyFramed(data)) throw corrupt("does not begin with a stream identifier");
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (let at = streamBegin.length; at < data.length; ) {
    if (at + 4 > data.length) throw corrupt("ends within the head of a chunk");
    const type = data[at] ?? 0;
    const length = (data[at + 1] ?? 0) | ((data[at + 2] ?? 0) << 8) | ((data[at + 3] ?? 0) << 16);
    const start = at + 4;
    at = start + length;
    if (at > data.length) throw corrupt("ends within a chunk");
    if (type === 0x00 || type === 0x01) {
      if (length < 4) throw corrupt("has a chunk without a checksum");
      const content = data.subarray(start + 4, at);
      const piece = type === 0x00 ? plainOf(content) : content;
      if (piece.length > maxPlainBytes) throw corrupt("has a chunk of more than 65536 bytes");
      if (maskedChecksum(piece) !== littleEndian(data, start)) throw corrupt("has a chunk whose checksum is wrong");
      total += piece.length;
      if (total > maxBytes) throw new CompressionError("too_large", `snappy data unpacks to more than the ${maxBytes} bytes allowed`);
      pieces.push(piece);
    } else if (type >= 0x02 && type <= 0x7f) {
      throw corrupt(`has a chunk of the unknown type ${type}`);
    } else if (type === 0xff && !isSnappyFramed(data.subarray(start - 4, at))) {
      throw corrupt("has a wrong stream identifier");
    }
  }
  return Buffer.concat(pieces, total);
}

export function compressSnappyFrames(data: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [streamBegin];
  for (let at = 0; at < data.length; at += maxPlainBytes) {
    const plain = data.subarray(at, at + maxPlainBytes);
    const block = snappy.compressSync(plain);
    // What hardly shrinks is sent as it is.
    const packed = block.length < plain.length - plain.length / 8;
    const content = packed ? block : plain;
    const head = Buffer.alloc(8);
    head.writeUInt8(packed ? 0x00 : 0x01, 0);
    head.writeUIntLE(content.length + 4, 1, 3);
    head.writeUInt32LE(maskedChecksum(plain), 4);
    pieces.push(head, content);
  }
  return Buffer.concat(pieces);
}

function plainOf(block: Uint8Array): Uint8Array {
  // The length of a block is its first varint: no more is unpacked than a chunk may hold.
  const length = ((block[0] ?? 0) & 0x7f) | (((block[1] ?? 0) & 0x7f) << 7) | ((block[2] ?? 0) << 14);
  const bytes = (block[0] ?? 0) < 0x80 ? (block[0] ?? 0) : (block[1] ?? 0) < 0x80 ? length & 0x3fff : length;
  if (bytes > maxPlainBytes) throw corrupt("has a chunk of more than 65536 bytes");
  try {
    return snappy.uncompressSync(block) as Buffer;
  } catch {
    throw corrupt("has a chunk that is no snappy block");
  }
}

/** The format's way to keep checksums of data that itself holds checksums apart. */
function maskedChecksum(data: Uint8Array): number {
  const sum = crc32c(data);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

function littleEndian(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16) | ((data[at + 3] ?? 0) << 24)) >>> 0;
}

function corrupt(what: string): CompressionError {
  return new CompressionError("corrupt", `the snappy stream ${what}`);
}
