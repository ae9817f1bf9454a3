import { TIME_LAYOUTS, TimeLayout, textFromBytes } from "@invar/go-compat";

/** What `parseRfc3339` has read last: one pair for all, so that reading allocates nothing. */
export const parsedTime = { seconds: 0, nanos: 0 };

const layout = new TimeLayout(TIME_LAYOUTS.RFC3339Nano);
const NANOS = 1_000_000_000n;

/** Reads a time like `2006-01-02T15:04:05.999999999Z07:00` from bytes into `parsedTime`; false where it is none. */
export function parseRfc3339(bytes: Uint8Array, start: number, end: number): boolean {
  return parseUsual(bytes, start, end) || parseUnusual(textFromBytes(bytes.subarray(start, end)));
}

export function parseRfc3339Text(text: string): boolean {
  return parseUnusual(text);
}

/** The form that every container runtime writes; whatever else Go reads is left to `parseUnusual`. */
function parseUsual(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 20) return false;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d || bytes[start + 10] !== 0x54) return false;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return false;
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60)) {
    // NaN, or a day that needs the calendar.
    if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour < 24 && minute < 60 && second < 60))
      return false;
  }
  let at = start + 19;
  let nanos = 0;
  if (bytes[at] === 0x2e) {
    let unit = 100_000_000;
    const first = ++at;
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      nanos += digit * unit;
      unit = unit === 1 ? 0 : unit / 10;
    }
    if (at === first) return false;
  }
  let offset = 0;
  const sign = bytes[at];
  if (sign === 0x5a && at + 1 === end) offset = 0;
  else if ((sign === 0x2b || sign === 0x2d) && at + 6 === end && bytes[at + 3] === 0x3a) {
    const hours = twoDigits(bytes, at + 1);
    const minutes = twoDigits(bytes, at + 4);
    if (!(hours < 24 && minutes < 60)) return false;
    offset = (hours * 3600 + minutes * 60) * (sign === 0x2d ? -1 : 1);
  } else return false;
  parsedTime.seconds = daysSinceEpoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
  parsedTime.nanos = nanos;
  return true;
}

function parseUnusual(text: string): boolean {
  const time = layout.tryParse(text);
  if (time === undefined) return false;
  setTime(time.unixNanos);
  return true;
}

/** Splits nanoseconds since the epoch into `parsedTime`. */
export function setTime(unixNanos: bigint): void {
  let nanos = unixNanos % NANOS;
  if (nanos < 0n) nanos += NANOS;
  parsedTime.nanos = Number(nanos);
  parsedTime.seconds = Number((unixNanos - nanos) / NANOS);
}

/** NaN where the bytes are no digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - 0x30;
  const ones = (bytes[at + 1] as number) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01, by the calendar that begins each year in March. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}
