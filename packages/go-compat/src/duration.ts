import { bytesFromText } from "./byte-text.ts";
import { GoError } from "./go-error.ts";
import { quote } from "./quote.ts";

const MAX_INT64 = (1n << 63n) - 1n;
const LIMIT = 1n << 63n;
const NANOS_PER_MS = 1_000_000;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n], // micro sign
  ["\u03bcs", 1_000n], // Greek mu
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

// From the biggest to the smallest: a text must name them in this order.
const PROMETHEUS_UNITS: readonly (readonly [string, bigint])[] = [
  ["y", 31_536_000_000n],
  ["w", 604_800_000n],
  ["d", 86_400_000n],
  ["h", 3_600_000n],
  ["m", 60_000n],
  ["s", 1_000n],
  ["ms", 1n],
];

/** Nanoseconds of a Go duration such as `1h2m3.5s`. Throws `GoError` with Go's text. */
export function parseDuration(text: string): bigint {
  const isNegative = text.startsWith("-");
  let rest = isNegative || text.startsWith("+") ? text.slice(1) : text;
  if (rest === "0") return 0n;
  if (rest === "") throw durationError("invalid duration", text);
  let total = 0n;
  while (rest !== "") {
    const number = /^([0-9]*)(\.[0-9]*)?/.exec(rest) as RegExpExecArray;
    const whole = number[1] as string;
    const fraction = (number[2] ?? "").slice(1);
    if (whole === "" && fraction === "") throw durationError("invalid duration", text);
    if (BigInt(whole) > LIMIT) throw durationError("invalid duration", text);
    rest = rest.slice(number[0].length);
    const unitText = (/^[^.0-9]*/.exec(rest) as RegExpExecArray)[0];
    if (unitText === "") throw durationError("missing unit in duration", text);
    rest = rest.slice(unitText.length);
    const unit = UNITS.get(unitText);
    if (unit === undefined) throw durationError(`unknown unit ${quoteAscii(unitText)} in duration`, text);
    total += BigInt(whole) * unit + fractionOf(fraction, unit);
    if (total > LIMIT) throw durationError("invalid duration", text);
  }
  if (isNegative) return -total;
  if (total > MAX_INT64) throw durationError("invalid duration", text);
  return total;
}

/** The same in milliseconds, fractions kept: what timers take. */
export function parseDurationMs(text: string): number {
  return Number(parseDuration(text)) / NANOS_PER_MS;
}

/** Go's `time.Duration.String()`: `1h2m3.5s`, `1.5µs`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  const sign = nanos < 0n ? "-" : "";
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}\u00b5s`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** Nanoseconds of a Prometheus duration such as `1d12h`. Throws `GoError` with Prometheus' text. */
export function parsePrometheusDuration(text: string): bigint {
  if (text === "0") return 0n;
  if (text === "") throw new GoError("empty duration string");
  let rest = text;
  let total = 0n;
  let last = -1;
  while (rest !== "") {
    const part = /^([0-9]+)([^0-9]+)/.exec(rest);
    if (part === null || BigInt(part[1] as string) > 2n * MAX_INT64 + 1n) throw new GoError(`not a valid duration string: ${quote(text)}`);
    rest = rest.slice(part[0].length);
    const position = PROMETHEUS_UNITS.findIndex(([name]) => name === part[2]);
    const unit = PROMETHEUS_UNITS[position];
    if (unit === undefined) throw new GoError(`unknown unit ${quote(part[2] as string)} in duration ${quote(text)}`);
    if (position <= last) throw new GoError(`not a valid duration string: ${quote(text)}`);
    last = position;
    total += BigInt(part[1] as string) * unit[1] * BigInt(NANOS_PER_MS);
    if (total > MAX_INT64) throw new GoError("duration out of range");
  }
  return total;
}

/** The same in milliseconds. */
export function parsePrometheusDurationMs(text: string): number {
  return Number(parsePrometheusDuration(text)) / NANOS_PER_MS;
}

/** Prometheus' own way to write a duration: `1d12h`, whole milliseconds, years and weeks only when nothing is left over. */
export function formatPrometheusDuration(nanos: bigint): string {
  let ms = nanos / BigInt(NANOS_PER_MS);
  if (ms === 0n) return "0s";
  const sign = ms < 0n ? "-" : "";
  if (ms < 0n) ms = -ms;
  let text = "";
  for (const [name, size] of PROMETHEUS_UNITS) {
    const onlyExact = name === "y" || name === "w";
    if (ms < size || (onlyExact && ms % size !== 0n)) continue;
    text += `${ms / size}${name}`;
    ms %= size;
  }
  return sign + text;
}

function fractionOf(digits: string, unit: bigint): bigint {
  // Go keeps the digits that fit an int64 and multiplies as float64; so do we, to agree in the last nanosecond.
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > MAX_INT64 / 10n || next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return value > 0n ? BigInt(Math.trunc(Number(value) * (Number(unit) / scale))) : 0n;
}

function decimal(value: bigint, places: number): string {
  const divisor = 10n ** BigInt(places);
  const fraction = (value % divisor).toString().padStart(places, "0").replace(/0+$/, "");
  return fraction === "" ? `${value / divisor}` : `${value / divisor}.${fraction}`;
}

function durationError(problem: string, text: string): GoError {
  return new GoError(`time: ${problem} ${quoteAscii(text)}`);
}

/** Go's time package quotes for itself: bytes outside of ASCII each as `\xNN`. */
export function quoteAscii(text: string): string {
  let quoted = '"';
  for (const byte of bytesFromText(text)) {
    if (byte >= 0x80 || byte < 0x20) quoted += `\\x${byte.toString(16).padStart(2, "0")}`;
    else if (byte === 0x22 || byte === 0x5c) quoted += `\\${String.fromCharCode(byte)}`;
    else quoted += String.fromCharCode(byte);
  }
  return `${quoted}"`;
}
