import { crc32 } from "node:zlib";
import { CompressionError } from "./error.ts";
import { Lzma2Decoder } from "./lzma2.ts";

/*
 * The .xz format, read only: journals of old systemds pack fields with it.
 *
 *   magic (6)  flags (2: zero, kind of check)  CRC32 of the flags (4)
 *   { size of the header / 4 - 1 (1)  flags (1)  [packed size]  [unpacked size]  filters  padding  CRC32 (4)
 *     LZMA2  padding to 4 bytes  check } ...
 *   0 and the index, which is not needed here
 */
const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const LZMA2 = 0x21;
const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** Unpacks the first stream of .xz data to at most `maxBytes`. Of the checks of its content CRC32 is verified. Throws `CompressionError`. */
export function decompressXz(data: Uint8Array, maxBytes: number): Uint8Array {
  if (data.length < 12 || magic.some((byte, i) => data[i] !== byte))
    throw new CompressionError("corrupt", "xz: the magic bytes are missing");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const check = (data[7] as number) & 15;
  if (data[6] !== 0 || ((data[7] as number) & 0xf0) !== 0) throw new CompressionError("corrupt", "xz: unknown flags");
  if (crc32(data.subarray(6, 8)) !== view.getUint32(8, true)) throw new CompressionError("corrupt", "xz: the header is damaged");
  const decoder = new Lzma2Decoder(data, maxBytes);
  try {
    for (let at = 12; data[at] !== 0; ) {
      const begun = blockStart(data, view, at);
      const before = decoder.length;
      const end = decoder.decode(begun);
      at = begun + ((end - begun + 3) & ~3);
      if (check === 1 && crc32(decoder.bytes.subarray(before)) !== view.getUint32(at, true))
        throw new CompressionError("corrupt", "xz: the content is damaged");
      at += checkBytes[check] as number;
      if (at >= data.length) throw new CompressionError("corrupt", "xz: the data end too soon");
    }
  } catch (error) {
    // Reading beyond the end.
    if (error instanceof RangeError) throw new CompressionError("corrupt", "xz: the data end too soon");
    throw error;
  }
  return decoder.bytes;
}

/** Where the LZMA2 data of the block at `at` begin. */
function blockStart(data: Uint8Array, view: DataView, at: number): number {
  const size = ((data[at] ?? 0) + 1) * 4;
  if (at + size > data.length) throw new CompressionError("corrupt", "xz: the data end too soon");
  if (crc32(data.subarray(at, at + size - 4)) !== view.getUint32(at + size - 4, true))
    throw new CompressionError("corrupt", "xz: the header of a block is damaged");
  const flags = data[at + 1] as number;
  let next = at + 2;
  // The sizes that may stand here are not needed.
  for (const bit of [0x40, 0x80]) if ((flags & bit) !== 0) while (((data[next++] as number) & 0x80) !== 0);
  if ((flags & 3) !== 0 || data[next] !== LZMA2) throw new CompressionError("corrupt", "xz: a filter other than LZMA2");
  return at + size;
}
