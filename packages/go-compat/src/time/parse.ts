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
      at = readUnaskedFraction(text, at, fields, parts.slice(index + 1));
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
    case "06": {
      const year = Number(/^[-+0-9][0-9]$/.test(text.slice(at, at + 2)) ? text.slice(at, at + 2) : Number.NaN);
      if (Number.isNaN(year)) return -1;
      fields.year = year + (year >= 69 ? 1900 : 2000);
      return at + 2;
    }
    case "2006":
      if (!/^[0-9]{4}$/.test(text.slice(at, at + 4))) return -1;
      fields.year = Number(text.slice(at, at + 4));
      return at + 4;
    case "January":
    case "Jan":
      return readName(MONTHS, element === "Jan", text, at, (index) => {
        fields.month = index + 1;
      });
    case "Monday":
    case "Mon":
      return readName(WEEKDAYS, element === "Mon", text, at, () => {});
    case "1":
    case "01":
      return readNumber(element === "01", text, at, (value) => {
        fields.month = value;
        if (value < 1 || value > 12) fields.outOfRange = "month";
      });
    case "2":
    case "_2":
    case "02":
      return readNumber(element === "02", text, element === "_2" && text[at] === " " ? at + 1 : at, (value) => {
        fields.day = value;
      });
    case "__2":
    case "002": {
      let start = at;
      if (element === "__2") while (start < at + 2 && text[start] === " ") start++;
      const digits = (/^[0-9]{0,3}/.exec(text.slice(start, start + 3)) as RegExpExecArray)[0];
      if (digits === "" || (element === "002" && digits.length < 3)) return -1;
      fields.yearDay = Number(digits);
      return start + digits.length;
    }
    case "15":
      return readNumber(false, text, at, (value) => {
        fields.hour = value;
        if (value >= 24) fields.outOfRange = "hour";
      });
    case "3":
    case "03":
      return readNumber(element === "03", text, at, (value) => {
        fields.hour = value;
        if (value > 12) fields.outOfRange = "hour";
      });
    case "4":
    case "04":
      return readNumber(element === "04", text, at, (value) => {
        fields.minute = value;
        if (value >= 60) fields.outOfRange = "minute";
      });
    case "5":
    case "05":
      return readNumber(element === "05", text, at, (value) => {
        fields.second = value;
        if (value >= 60) fields.outOfRange = "second";
      });
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

function readNumber(isFixed: boolean, text: string, at: number, take: (value: number) => void): number {
  const first = digitAt(text, at);
  if (first < 0) return -1;
  const second = digitAt(text, at + 1);
  if (second < 0) {
    if (isFixed) return -1;
    take(first);
    return at + 1;
  }
  take(first * 10 + second);
  return at + 2;
}

function readName(names: readonly string[], isShort: boolean, text: string, at: number, take: (index: number) => void): number {
  for (let index = 0; index < names.length; index++) {
    const name = isShort ? (names[index] as string).slice(0, 3) : (names[index] as string);
    if (text.slice(at, at + name.length).toLowerCase() !== name.toLowerCase()) continue;
    take(index);
    return at + name.length;
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
function readUnaskedFraction(text: string, at: number, fields: Fields, later: readonly LayoutPart[]): number {
  if (!isFractionAt(text, at)) return at;
  if (later.find((part) => part.kind !== "text")?.kind === "fraction") return at;
  return takeFraction(text, at, digitsEnd(text, at + 1), fields);
}

function takeFraction(text: string, at: number, end: number, fields: Fields): number {
  const digits = text.slice(at + 1, Math.min(end, at + 10));
  if (!/^[0-9]+$/.test(digits)) {
    if (/^[-+][0-9]*$/.test(digits)) {
      // Go reads a sign here: "-5" is out of range, "+5" is five, "-" is zero.
      const value = Number(digits.slice(1));
      if (digits.startsWith("-") && value > 0) fields.outOfRange = "fractional second";
      fields.nanos = value * 10 ** (9 - digits.length);
      return end;
    }
    return -1;
  }
  fields.nanos = Number(digits.padEnd(9, "0"));
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
