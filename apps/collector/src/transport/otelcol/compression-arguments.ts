import { defaulted, int, maybe, type Report, required, string } from "../../component/arguments.ts";
import type { Encoding } from "../compression.ts";

const types = ["gzip", "zlib", "deflate", "snappy", "zstd", "none", ""];

/** Level 6, what "default" means to the library, takes four times the time of this one for 4 % less. */
const DEFAULT_LEVEL = 3;

/** The argument `compression` of OpenTelemetry exporters. */
export const compressionArgument = defaulted(
  string,
  'How requests are compressed: gzip, zlib, deflate, snappy or zstd; "none" or empty: not.',
  "gzip",
  {
    check: (type) => (types.includes(type) ? undefined : `unrecognized compression type "${type}"`),
  },
);

/** The block `compression_params` of those that send by HTTP. */
export const compressionParamsBlock = maybe("How hard to compress.", {
  arguments: {
    level: required(int, "The level: 1 to 9, 0 for not at all and -1 for the default of gzip, zlib and deflate; 1 to 22 of zstd."),
  },
});

/** Reports a level that the compression does not have. */
export function checkCompression(type: string, params: { readonly level: number } | undefined, report: Report): void {
  if (params === undefined) return;
  const { level } = params;
  if (type === "zstd") return;
  const isDeflate = type === "gzip" || type === "zlib" || type === "deflate";
  if (isDeflate && level === -2)
    report("level -2 (Huffman coding alone) is not supported: write 1 for the least work", "compression_params");
  else if (isDeflate ? level < -1 || level > 9 : level !== 0)
    report(`unsupported parameters {Level:${level}} for compression type "${type}"`, "compression_params");
}

export interface CompressionChoice {
  /** Undefined: not at all. */
  readonly encoding: Exclude<Encoding, "lz4"> | undefined;
  readonly level: number | undefined;
}

/** What the arguments say to `compress`. */
export function compressionChoice(type: string, level: number | undefined): CompressionChoice {
  if (type === "" || type === "none") return { encoding: undefined, level: undefined };
  const encoding = type as Exclude<Encoding, "lz4">;
  if (encoding === "snappy") return { encoding, level: undefined };
  // Levels beyond zstd's own are the nearest one.
  if (encoding === "zstd") return { encoding, level: level === undefined ? undefined : Math.min(Math.max(level, 1), 22) };
  return { encoding, level: level === undefined || level === -1 ? DEFAULT_LEVEL : level };
}
