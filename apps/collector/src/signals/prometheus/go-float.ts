import { quote, textFromBytes } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";

// 10^0 to 10^22 are exact as doubles; a mantissa below 2^53 divided or multiplied by one of them is rounded once, which is correct.
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const EXACT_DIGITS = 15;

/**
 * Reads decimal numbers from bytes as Go's `strconv.ParseFloat` does, without making text of the common ones. `end` is where the number
 * ended.
 */
export class FloatReader {
  end = 0;

  /** The number at `start`, which goes on to a blank, a newline or `{`. Throws `MalformedInput` with Go's text. */
  read(bytes: Uint8Array, start: number): number {
    let at = start;
    let byte = bytes[at] as number;
    const isNegative = byte === 0x2d;
    if (isNegative) byte = bytes[++at] as number;
    let mantissa = 0;
    const first = at;
    while (byte >= 0x30 && byte <= 0x39) {
      mantissa = mantissa * 10 + (byte - 0x30);
      byte = bytes[++at] as number;
    }
    let digits = at - first;
    let exponent = 0;
    if (byte === 0x2e) {
      byte = bytes[++at] as number;
      const point = at;
      while (byte >= 0x30 && byte <= 0x39) {
        mantissa = mantissa * 10 + (byte - 0x30);
        byte = bytes[++at] as number;
      }
      exponent = point - at;
      digits -= exponent;
    }
    if (byte === 0x65) {
      byte = bytes[++at] as number;
      const isDown = byte === 0x2d;
      if (isDown || byte === 0x2b) byte = bytes[++at] as number;
      let shift = byte - 0x30;
      if (shift < 0 || shift > 9) return this.#slow(bytes, start);
      byte = bytes[++at] as number;
      if (byte >= 0x30 && byte <= 0x39) {
        shift = shift * 10 + (byte - 0x30);
        byte = bytes[++at] as number;
      }
      exponent += isDown ? -shift : shift;
    }
    const isEnd = byte === 0x0a || byte === 0x20 || byte === 0x09;
    if (!isEnd || digits === 0 || digits > EXACT_DIGITS || exponent > 22 || exponent < -22) return this.#slow(bytes, start);
    this.end = at;
    if (isNegative) mantissa = -mantissa;
    if (exponent === 0) return mantissa;
    return exponent > 0 ? mantissa * (POWERS[exponent] as number) : mantissa / (POWERS[-exponent] as number);
  }

  #slow(bytes: Uint8Array, start: number): number {
    let end = start;
    while (end < bytes.length) {
      const byte = bytes[end] as number;
      if (byte === 0x0a || byte === 0x20 || byte === 0x09 || byte === 0x7b || byte === 0) break;
      end++;
    }
    this.end = end;
    return parseGoFloat(textFromBytes(bytes.subarray(start, end)));
  }
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** What Go's `strconv.ParseFloat` reads, save for hexadecimal numbers and underscores, which expositions must not use. */
export function parseGoFloat(text: string): number {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new MalformedInput(`strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
  }
  switch (text.toLowerCase()) {
    case "nan":
      return Number.NaN;
    case "inf":
    case "+inf":
    case "infinity":
    case "+infinity":
      return Number.POSITIVE_INFINITY;
    case "-inf":
    case "-infinity":
      return Number.NEGATIVE_INFINITY;
  }
  if (/[pP_]/.test(text)) throw new MalformedInput("unsupported character in float");
  throw new MalformedInput(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
}

/** A float as OpenMetrics writes it in labels: `1.0`, `0.5`, `1e+06`, `+Inf`. */
export function openMetricsFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return "0.0";
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}
