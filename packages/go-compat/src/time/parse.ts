import { daysInMonth, isLeapYear, NANOS_PER_SECOND, secondsOf } from "./calendar.ts";
import { MONTHS, WEEKDAYS } from "./format.ts";
import type { Element, LayoutPart } from "./layout-elements.ts";
import { fixedZone, UTC, type Zone } from "./zone.ts";

export interface GoTime {
  readonly unixNanos: bigint;
  readonly zone: Zone;
}

/** Why a text is not a time: the layout element and the text that did not fit it, or a message of its own. */
export interface ParseFailure {
  readonly element: string;
  readonly rest: string;
  readonly message: string;
}

/** What has been read so far. Field -1 means: not in the layout. */
interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanos: number;
  half: "" | "AM" | "PM";
  isUtc: boolean;
  offsetSeconds: number;
  hasOffset: boolean;
  zoneName: string;
  /** Set by an element whose number is too large. */
  outOfRange: string;
}

export function parseParts(parts: readonly LayoutPart[], text: string, zone: Zone): GoTime | ParseFailure {
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    half: "",
    isUtc: false,
    offsetSeconds: 0,
    hasOffset: false,
    zoneName: "",
    outOfRange: "",
  };
  let at = 0;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as LayoutPart;
    if (part.kind === "text") {
      const end = skip(text, at, part.text);
      // Go names the whole text before the next element and what was left when it stopped.
      if (end < 0) return { element: part.text, rest: text.slice(~end), message: "" };
      at = end;
      continue;
    }
    const end =
      part.kind === "fraction"
        ? readFractionPart(part.digits, part.isTrimmed, text, at, fields)
        : readElement(part.element, text, at, fields);
    if (fields.outOfRange !== "")
      return { element: part.text, rest: text.slice(Math.max(at, end)), message: `: ${fields.outOfRange} out of range` };
    if (end < 0) return { element: part.text, rest: text.slice(at), message: "" };
    at = end;
    if (part.kind === "element" && (part.element === "5" || part.element === "05")) {
      at = readUnaskedFraction(text, at, fields, parts, index + 1);
    }
  }
  if (at < text.length) return { element: "", rest: text.slice(at), message: ": extra text: " };
  return assemble(fields, zone);
}

/** Matches literal text, where a run of spaces equals any other. Gives the end, or ~position where it stopped. */
function skip(text: string, start: number, literal: string): number {
  let at = start;
  for (let index = 0; index < literal.length; ) {
    if (literal[index] === " ") {
      if (at < text.length && text[at] !== " ") return ~at;
      while (literal[index] === " ") index++;
      while (text[at] === " ") at++;
      continue;
    }
    if (at >= text.length || text[at] !== literal[index]) return ~at;
    index++;
    at++;
  }
  return at;
}

/** Reads one element at `at` into the fields; gives the end, or -1 when the text does not fit. */
function readElement(element: Element, text: string, at: number, fields: Fields): number {
  switch (element) {
    case "06":
      return readShortYear(text, at, fields);
    case "2006": {
      const century = twoDigits(text, at);
      const year = twoDigits(text, at + 2);
      if (century < 0 || year < 0) return -1;
      fields.year = century * 100 + year;
      return at + 4;
    }
    case "January":
    case "Jan": {
      const month = indexOfName(MONTHS, element === "Jan", text, at);
      if (month < 0) return -1;
      fields.month = month + 1;
      return at + (element === "Jan" ? 3 : (MONTHS[month] as string).length);
    }
    case "Monday":
    case "Mon": {
      // Read for its length only.
      const day = indexOfName(WEEKDAYS, element === "Mon", text, at);
      if (day < 0) return -1;
      return at + (element === "Mon" ? 3 : (WEEKDAYS[day] as string).length);
    }
    case "1":
    case "01": {
      const end = numberEnd(text, at, element === "01");
      if (end < 0) return -1;
      fields.month = numberAt(text, at, end);
      if (fields.month < 1 || fields.month > 12) fields.outOfRange = "month";
      return end;
    }
    case "2":
    case "_2":
    case "02": {
      const start = element === "_2" && text[at] === " " ? at + 1 : at;
      const end = numberEnd(text, start, element === "02");
      if (end >= 0) fields.day = numberAt(text, start, end);
      return end;
    }
    case "__2":
    case "002":
      return readYearDay(element === "002", text, at, fields);
    case "15":
    case "3":
    case "03": {
      const end = numberEnd(text, at, element === "03");
      if (end < 0) return -1;
      fields.hour = numberAt(text, at, end);
      if (fields.hour > (element === "15" ? 23 : 12)) fields.outOfRange = "hour";
      return end;
    }
    case "4":
    case "04": {
      const end = numberEnd(text, at, element === "04");
      if (end < 0) return -1;
      fields.minute = numberAt(text, at, end);
      if (fields.minute > 59) fields.outOfRange = "minute";
      return end;
    }
    case "5":
    case "05": {
      const end = numberEnd(text, at, element === "05");
      if (end < 0) return -1;
      fields.second = numberAt(text, at, end);
      if (fields.second > 59) fields.outOfRange = "second";
      return end;
    }
    case "PM":
    case "pm": {
      const half = text.slice(at, at + 2);
      const isKnown = element === "PM" ? half === "AM" || half === "PM" : half === "am" || half === "pm";
      if (!isKnown) return -1;
      fields.half = half.toUpperCase() as "AM" | "PM";
      return at + 2;
    }
    case "MST":
      return readZoneName(text, at, fields);
    default:
      if (element.startsWith("Z") && text[at] === "Z") {
        fields.isUtc = true;
        return at + 1;
      }
      return readOffset(element, text, at, fields);
  }
}

function readShortYear(text: string, at: number, fields: Fields): number {
  const digits = text.slice(at, at + 2);
  // Go reads a sign here.
  if (!/^[-+0-9][0-9]$/.test(digits)) return -1;
  const year = Number(digits);
  fields.year = year + (year >= 69 ? 1900 : 2000);
  return at + 2;
}

function readYearDay(isFixed: boolean, text: string, at: number, fields: Fields): number {
  let start = at;
  if (!isFixed) while (start < at + 2 && text[start] === " ") start++;
  const digits = (/^[0-9]{0,3}/.exec(text.slice(start, start + 3)) as RegExpExecArray)[0];
  if (digits === "" || (isFixed && digits.length < 3)) return -1;
  fields.yearDay = Number(digits);
  return start + digits.length;
}

/** The end of a number of one or two digits, two when they are fixed; -1 when there is none. */
function numberEnd(text: string, at: number, isFixed: boolean): number {
  if (digitAt(text, at) < 0) return -1;
  if (digitAt(text, at + 1) >= 0) return at + 2;
  return isFixed ? -1 : at + 1;
}

function numberAt(text: string, at: number, end: number): number {
  return end === at + 1 ? digitAt(text, at) : twoDigits(text, at);
}

function indexOfName(names: readonly string[], isShort: boolean, text: string, at: number): number {
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    const length = isShort ? 3 : name.length;
    if (text.slice(at, at + length).toLowerCase() === name.slice(0, length).toLowerCase()) return index;
  }
  return -1;
}

function readOffset(element: string, text: string, at: number, fields: Fields): number {
  const length = element.length;
  if (text.length < at + length) return -1;
  const colon = element.includes(":") ? 1 : 0;
  if (colon === 1 && text[at + 3] !== ":") return -1;
  if (colon === 1 && length > 6 && text[at + 6] !== ":") return -1;
  const hours = twoDigits(text, at + 1);
  const minutes = length > 3 ? twoDigits(text, at + 3 + colon) : 0;
  const seconds = length > 6 ? twoDigits(text, at + 5 + 2 * colon) : 0;
  // Some people do write 24 hours or 60 minutes.
  if (hours > 24) fields.outOfRange = "time zone offset hour";
  if (hours >= 0 && minutes > 60) fields.outOfRange = "time zone offset minute";
  if (hours >= 0 && minutes >= 0 && seconds > 60) fields.outOfRange = "time zone offset second";
  const isSigned = text[at] === "+" || text[at] === "-";
  if (fields.outOfRange !== "") return at + length;
  if (hours < 0 || minutes < 0 || seconds < 0 || !isSigned) return -1;
  const size = (hours * 60 + minutes) * 60 + seconds;
  fields.offsetSeconds = text[at] === "-" ? -size : size;
  // Go's mark for "no offset" is one second west.
  fields.hasOffset = fields.offsetSeconds !== -1;
  return at + length;
}

function readZoneName(text: string, at: number, fields: Fields): number {
  if (text.startsWith("UTC", at)) {
    fields.isUtc = true;
    return at + 3;
  }
  const length = zoneNameLength(text.slice(at, at + 24));
  if (length <= 0) return -1;
  fields.zoneName = text.slice(at, at + length);
  return at + length;
}

/** Zone names are free inventions of people: three to five capitals, most of them ending in T, or a signed hour. */
function zoneNameLength(text: string): number {
  if (text.length < 3) return 0;
  if (text.startsWith("ChST") || text.startsWith("MeST")) return 4;
  if (text.startsWith("GMT")) return 3 + signedHourLength(text.slice(3));
  if (text[0] === "+" || text[0] === "-") return signedHourLength(text);
  const capitals = (/^[A-Z]{0,6}/.exec(text) as RegExpExecArray)[0];
  if (capitals.length === 5) return capitals.endsWith("T") ? 5 : 0;
  if (capitals.length === 4) return capitals.endsWith("T") || capitals === "WITA" ? 4 : 0;
  return capitals.length === 3 ? 3 : 0;
}

function signedHourLength(text: string): number {
  const found = /^[-+]([0-9]+)/.exec(text);
  return found === null || Number(found[1]) > 23 ? 0 : found[0].length;
}

function readFractionPart(digits: number, isTrimmed: boolean, text: string, at: number, fields: Fields): number {
  if (isTrimmed) {
    // Left out, or any number of digits.
    return isFractionAt(text, at) ? takeFraction(text, at, digitsEnd(text, at + 1), fields) : at;
  }
  const end = at + 1 + digits;
  if (text.length < end || (text[at] !== "." && text[at] !== ",")) return -1;
  return takeFraction(text, at, end, fields);
}

/** A fraction after the seconds is read even where the layout has none. */
function readUnaskedFraction(text: string, at: number, fields: Fields, parts: readonly LayoutPart[], next: number): number {
  if (!isFractionAt(text, at)) return at;
  for (let index = next; index < parts.length; index++) {
    const { kind } = parts[index] as LayoutPart;
    if (kind === "fraction") return at;
    if (kind === "element") break;
  }
  return takeFraction(text, at, digitsEnd(text, at + 1), fields);
}

function takeFraction(text: string, at: number, end: number, fields: Fields): number {
  const last = Math.min(end, at + 10);
  let nanos = 0;
  let missing = 9;
  for (let digit = at + 1; digit < last; digit++) {
    const value = digitAt(text, digit);
    if (value < 0) return takeSignedFraction(text.slice(at + 1, last), end, fields);
    nanos = nanos * 10 + value;
    missing--;
  }
  if (missing === 9) return -1;
  fields.nanos = nanos * 10 ** missing;
  return end;
}

// Go reads a sign here: "-5" is out of range, "+5" is five, "-" is zero.
function takeSignedFraction(digits: string, end: number, fields: Fields): number {
  if (!/^[-+][0-9]*$/.test(digits)) return -1;
  const value = Number(digits.slice(1));
  if (digits.startsWith("-") && value > 0) fields.outOfRange = "fractional second";
  fields.nanos = value * 10 ** (9 - digits.length);
  return end;
}

function isFractionAt(text: string, at: number): boolean {
  return (text[at] === "." || text[at] === ",") && digitAt(text, at + 1) >= 0;
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (digitAt(text, end) >= 0) end++;
  return end;
}

function digitAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0x30 && unit <= 0x39 ? unit - 0x30 : -1;
}

function twoDigits(text: string, at: number): number {
  const first = digitAt(text, at);
  const second = digitAt(text, at + 1);
  return first < 0 || second < 0 ? -1 : first * 10 + second;
}

function assemble(fields: Fields, zone: Zone): GoTime | ParseFailure {
  let { month, day, hour } = fields;
  if (fields.half === "PM" && hour < 12) hour += 12;
  else if (fields.half === "AM" && hour === 12) hour = 0;
  if (fields.yearDay >= 0) {
    const found = dateOfYearDay(fields.yearDay, fields.year);
    if (found === undefined) return outOfRange(": day-of-year out of range");
    if (month >= 0 && month !== found.month) return outOfRange(": day-of-year does not match month");
    if (day >= 0 && day !== found.day) return outOfRange(": day-of-year does not match day");
    ({ month, day } = found);
  }
  if (month < 0) month = 1;
  if (day < 0) day = 1;
  if (day < 1 || day > daysInMonth(month, fields.year)) return outOfRange(": day out of range");
  const local = secondsOf(fields.year, month, day, hour, fields.minute, fields.second);
  const placed = placeInZone(local, fields, zone);
  return { unixNanos: BigInt(placed.seconds) * NANOS_PER_SECOND + BigInt(fields.nanos), zone: placed.zone };
}

function outOfRange(message: string): ParseFailure {
  return { element: "", rest: "", message };
}

function dateOfYearDay(yearDay: number, year: number): { month: number; day: number } | undefined {
  if (yearDay < 1 || yearDay > (isLeapYear(year) ? 366 : 365)) return undefined;
  let left = yearDay;
  let month = 1;
  while (left > daysInMonth(month, year)) {
    left -= daysInMonth(month, year);
    month++;
  }
  return { month, day: left };
}

function placeInZone(local: number, fields: Fields, zone: Zone): { seconds: number; zone: Zone } {
  if (fields.isUtc) return { seconds: local, zone: UTC };
  if (fields.hasOffset) {
    const seconds = local - fields.offsetSeconds;
    const here = zone.at(seconds);
    const isHere = here.offsetSeconds === fields.offsetSeconds && (fields.zoneName === "" || here.abbreviation === fields.zoneName);
    return { seconds, zone: isHere ? zone : fixedZone(fields.zoneName, fields.offsetSeconds) };
  }
  if (fields.zoneName !== "") {
    const offset = offsetOfAbbreviation(fields.zoneName, local, zone);
    if (offset !== undefined) return { seconds: local - offset, zone };
    // An unknown abbreviation is kept, with offset 0; "GMT+3" tells its own.
    const own = fields.zoneName.startsWith("GMT") ? Number(fields.zoneName.slice(3)) * 3600 : 0;
    return { seconds: local, zone: fixedZone(fields.zoneName, own) };
  }
  return { seconds: secondsInZone(local, zone), zone };
}

/** The instant at which clocks of the zone show this time; in a gap or overlap Go's choice. */
export function secondsInZone(local: number, zone: Zone): number {
  const guess = zone.at(local).offsetSeconds;
  if (guess === 0) return local;
  const atGuess = zone.at(local - guess).offsetSeconds;
  return local - atGuess;
}

function offsetOfAbbreviation(abbreviation: string, local: number, zone: Zone): number | undefined {
  const HALF_YEAR = 182 * 86_400;
  const moments = [local, local - HALF_YEAR, local + HALF_YEAR].map((seconds) => zone.at(seconds));
  const named = moments.filter((moment) => moment.abbreviation === abbreviation);
  const inEffect = named.find((moment) => zone.at(local - moment.offsetSeconds).abbreviation === abbreviation);
  return (inEffect ?? named[0])?.offsetSeconds;
}
