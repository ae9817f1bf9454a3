import type { Signal } from "../../../../signals/otlp/batch.ts";
import { jsonFromProtobuf } from "../../../../signals/otlp/protobuf-to-json.ts";
import { requests } from "../../../../signals/otlp/schema.ts";
import { compress } from "../../../../transport/compression.ts";

/**
 * How messages follow each other in a file: as lines, or each behind its length.
 *
 *   lines:    {…} \n {…} \n             lengths:  | length: 4 bytes, big-endian | message | length | message | …
 */
export type Framing = "lines" | "lengths";

export interface Encoding {
  readonly format: string;
  readonly compression: string;
  /** Of zstd; undefined: its default. */
  readonly level: number | undefined;
}

/** A message that is compressed may hold line ends of its own. */
export function framingOf({ format, compression }: Encoding): Framing {
  return format === "json" && compression === "" ? "lines" : "lengths";
}

export const LENGTH_BYTES = 4;

/** What a file gets for an export request, its frame included; pieces share the memory of `chunks` where nothing had to be done to them. */
export async function encodeMessage(encoding: Encoding, signal: Signal, chunks: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const isJson = encoding.format === "json";
  if (framingOf(encoding) === "lines") return [Buffer.from(`${jsonFromProtobuf(requests[signal], chunks)}\n`)];
  const plain = isJson ? [Buffer.from(jsonFromProtobuf(requests[signal], chunks))] : chunks;
  const message = encoding.compression === "" ? plain : [await compress("zstd", plain, encoding.level)];
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(message.reduce((sum, piece) => sum + piece.length, 0));
  return [length, ...message];
}
