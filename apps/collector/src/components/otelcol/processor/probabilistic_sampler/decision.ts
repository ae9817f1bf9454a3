import {
  ALWAYS,
  type Bits56,
  isBelow,
  NEVER,
  probabilityOf,
  SMALLEST_PROBABILITY,
  thresholdOf,
} from "../../../../signals/otlp/sampling/threshold.ts";

export const modes = ["hash_seed", "equalizing", "proportional"] as const;
export type Mode = (typeof modes)[number];

export interface SamplerArguments {
  readonly sampling_percentage: number;
  readonly hash_seed: number;
  readonly mode: string;
  readonly fail_closed: boolean;
  readonly sampling_precision: number;
  readonly attribute_source: "traceID" | "record";
  readonly from_attribute: string;
  readonly sampling_priority: string;
}

/** How a threshold is found: fixed, or from the one that an item came with. */
export interface Decider {
  /** `never`: without looking at items, but for their priorities. */
  readonly kind: Mode | "never";
  threshold(arrived: Bits56 | undefined): Bits56;
}

/** Buckets of the hash that this sampler had before there was a specification: a power of two. */
const BUCKETS = 0x4000;
/** Thresholds that are remembered; there are as many as different ones arrive. */
const MOST_REMEMBERED = 1024;

export function deciderOf(args: SamplerArguments): Decider {
  // Percentages are 32-bit numbers there, and rounded as such.
  const percentage = Math.fround(Math.min(args.sampling_percentage, 100));
  const mode = modes.find((mode) => mode === args.mode) ?? "hash_seed";
  const never: Decider = { kind: "never", threshold: () => NEVER };
  if (percentage === 0) return never;
  const ratio = Math.max(percentage / 100, SMALLEST_PROBABILITY);
  switch (mode) {
    case "equalizing": {
      const fixed = thresholdOf(ratio, args.sampling_precision) ?? ALWAYS;
      return { kind: mode, threshold: (arrived) => (arrived !== undefined && isBelow(fixed, arrived) ? arrived : fixed) };
    }
    case "proportional": {
      const known = new Map<number, Bits56>();
      const fresh = (arrived: Bits56) => thresholdOf(probabilityOf(arrived) * ratio, args.sampling_precision) ?? NEVER;
      const first = fresh(ALWAYS);
      return {
        kind: mode,
        threshold(arrived) {
          if (arrived === undefined) return first;
          // Exact for thresholds of up to 13 digits; longer ones are not remembered.
          if (arrived.low % 16 !== 0) return fresh(arrived);
          const key = arrived.high * 2 ** 24 + arrived.low / 16;
          let threshold = known.get(key);
          if (threshold === undefined) {
            threshold = fresh(arrived);
            if (known.size >= MOST_REMEMBERED) known.clear();
            known.set(key, threshold);
          }
          return threshold;
        },
      };
    }
    case "hash_seed": {
      const kept = Math.trunc(Math.fround(percentage * Math.fround(BUCKETS / 100)));
      if (kept === 0) return never;
      const fixed = { high: (BUCKETS - kept) << 14, low: 0 };
      return { kind: mode, threshold: () => fixed };
    }
    default:
      return mode satisfies never;
  }
}

/** FNV-1a over the seed and the bytes, spread over 56 bits so that the first 14 decide as they did before thresholds. */
export function hashedRandomness(seed: number, bytes: Uint8Array, start: number, end: number): Bits56 {
  let hash = 0x811c9dc5;
  for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((seed >>> shift) & 0xff), 0x01000193);
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  const bucket = hash & (BUCKETS - 1);
  const unused = hash >>> 18;
  const mixed = unused ^ (unused << 10);
  return { high: ((BUCKETS - 1 - bucket) << 14) | (mixed >>> 14), low: ((mixed & 0x3fff) << 14) | bucket };
}

/** The last seven bytes of a trace id, as the W3C says they are random. */
export function traceIdRandomness(bytes: Uint8Array, start: number): Bits56 {
  const at = (i: number) => bytes[start + i] as number;
  const middle = at(12);
  return {
    high: ((at(9) << 20) | (at(10) << 12) | (at(11) << 4) | (middle >>> 4)) >>> 0,
    low: ((middle & 0xf) << 24) | (at(13) << 16) | (at(14) << 8) | at(15),
  };
}
