// A 64-bit integer is two 32-bit halves, so that reading one allocates nothing:
//
//   value = (high << 32 | low >>> 0), both halves as Int32; the sign is in `high`

const TWO_32 = 4294967296;

/** The unsigned value; inexact from 2^53 on. */
export function unsignedOf(low: number, high: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/** The signed value; inexact beyond ±2^53. */
export function signedOf(low: number, high: number): number {
  return (high | 0) * TWO_32 + (low >>> 0);
}

/** Whether `signedOf` is exact. */
export function isSafe(low: number, high: number): boolean {
  const value = signedOf(low, high);
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}

/** The low half of a whole number within ±2^53. */
export function lowOf(value: number): number {
  return value | 0;
}

/** The high half of a whole number within ±2^53. */
export function highOf(value: number): number {
  return Math.floor(value / TWO_32) | 0;
}

export function unsignedBigIntOf(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

export function signedBigIntOf(low: number, high: number): bigint {
  return (BigInt(high | 0) << 32n) | BigInt(low >>> 0);
}

/** The unsigned value in decimal, exact. */
export function unsignedText(low: number, high: number): string {
  const value = unsignedOf(low, high);
  return value <= Number.MAX_SAFE_INTEGER ? String(value) : String(unsignedBigIntOf(low, high));
}

/** The signed value in decimal, exact. */
export function signedText(low: number, high: number): string {
  return isSafe(low, high) ? String(signedOf(low, high)) : String(signedBigIntOf(low, high));
}
