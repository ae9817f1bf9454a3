import type { Clock } from "../../../../../component/clock.ts";
import { type Policy, sampledIf } from "./policy.ts";

/** So many a second, and up to a burst at once. */
class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #lastMs: number;

  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#lastMs = clock.monotonic();
  }

  take(amount: number): boolean {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#lastMs) * this.#perMs);
    this.#lastMs = now;
    if (amount > this.#tokens) return false;
    this.#tokens -= amount;
    return true;
  }
}

export function rateLimiting(args: { readonly spans_per_second: number; readonly burst_capacity: number }, clock: Clock): Policy {
  const bucket = new TokenBucket(args.spans_per_second, args.burst_capacity > 0 ? args.burst_capacity : args.spans_per_second * 2, clock);
  return ({ spans }) => sampledIf(bucket.take(spans));
}

export function bytesLimiting(args: { readonly bytes_per_second: number; readonly burst_capacity: number }, clock: Clock): Policy {
  const bucket = new TokenBucket(args.bytes_per_second, args.burst_capacity > 0 ? args.burst_capacity : args.bytes_per_second * 2, clock);
  return ({ chunk }) => sampledIf(bucket.take(chunk.length));
}

/** FNV-1a of 64 bits over salt and trace id, compared with the share of 2^64 - 1. */
export function probabilistic(args: { readonly hash_salt: string; readonly sampling_percentage: number }): Policy {
  const threshold = shareOfAll(args.sampling_percentage / 100);
  const high = Number(threshold >> 32n);
  const low = Number(threshold & 0xffffffffn);
  const salted = new Fnv64();
  salted.add(Buffer.from(args.hash_salt === "" ? "default-hash-seed" : args.hash_salt));
  const hash = new Fnv64();
  return ({ id }) => {
    hash.high = salted.high;
    hash.low = salted.low;
    hash.add(id);
    return sampledIf(hash.high < high || (hash.high === high && hash.low <= low));
  };
}

class Fnv64 {
  high = 0xcbf29ce4;
  low = 0x84222325;

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const low = (this.low ^ byte) >>> 0;
      // The prime is 2^40 + 435.
      const product = low * 435;
      this.high = (Math.imul(this.high, 435) + Math.floor(product / 4294967296) + (low << 8)) >>> 0;
      this.low = product >>> 0;
    }
  }
}

/** The share of 2^64 - 1, rounded to 64 significant bits and cut to a whole number, as the incumbent's arithmetic does it. */
function shareOfAll(ratio: number): bigint {
  const all = 2n ** 64n - 1n;
  if (!(ratio > 0)) return 0n;
  if (ratio >= 1) return all;
  let exponent = 0n;
  let fraction = ratio;
  while (!Number.isInteger(fraction)) {
    fraction *= 2;
    exponent++;
  }
  let product = all * BigInt(fraction);
  const extra = BigInt(product.toString(2).length) - 64n;
  if (extra > 0n) {
    const half = 1n << (extra - 1n);
    const rest = product & ((1n << extra) - 1n);
    product >>= extra;
    if (rest > half || (rest === half && product % 2n === 1n)) product++;
    product <<= extra;
  }
  const whole = product >> exponent;
  return whole > all ? all : whole;
}
