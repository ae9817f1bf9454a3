import type { Encoding } from "../compression.ts";

/** What gRPC's names of encodings mean here; snappy goes in frames. */
export const grpcEncodings: Readonly<Record<string, Encoding>> = {
  gzip: "gzip",
  deflate: "deflate",
  zstd: "zstd",
  snappy: "x-snappy-framed",
};

export const acceptedEncodings = `identity,${Object.keys(grpcEncodings).join(",")}`;
