import { GoError } from "./go-error.ts";
import { quote } from "./quote.ts";

export type FloatFormat = "e" | "E" | "f" | "g" | "G" | "b" | "x" | "X";

/** Go's `strconv.FormatFloat`: precision -1 means the fewest digits that read back as the same number. */
export function formatFloat(value: number, format: FloatFormat, precision: number, bits: 32 | 64 = 64): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  switch (format) {
    case "b":
      return sign + formatBinaryExponent(size, bits);
    case "x":
    case "X": {
      const text = formatHexFloat(size, precision);
      return sign + (format === "X" ? text.toUpperCase() : text);
    }
    case "e":
    case "E":
      return sign + formatExponent(digitsOf(size, precision < 0 ? -1 : precision + 1, bits), format, precision);
    case "f":
      return sign + formatFixed(size, precision, bits);
    case "g":
    case "G":
      return sign + formatGeneral(size, format, precision, bits);
    default:
      return format satisfies never;
  }
}

/** Decimal digits of a number: 0.d1d2d3… × 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** `count` significant digits, rounded half to even on the exact value; -1 for the shortest. */
function digitsOf(size: number, count: number, bits: 32 | 64): Decimal {
  if (size === 0) return { digits: "", point: 0 };
  if (count < 0) return shortestDigits(size, bits);
  const { digits, point } = exactDigits(size);
  return roundDigits(digits, point, count);
}

function shortestDigits(size: number, bits: 32 | 64): Decimal {
  let text = size.toExponential();
  if (bits === 32) {
    for (let places = 0; places < 9; places++) {
      text = size.toExponential(places);
      if (Math.fround(Number(text)) === Math.fround(size)) break;
    }
  }
  const [mantissa, exponent] = text.split("e") as [string, string];
  return { digits: mantissa.replace(".", "").replace(/0+$/, ""), point: Number(exponent) + 1 };
}

/** Every digit that the binary number has. */
function exactDigits(size: number): Decimal {
  const { mantissa, exponent } = binaryParts(size);
  let digits: string;
  let point: number;
  if (exponent >= 0) {
    digits = (mantissa << BigInt(exponent)).toString();
    point = digits.length;
  } else {
    // m / 2^k = m * 5^k / 10^k
    digits = (mantissa * 5n ** BigInt(-exponent)).toString();
    point = digits.length + exponent;
  }
  return { digits: digits.replace(/0+$/, ""), point };
}

function roundDigits(digits: string, point: number, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: "", point: 0 };
  const next = digits.charCodeAt(count) - 0x30;
  const isTie = next === 5 && digits.length === count + 1;
  const isOdd = count > 0 && (digits.charCodeAt(count - 1) & 1) === 1;
  const kept = digits.slice(0, count);
  if (next < 5 || (isTie && !isOdd)) return { digits: kept.replace(/0+$/, ""), point: kept.replace(/0+$/, "") === "" ? 0 : point };
  const raised = (BigInt(kept || "0") + 1n).toString();
  const grown = raised.length > kept.length ? 1 : 0;
  return { digits: raised.replace(/0+$/, ""), point: point + grown };
}

function binaryParts(size: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const word = view.getBigUint64(0);
  const stored = Number(word >> 52n) & 0x7ff;
  const fraction = word & 0xfffffffffffffn;
  return stored === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | (1n << 52n), exponent: stored - 1075 };
}

function formatExponent(decimal: Decimal, letter: "e" | "E", precision: number): string {
  const digits = precision < 0 ? decimal.digits || "0" : decimal.digits.padEnd(precision + 1, "0");
  const exponent = decimal.digits === "" ? 0 : decimal.point - 1;
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${mantissa}${letter}${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function formatFixed(size: number, precision: number, bits: 32 | 64): string {
  const all = precision < 0 ? shortestDigits(size, bits) : size === 0 ? { digits: "", point: 0 } : exactDigits(size);
  const decimal = size === 0 ? { digits: "", point: 0 } : precision < 0 ? all : roundDigits(all.digits, all.point, all.point + precision);
  return layOutFixed(decimal, precision < 0 ? Math.max(decimal.digits.length - decimal.point, 0) : precision);
}

function layOutFixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (places <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : "0".repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, places).padEnd(places, "0")}`;
}

function formatGeneral(size: number, letter: "g" | "G", precision: number, bits: 32 | 64): string {
  const count = precision === 0 ? 1 : precision;
  const decimal = digitsOf(size, count, bits);
  const length = decimal.digits.length;
  let threshold = count;
  if (threshold > length && length >= decimal.point) threshold = length;
  if (count < 0) threshold = 6;
  const exponent = decimal.point - 1;
  // Zero has no digits and no exponent.
  if (length > 0 && (exponent < -4 || exponent >= threshold)) {
    // Trailing zeros are not shown.
    return formatExponent(decimal, letter === "g" ? "e" : "E", -1);
  }
  if (size === 0) return "0";
  return layOutFixed(decimal, Math.max(length - decimal.point, 0));
}

function formatBinaryExponent(size: number, bits: 32 | 64): string {
  let { mantissa, exponent } = binaryParts(size);
  if (bits === 32) {
    mantissa >>= 29n;
    exponent += 29;
    while (mantissa !== 0n && exponent < -149) {
      mantissa >>= 1n;
      exponent++;
    }
    if (mantissa === 0n) exponent = -149;
  }
  return `${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

function formatHexFloat(size: number, precision: number): string {
  if (size === 0) return `0x0${precision > 0 ? `.${"0".repeat(precision)}` : ""}p+00`;
  let { mantissa, exponent } = binaryParts(size);
  // One digit before the point: 1.
  while (mantissa < 1n << 60n) {
    mantissa <<= 1n;
    exponent--;
  }
  if (precision >= 0 && precision < 15) {
    const shift = BigInt(precision * 4);
    const extra = (mantissa << shift) & ((1n << 60n) - 1n);
    mantissa >>= 60n - shift;
    if (extra > 1n << 59n || (extra === 1n << 59n && (mantissa & 1n) === 1n)) mantissa++;
    mantissa <<= 60n - shift;
    if (mantissa >= 1n << 61n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  let fraction = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, "0");
  fraction = precision < 0 ? fraction.replace(/0+$/, "") : fraction.slice(0, precision).padEnd(precision, "0");
  const power = exponent + 60;
  return `0x1${fraction === "" ? "" : `.${fraction}`}p${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Go's `strconv.ParseFloat`. Throws `GoError` with Go's text. */
export function parseFloat64(text: string): number {
  const value = readFloat(text);
  if (value === undefined) throw new GoError(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  if (!Number.isFinite(value) && !SPECIAL.test(text)) throw new GoError(`strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
  return value;
}

const SPECIAL = /^(?:[-+]?inf(?:inity)?|nan)$/i;
const DECIMAL_FLOAT = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const HEX_FLOAT = /^([-+]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([-+]?[0-9]+)$/;
// An underscore stands between two digits, or between the base prefix and a digit.
const MISPLACED_UNDERSCORE = /(?:^|[^0-9_])_|_(?:[^0-9]|$)/;
const MISPLACED_HEX_UNDERSCORE = /(?:^|[^0-9a-f_])_|_(?:[^0-9a-f]|$)/;

function readFloat(text: string): number | undefined {
  if (DECIMAL_FLOAT.test(text)) return Number(text);
  if (SPECIAL.test(text)) return text.toLowerCase() === "nan" ? Number.NaN : text.startsWith("-") ? -Infinity : Infinity;
  if (text.includes("_")) {
    const hex = /^[-+]?0x/i.exec(text);
    const isMisplaced =
      hex === null ? MISPLACED_UNDERSCORE.test(text) : MISPLACED_HEX_UNDERSCORE.test(`0${text.slice(hex[0].length)}`.toLowerCase());
    return isMisplaced || text.includes("__") ? undefined : readFloat(text.replaceAll("_", ""));
  }
  const found = HEX_FLOAT.exec(text);
  const fraction = found?.[3] ?? "";
  if (found === null || found[2] + fraction === "") return undefined;
  const size = scaleByTwo(BigInt(`0x${found[2]}${fraction}`), Number(found[4]) - 4 * fraction.length);
  return found[1] === "-" ? -size : size;
}

/** mantissa × 2^exponent, rounded once, half to even. */
function scaleByTwo(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = bits + exponent;
  if (top > 1024) return Number.POSITIVE_INFINITY;
  if (top < -1080) return 0;
  // As many bits as the result has room for; below the normal range there is less.
  const room = Math.min(53, Math.max(0, top + 1074));
  let kept = mantissa;
  let power = exponent;
  if (bits > room) {
    const drop = BigInt(bits - room);
    const lost = mantissa & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    kept = mantissa >> drop;
    if (lost > half || (lost === half && (kept & 1n) === 1n)) kept++;
    power += Number(drop);
  }
  const first = Math.trunc(power / 2);
  return Number(kept) * 2 ** first * 2 ** (power - first);
}

/** Go's `strconv.ParseInt`; base 0 reads `0x`, `0o`, `0b` and underscores. Throws `GoError` with Go's text. */
export function parseInteger(text: string, base = 10, bits = 64, functionName = "ParseInt"): bigint {
  const isNegative = text.startsWith("-");
  const size = readUnsigned(isNegative || text.startsWith("+") ? text.slice(1) : text, text, base, functionName);
  const limit = 1n << BigInt(bits - 1);
  if (isNegative ? size > limit : size >= limit) throw integerError(functionName, text, "value out of range");
  return isNegative ? -size : size;
}

/** Go's `strconv.ParseUint`. */
export function parseUnsigned(text: string, base = 10, bits = 64): bigint {
  const size = readUnsigned(text, text, base, "ParseUint");
  if (size >= 1n << BigInt(bits)) throw integerError("ParseUint", text, "value out of range");
  return size;
}

/** Go's `strconv.Atoi`. */
export function atoi(text: string): bigint {
  return parseInteger(text, 10, 64, "Atoi");
}

/** Go's `strconv.ParseBool`. */
export function parseBool(text: string): boolean {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return false;
  throw new GoError(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
}

function readUnsigned(digits: string, text: string, base: number, functionName: string): bigint {
  if (digits === "") throw integerError(functionName, text, "invalid syntax");
  if (base !== 0 && (base < 2 || base > 36)) throw integerError(functionName, text, `invalid base ${base}`);
  const prefix = base === 0 ? (/^0[xXoObB]|^0(?=.)/.exec(digits)?.[0] ?? "") : "";
  const radix = base !== 0 ? base : prefix === "" ? 10 : /x/i.test(prefix) ? 16 : /b/i.test(prefix) ? 2 : 8;
  let rest = digits.slice(prefix.length);
  if (base === 0 && rest.includes("_")) {
    // Between digits, or right after the base.
    if (/__|_$/.test(rest) || (prefix === "" && rest.startsWith("_"))) throw integerError(functionName, text, "invalid syntax");
    rest = rest.replaceAll("_", "");
  }
  if (rest === "") throw integerError(functionName, text, "invalid syntax");
  const bigRadix = BigInt(radix);
  let value = 0n;
  let isTooLarge = false;
  for (let at = 0; at < rest.length; at++) {
    const digit = digitValue(rest.charCodeAt(at));
    if (digit >= radix) throw integerError(functionName, text, "invalid syntax");
    // Once too large, only the syntax matters.
    if (isTooLarge) continue;
    value = value * bigRadix + BigInt(digit);
    isTooLarge = value >= 1n << 64n;
  }
  return value;
}

function digitValue(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower - 0x57 : 99;
}

function integerError(functionName: string, text: string, problem: string): GoError {
  return new GoError(`strconv.${functionName}: parsing ${quote(text)}: ${problem}`);
}
