import { quoteAscii } from "../duration.ts";
import { GoError } from "../go-error.ts";
import { formatParts } from "./format.ts";
import { type LayoutPart, readLayout } from "./layout-elements.ts";
import { type GoTime, type ParseFailure, parseParts } from "./parse.ts";
import { UTC, type Zone } from "./zone.ts";

/** Go's named layouts, by the names of its time package. */
export const TIME_LAYOUTS = {
  Layout: "01/02 03:04:05PM '06 -0700",
  ANSIC: "Mon Jan _2 15:04:05 2006",
  UnixDate: "Mon Jan _2 15:04:05 MST 2006",
  RubyDate: "Mon Jan 02 15:04:05 -0700 2006",
  RFC822: "02 Jan 06 15:04 MST",
  RFC822Z: "02 Jan 06 15:04 -0700",
  RFC850: "Monday, 02-Jan-06 15:04:05 MST",
  RFC1123: "Mon, 02 Jan 2006 15:04:05 MST",
  RFC1123Z: "Mon, 02 Jan 2006 15:04:05 -0700",
  RFC3339: "2006-01-02T15:04:05Z07:00",
  RFC3339Nano: "2006-01-02T15:04:05.999999999Z07:00",
  Kitchen: "3:04PM",
  Stamp: "Jan _2 15:04:05",
  StampMilli: "Jan _2 15:04:05.000",
  StampMicro: "Jan _2 15:04:05.000000",
  StampNano: "Jan _2 15:04:05.000000000",
  DateTime: "2006-01-02 15:04:05",
  DateOnly: "2006-01-02",
  TimeOnly: "15:04:05",
} as const;

/** A layout that has been read once, to format and parse many times. */
export class TimeLayout {
  readonly layout: string;
  readonly #parts: readonly LayoutPart[];

  constructor(layout: string) {
    this.layout = layout;
    this.#parts = readLayout(layout);
  }

  format(unixNanos: bigint, zone: Zone = UTC): string {
    return formatParts(this.#parts, unixNanos, zone);
  }

  /**
   * Reads a time; the zone says where clocks without an offset stand, and what abbreviations mean (Go's `ParseInLocation`).
   * Throws `GoError` with Go's text.
   */
  parse(text: string, zone: Zone = UTC): GoTime {
    const result = parseParts(this.#parts, text, zone);
    if ("unixNanos" in result) return result;
    throw new GoError(this.#describe(text, result));
  }

  /** The same for callers that only count failures: undefined, and nothing thrown. */
  tryParse(text: string, zone: Zone = UTC): GoTime | undefined {
    const result = parseParts(this.#parts, text, zone);
    return "unixNanos" in result ? result : undefined;
  }

  #describe(text: string, failure: ParseFailure): string {
    const start = `parsing time ${quoteAscii(text)}`;
    if (failure.message === ": extra text: ") return `${start}: extra text: ${quoteAscii(failure.rest)}`;
    if (failure.message !== "") return start + failure.message;
    return `${start} as ${quoteAscii(this.layout)}: cannot parse ${quoteAscii(failure.rest)} as ${quoteAscii(failure.element)}`;
  }
}

/** Reads a time by a Go layout. Throws `GoError` with Go's text. */
export function parseTime(layout: string, text: string, zone: Zone = UTC): GoTime {
  return new TimeLayout(layout).parse(text, zone);
}

/** Writes a time by a Go layout. */
export function formatTime(layout: string, unixNanos: bigint, zone: Zone = UTC): string {
  return new TimeLayout(layout).format(unixNanos, zone);
}
