import { type Civil, civilOf, NANOS_PER_SECOND } from "./calendar.ts";
import type { Element, LayoutPart } from "./layout-elements.ts";
import type { Zone, ZoneMoment } from "./zone.ts";

export const MONTHS: readonly string[] = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const WEEKDAYS: readonly string[] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

export function formatParts(parts: readonly LayoutPart[], unixNanos: bigint, zone: Zone): string {
  const seconds = Number(floorDivide(unixNanos, NANOS_PER_SECOND));
  const nanos = Number(unixNanos - BigInt(seconds) * NANOS_PER_SECOND);
  const moment = zone.at(seconds);
  const civil = civilOf(seconds + moment.offsetSeconds);
  let text = "";
  for (const part of parts) {
    if (part.kind === "text") text += part.text;
    else if (part.kind === "fraction") text += formatFraction(nanos, part.text.charAt(0), part.digits, part.isTrimmed);
    else text += formatElement(part.element, civil, moment);
  }
  return text;
}

export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

function formatElement(element: Element, civil: Civil, moment: ZoneMoment): string {
  switch (element) {
    case "January":
      return MONTHS[civil.month - 1] as string;
    case "Jan":
      return (MONTHS[civil.month - 1] as string).slice(0, 3);
    case "Monday":
      return WEEKDAYS[civil.weekday] as string;
    case "Mon":
      return (WEEKDAYS[civil.weekday] as string).slice(0, 3);
    case "1":
      return String(civil.month);
    case "01":
      return padded(civil.month, 2);
    case "2":
      return String(civil.day);
    case "_2":
      return String(civil.day).padStart(2);
    case "02":
      return padded(civil.day, 2);
    case "__2":
      return String(civil.yearDay).padStart(3);
    case "002":
      return padded(civil.yearDay, 3);
    case "15":
      return padded(civil.hour, 2);
    case "3":
      return String(civil.hour % 12 || 12);
    case "03":
      return padded(civil.hour % 12 || 12, 2);
    case "4":
      return String(civil.minute);
    case "04":
      return padded(civil.minute, 2);
    case "5":
      return String(civil.second);
    case "05":
      return padded(civil.second, 2);
    case "2006":
      return padded(civil.year, 4);
    case "06":
      return padded(Math.abs(civil.year) % 100, 2);
    case "PM":
      return civil.hour >= 12 ? "PM" : "AM";
    case "pm":
      return civil.hour >= 12 ? "pm" : "am";
    case "MST":
      return moment.abbreviation !== "" ? moment.abbreviation : formatOffset(moment.offsetSeconds, "-0700");
    default:
      return formatOffset(moment.offsetSeconds, element);
  }
}

function formatOffset(offsetSeconds: number, element: string): string {
  if (element.startsWith("Z") && offsetSeconds === 0) return "Z";
  const size = Math.abs(offsetSeconds);
  const minutes = Math.trunc(size / 60);
  const colon = element.includes(":") ? ":" : "";
  // Less than a minute west prints a plus: Go looks at the minutes.
  let text = (offsetSeconds < 0 && minutes > 0 ? "-" : "+") + padded(Math.trunc(minutes / 60), 2);
  if (element.length > 3) text += colon + padded(minutes % 60, 2);
  if (element.length > 6) text += colon + padded(offsetSeconds < 0 && minutes === 0 ? offsetSeconds % 60 : size % 60, 2);
  return text;
}

function formatFraction(nanos: number, mark: string, digits: number, isTrimmed: boolean): string {
  if (isTrimmed && nanos === 0) return "";
  const all = padded(nanos, 9).slice(0, digits);
  if (!isTrimmed) return mark + all.padEnd(Math.min(digits, 9), "0");
  const trimmed = all.replace(/0+$/, "");
  return trimmed === "" ? "" : mark + trimmed;
}

function padded(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width, "0")}` : String(value).padStart(width, "0");
}
