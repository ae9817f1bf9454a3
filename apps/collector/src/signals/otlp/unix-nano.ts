// OTLP's times are nanoseconds since 1970 in 64 bits, which a number does not hold. Here they are halves, and what is computed with them
// stays exact.

const TWO_16 = 65536;
const TWO_32 = 4294967296;
const NANOS = 1e9;
const NANOS_IN_MS = 1e6;

/** The halves that `nanosOf` and its like have made; valid until the next call. */
export const unixNano = { low: 0, high: 0 };

/** Sets `unixNano` to a time in milliseconds. */
export function nanosOfMs(ms: number): void {
  const seconds = Math.floor(ms / 1000);
  nanosOf(seconds, Math.round((ms - seconds * 1000) * NANOS_IN_MS));
}

/** Sets `unixNano` to a time in whole seconds and nanoseconds within the second. */
export function nanosOf(seconds: number, nanos: number): void {
  // seconds × 10^9 in pieces of 16 bits, each of which a number holds.
  const upper = Math.floor(seconds / TWO_16);
  const rest = (seconds - upper * TWO_16) * NANOS + nanos;
  const carried = Math.floor(rest / TWO_16);
  const top = upper * NANOS + carried;
  const high = Math.floor(top / TWO_16);
  unixNano.high = high | 0;
  unixNano.low = ((top - high * TWO_16) * TWO_16 + (rest - carried * TWO_16)) | 0;
}

/** The time in whole milliseconds, rounded down. */
export function msOfNanos(low: number, high: number): number {
  const upper = Math.floor(high / NANOS_IN_MS);
  return upper * TWO_32 + Math.floor(belowMs(low, high - upper * NANOS_IN_MS) / NANOS_IN_MS);
}

/** The time in whole seconds, rounded down. */
export function secondsOfNanos(low: number, high: number): number {
  return Math.floor(msOfNanos(low, high) / 1000);
}

/** What `secondsOfNanos` leaves: 0 … 999,999,999. */
export function subsecondNanos(low: number, high: number): number {
  const ms = msOfNanos(low, high);
  const rest = belowMs(low, high - Math.floor(high / NANOS_IN_MS) * NANOS_IN_MS) % NANOS_IN_MS;
  return (ms - Math.floor(ms / 1000) * 1000) * NANOS_IN_MS + rest;
}

/** A value of less than 10^6 × 2^32, which a number holds. */
function belowMs(low: number, upper: number): number {
  return upper * TWO_32 + (low >>> 0);
}

/** Sets `unixNano` to a time in microseconds, given in halves; wraps as 64-bit integers do. */
export function nanosOfMicros(low: number, high: number): void {
  const product = (low >>> 0) * 1000;
  const carried = Math.floor(product / TWO_32);
  unixNano.low = (product - carried * TWO_32) | 0;
  unixNano.high = (Math.imul(high, 1000) + carried) | 0;
}
