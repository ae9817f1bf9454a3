/** What a plain scalar is in YAML 1.1 as Go reads it: dates stay texts, numbers are float64 as JSON makes them. */
export function resolvePlain(text: string): null | boolean | number | string {
  if (text === "") return null;
  if (WORD_STARTS.includes(text[0] as string)) {
    const word = WORDS.get(text);
    if (word !== undefined) return word;
  }
  return isNumberStart(text) ? (numberOf(text) ?? text) : text;
}

/** Whether a text written without quotes would be read as something else. */
export function needsQuotes(text: string): boolean {
  return typeof resolvePlain(text) !== "string" || isTimestamp(text) || BASE_60.test(text);
}

const WORDS = new Map<string, null | boolean | number>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...["~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);
const WORD_STARTS = "yYnNtTfFoO~.+-";
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const DATE =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;

function isNumberStart(text: string): boolean {
  const code = text.charCodeAt(0);
  return (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e;
}

function numberOf(text: string): number | undefined {
  if (text.startsWith(".")) return /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/.test(text) ? Number(text) : undefined;
  if (isTimestamp(text)) return undefined;
  const plain = text.replaceAll("_", "");
  const integer = integerOf(plain);
  if (integer !== undefined) return Number(integer);
  return FLOAT.test(plain) ? finite(Number(plain)) : undefined;
}

// Go's ParseFloat refuses what is too large.
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function integerOf(plain: string): bigint | undefined {
  const sign = plain.startsWith("-") ? -1n : 1n;
  const digits = plain.replace(/^[-+]/, "");
  let value: bigint | undefined;
  if (/^(?:0|[1-9][0-9]*)$/.test(digits) || /^0[xX][0-9a-fA-F]+$/.test(digits) || /^0[bB][01]+$/.test(digits)) value = BigInt(digits);
  else if (/^0[oO]?[0-7]+$/.test(digits)) value = BigInt(`0o${digits.replace(/^0[oO]?/, "")}`);
  if (value === undefined) return undefined;
  const signed = sign * value;
  const isTooLarge = signed < -(1n << 63n) || signed >= (plain.startsWith("+") ? 1n << 63n : 1n << 64n);
  return isTooLarge ? undefined : signed;
}

function isTimestamp(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
