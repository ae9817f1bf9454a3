import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { uncompressSync } from "snappy";
import { BadRequest } from "./items.ts";

/** Undoes a Content-Encoding, or gRPC's message encoding. */
export function uncompress(encoding: string | undefined, body: Buffer): Buffer {
  try {
    switch (encoding) {
      case undefined:
      case "":
      case "identity":
        return body;
      case "gzip":
        return gunzipSync(body);
      case "zstd":
        return zstdDecompressSync(body);
      case "deflate":
      case "zlib":
        return inflateSync(body);
      case "br":
        return brotliDecompressSync(body);
      case "snappy":
        return isFramed(body) ? unframe(body) : (uncompressSync(body) as Buffer);
      case "x-snappy-framed":
        return unframe(body);
    }
  } catch (error) {
    throw new BadRequest(`body is not ${encoding}: ${error instanceof Error ? error.message : error}`);
  }
  throw new BadRequest(`unknown encoding ${encoding}`);
}

const streamIdentifier = Buffer.from("ff060000734e61507059", "hex");

function isFramed(body: Buffer): boolean {
  return body.subarray(0, streamIdentifier.length).equals(streamIdentifier);
}

/**
 * Snappy's stream format: chunks of
 *     type (1) | length (3, little-endian) | data
 * where data chunks begin with a checksum of 4 bytes, which is not verified here.
 */
function unframe(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const type = body.readUInt8(at);
    const length = body.readUIntLE(at + 1, 3);
    const end = at + 4 + length;
    if (end > body.length) throw new Error("a chunk is cut off");
    const data = body.subarray(at + 8, end);
    if (type === 0x00) parts.push(uncompressSync(data) as Buffer);
    else if (type === 0x01) parts.push(data);
    else if (type >= 0x02 && type <= 0x7f) throw new Error(`chunk type ${type} cannot be skipped`);
    at = end;
  }
  return Buffer.concat(parts);
}
