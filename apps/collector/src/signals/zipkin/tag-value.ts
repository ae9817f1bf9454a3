import type { SpanValue } from "../otlp/write/span.ts";

const MOST = 2n ** 63n - 1n;
const LEAST = -(2n ** 63n);

/** What the text of a tag becomes where texts are to be parsed: an integer, a double, a boolean, or itself. */
export function parsedTag(text: string): SpanValue {
  const first = text.charCodeAt(0);
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
    if (/^-?\d+$/.test(text)) {
      // Beyond 64 bits the nearest that there is.
      if (text.length < 19) return BigInt(text);
      const value = BigInt(text);
      return value > MOST ? MOST : value < LEAST ? LEAST : value;
    }
    if (/^-?\d+\.\d+$/.test(text)) return Number(text);
    return text;
  }
  return text === "true" ? true : text === "false" ? false : text;
}
