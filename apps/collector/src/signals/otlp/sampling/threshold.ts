// OpenTelemetry's consistent sampling compares 56-bit numbers: an item is kept where its threshold is not above its randomness. They are kept in
// halves of 28 bits, each of which is seven hex digits:
//
//   randomness rv:89abcdef012345  ->  high 0x89abcde, low 0xf012345

export interface Bits56 {
  readonly high: number;
  readonly low: number;
}

const DIGITS = 14;
const HALF_DIGITS = 7;
const HALF = 2 ** 28;

export const ALWAYS: Bits56 = { high: 0, low: 0 };
/** One more than any randomness. */
export const NEVER: Bits56 = { high: HALF, low: 0 };
/** Randomness that is kept at every probability above 0. */
export const HIGHEST: Bits56 = { high: HALF - 1, low: HALF - 1 };

export function isBelow(one: Bits56, two: Bits56): boolean {
  return one.high < two.high || (one.high === two.high && one.low < two.low);
}

/** The threshold of a t-value, whose trailing zeros are left out; undefined where it is none. */
export function parseThreshold(text: string): Bits56 | undefined {
  return text === "" || text.length > DIGITS ? undefined : parseDigits(text.padEnd(DIGITS, "0"), text);
}

/** The randomness of an r-value; undefined where it is none. */
export function parseRandomness(text: string): Bits56 | undefined {
  return text.length === DIGITS ? parseDigits(text, text) : undefined;
}

function parseDigits(digits: string, written: string): Bits56 | undefined {
  if (!/^[0-9a-fA-F]+$/.test(written)) return undefined;
  return { high: Number.parseInt(digits.slice(0, HALF_DIGITS), 16), low: Number.parseInt(digits.slice(HALF_DIGITS), 16) };
}

export function randomnessText({ high, low }: Bits56): string {
  return high.toString(16).padStart(HALF_DIGITS, "0") + low.toString(16).padStart(HALF_DIGITS, "0");
}

/** The t-value: empty where nothing is ever kept. */
export function thresholdText(threshold: Bits56): string {
  if (threshold.high >= HALF) return "";
  if (threshold.high === 0 && threshold.low === 0) return "0";
  return randomnessText(threshold).replace(/0+$/, "");
}

/** The probability with which a threshold keeps. */
export function probabilityOf({ high, low }: Bits56): number {
  return Number(2n ** 56n - ((BigInt(high) << 28n) | BigInt(low))) / 2 ** 56;
}

/** The smallest probability that a threshold can stand for. */
export const SMALLEST_PROBABILITY = 2 ** -56;

/** The threshold of a probability, in so many hex digits and more near 0 and 1; undefined where the probability is out of range. */
export function thresholdOf(probability: number, precision: number): Bits56 | undefined {
  if (!(probability >= SMALLEST_PROBABILITY && probability <= 1)) return undefined;
  if (probability === 1) return ALWAYS;
  // Leading digits that are all 0 or all f carry no information: as many are added.
  const added = Math.max(Math.trunc(-exponentOf(probability) / 4), Math.trunc(-exponentOf(1 - probability) / 4));
  const digits = Math.min(DIGITS, precision + added);
  let threshold = 2n ** 56n - BigInt(Math.round(probability * 2 ** 56));
  const shift = BigInt(4 * (DIGITS - digits));
  if (shift > 0n) threshold = ((threshold + (1n << (shift - 1n))) >> shift) << shift;
  return { high: Number(threshold >> 28n), low: Number(threshold & 0xfffffffn) };
}

/** `e` in `m × 2^e` with `m` from 1/2 to 1. */
function exponentOf(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return ((view.getUint16(0) >>> 4) & 0x7ff) - 1022;
}
