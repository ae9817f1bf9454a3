import { promisify } from "node:util";
import {
  constants,
  deflate,
  deflateSync,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  inflate,
  inflateSync,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from "node:zlib";
import snappy from "snappy";
import { CompressionError } from "./compression/error.ts";
import { decompressLz4 } from "./compression/lz4.ts";
import { compressSnappyFrames, decompressSnappyFrames, isSnappyFramed } from "./compression/snappy-frames.ts";

/**
 * `deflate` means the zlib format, as HTTP says. `snappy` is one block, and when reading also frames, which older senders call by that name;
 * `x-snappy-framed` is always frames.
 */
export type Encoding = "gzip" | "zlib" | "deflate" | "zstd" | "snappy" | "x-snappy-framed" | "lz4";

export function isEncoding(name: string): name is Encoding {
  return (encodings as readonly string[]).includes(name);
}

const encodings: readonly Encoding[] = ["gzip", "zlib", "deflate", "zstd", "snappy", "x-snappy-framed", "lz4"];

/**
 * Unpacks `pieces`, which together are the whole. Rejects with `CompressionError`: "too_large" where the result would exceed `maxBytes`,
 * found out before that much memory is taken, "corrupt" where it is not of this format. The result is the caller's.
 */
export async function decompress(encoding: Encoding, pieces: readonly Uint8Array[], maxBytes: number): Promise<Uint8Array> {
  const packed = whole(pieces);
  // Small ones are unpacked in less time than handing them to another thread takes.
  const atOnce = packed.length <= synchronousBytes;
  try {
    switch (encoding) {
      case "gzip":
        return atOnce ? gunzipSync(packed, limits(maxBytes)) : await gunzipLater(packed, limits(maxBytes, packed.length));
      case "zlib":
      case "deflate":
        return atOnce ? inflateSync(packed, limits(maxBytes)) : await inflateLater(packed, limits(maxBytes, packed.length));
      case "zstd": {
        const options = { maxOutputLength: maxBytes, params: { [constants.ZSTD_d_windowLogMax]: maxZstdWindowLog } };
        return atOnce
          ? zstdDecompressSync(packed, options)
          : await unzstdLater(packed, { ...options, chunkSize: chunkBytes(packed.length * 4, maxBytes) });
      }
      case "snappy":
        if (isSnappyFramed(packed)) return decompressSnappyFrames(packed, maxBytes);
        snappyLength(packed, maxBytes);
        return (await (isQuick(packed) ? snappy.uncompressSync(packed, ownOutput) : snappy.uncompress(packed, ownOutput))) as Buffer;
      case "x-snappy-framed":
        return decompressSnappyFrames(packed, maxBytes);
      case "lz4":
        return decompressLz4(packed, maxBytes);
      default:
        return encoding satisfies never;
    }
  } catch (error) {
    throw compressionErrorOf(error, encoding, maxBytes);
  }
}

/** Packs `pieces` into one. `level` is the format's own; undefined: its default. Formats without levels take none. */
export async function compress(
  encoding: Exclude<Encoding, "lz4">,
  pieces: readonly Uint8Array[],
  level: number | undefined,
): Promise<Uint8Array> {
  const plain = whole(pieces);
  const atOnce = plain.length <= synchronousBytes;
  const options = { ...(level !== undefined && { level }), chunkSize: chunkBytes(plain.length / 2, maxChunkBytes) };
  switch (encoding) {
    case "gzip":
      return atOnce ? gzipSync(plain, options) : gzipLater(plain, options);
    case "zlib":
    case "deflate":
      return atOnce ? deflateSync(plain, options) : deflateLater(plain, options);
    case "zstd": {
      const params = level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: level };
      const zstdOptions = { params, chunkSize: options.chunkSize };
      return atOnce ? zstdCompressSync(plain, zstdOptions) : zstdLater(plain, zstdOptions);
    }
    case "snappy":
      return isQuick(plain) ? snappy.compressSync(plain, ownOutput) : snappy.compress(plain, ownOutput);
    case "x-snappy-framed":
      return compressSnappyFrames(plain);
    default:
      return encoding satisfies never;
  }
}

const gunzipLater = promisify(gunzip);
const inflateLater = promisify(inflate);
const gzipLater = promisify(gzip);
const deflateLater = promisify(deflate);
const unzstdLater = promisify(zstdDecompress);
const zstdLater = promisify(zstdCompress);

/** Results are copied into memory that JavaScript knows of: what the addon hands out otherwise is collected as seldom as if it were a few bytes. */
const ownOutput = { copyOutputData: true };

/**
 * Snappy does a megabyte in a millisecond. Beyond this thread its addon keeps the memory of each of the others: log lines at full speed took
 * 450 MiB that way, and 180 MiB and a fifth less CPU this way.
 */
function isQuick(bytes: Uint8Array): boolean {
  return bytes.length <= 4 * 1024 * 1024;
}

const synchronousBytes = 16 * 1024;
const maxChunkBytes = 1024 * 1024;
/** 8 MiB, the largest window that HTTP allows (RFC 9659); a sender could otherwise take 128 MiB with a few bytes. */
const maxZstdWindowLog = 23;

function limits(maxBytes: number, packedBytes?: number) {
  return { maxOutputLength: maxBytes, ...(packedBytes !== undefined && { chunkSize: chunkBytes(packedBytes * 8, maxBytes) }) };
}

/** Each piece of output costs a trip to another thread: few large ones are cheaper, and a bomb gets no more at a time than is allowed in all. */
function chunkBytes(expected: number, max: number): number {
  return Math.max(Math.min(Math.ceil(expected), maxChunkBytes, max), 16 * 1024);
}

function whole(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

/** How many bytes a snappy block says it unpacks to. Throws `CompressionError` where that is more than `maxBytes` or no number. */
export function snappyLength(block: Uint8Array, maxBytes: number): number {
  // A block begins with it, as a varint.
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) throw new CompressionError("corrupt", "the snappy block ends within its length");
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      if (length > maxBytes)
        throw new CompressionError("too_large", `the snappy block unpacks to ${length} bytes, ${maxBytes} are allowed`);
      return length;
    }
  }
  throw new CompressionError("corrupt", "the snappy block's length is no length");
}

function compressionErrorOf(error: unknown, encoding: Encoding, maxBytes: number): CompressionError {
  if (error instanceof CompressionError) return error;
  if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
    return new CompressionError("too_large", `${encoding} data unpacks to more than the ${maxBytes} bytes allowed`);
  return new CompressionError("corrupt", `not valid ${encoding} data: ${error instanceof Error ? error.message : String(error)}`);
}
