import { civilOf, type GoError, type GoTime, loadZone, secondsOf, TimeLayout, UTC, type Zone } from "@invar/go-compat";
import { orStatementError } from "../getter.ts";
import { Moment, StatementError } from "../value.ts";
import { localeNames } from "./locale-names.ts";

// What each directive is in Go's layouts when a time is written.
const WRITTEN: Readonly<Record<string, string>> = {
  Y: "2006",
  y: "06",
  m: "01",
  o: "_1",
  q: "1",
  b: "Jan",
  h: "Jan",
  B: "January",
  d: "02",
  e: "_2",
  g: "2",
  a: "Mon",
  A: "Monday",
  H: "15",
  l: "3",
  I: "03",
  p: "PM",
  P: "pm",
  M: "04",
  S: "05",
  L: "999",
  f: "999999",
  s: "999999999",
  Z: "MST",
  z: "Z0700",
  w: "-070000",
  i: "-07",
  j: "-07:00",
  k: "-07:00:00",
  D: "01/02/2006",
  x: "01/02/2006",
  F: "2006-01-02",
  T: "15:04:05",
  X: "15:04:05",
  r: "03:04:05 pm",
  R: "15:04",
  n: "\n",
  t: "\t",
  "%": "%",
  c: "Mon Jan 02 15:04:05 2006",
};

/** And when one is read: digits may be missing, and some directives have several forms. */
const READ: Readonly<Record<string, readonly string[]>> = {
  m: ["1"],
  o: ["1"],
  q: ["1"],
  d: ["2"],
  e: ["2"],
  g: ["2"],
  I: ["3"],
  M: ["4"],
  S: ["5"],
  z: ["Z0700", "Z07:00", "Z07"],
  D: ["1/2/2006", "1/2/06"],
  x: ["1/2/2006", "1/2/06"],
  F: ["2006-1-2"],
  T: ["15:4:5"],
  X: ["15:4:5"],
  r: ["3:4:5 pm"],
  R: ["15:4"],
  c: ["Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:4:5 2006"],
};

const MAX_LAYOUTS = 64;

/** A format of strptime(3), to read and write times with. */
export class StrptimeFormat {
  readonly #format: string;
  readonly #written: TimeLayout;
  readonly #read: readonly TimeLayout[];
  readonly #translate: ((text: string) => string) | undefined;
  #last: TimeLayout | undefined;

  /** Throws `StatementError` for a directive that there isn't, and for a locale that isn't known. */
  constructor(format: string, locale: string | undefined) {
    this.#format = format;
    const fraction = /[^.,]%[Lfs]/.exec(format);
    if (fraction !== null)
      throw new StatementError(`invalid fractional seconds directive: '${fraction[0]}'. must be preceded with '.' or ','`);
    const digit = /\d/.exec(format);
    if (digit !== null) throw new StatementError("format string should not contain decimals");
    this.#written = new TimeLayout(replaced(format, (directive) => WRITTEN[directive] ?? unsupported(directive)));
    this.#read = layouts(format).map((layout) => new TimeLayout(layout));
    this.#translate = locale === undefined ? undefined : localeNames(locale);
  }

  format({ unixNanos, zone }: Moment): string {
    return this.#written.format(unixNanos, zone);
  }

  /** Reads a time; without an offset it stands in the zone. Throws `StatementError`. */
  parse(text: string, zone: Zone): Moment {
    const source = this.#translate?.(text) ?? text;
    const found = this.#find(source, zone) ?? this.#find(source.replace(/\s+(?=\d)/g, " "), zone) ?? this.#failed(source, zone);
    return withYear(found);
  }

  #find(text: string, zone: Zone): GoTime | undefined {
    const kept = this.#last?.tryParse(text, zone);
    if (kept !== undefined) return corrected(kept, zone, this.#last as TimeLayout, text);
    for (const layout of this.#read) {
      const time = layout.tryParse(text, zone);
      if (time === undefined) continue;
      this.#last = layout;
      return corrected(time, zone, layout, text);
    }
    return undefined;
  }

  /** The reason, with the format as the user wrote it. */
  #failed(text: string, zone: Zone): never {
    const [first] = this.#read;
    try {
      first?.parse(text, zone);
    } catch (error) {
      const { message } = error as GoError;
      throw new StatementError(message.replace(/ as "[^"]*": cannot parse/, ` as ${JSON.stringify(this.#format)}: cannot parse`));
    }
    throw new StatementError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(this.#format)}: cannot parse`);
  }
}

/** Go invents a zone of offset 0 for an abbreviation that it doesn't know; as a place of that name it may be known. */
function corrected(time: GoTime, zone: Zone, layout: TimeLayout, text: string): GoTime {
  const seconds = Number(time.unixNanos / 1_000_000_000n);
  const { abbreviation, offsetSeconds } = time.zone.at(seconds);
  if (offsetSeconds !== 0 || abbreviation === "UTC" || abbreviation === zone.at(seconds).abbreviation) return time;
  let place: Zone;
  try {
    place = loadZone(abbreviation);
  } catch (error) {
    throw new StatementError(`failed to load location ${abbreviation}: ${(error as Error).message}`);
  }
  return layout.tryParse(text, place) ?? time;
}

/** A time without a year is of this one; where that were more than a week ahead, of the last. */
function withYear({ unixNanos, zone }: GoTime): Moment {
  const seconds = Number(unixNanos / 1_000_000_000n);
  const civil = civilOf(seconds + zone.at(seconds).offsetSeconds);
  if (civil.year > 0) return new Moment(unixNanos, zone);
  const now = Date.now() / 1000;
  const { year } = civilOf(Math.floor(now) + zone.at(Math.floor(now)).offsetSeconds);
  const at = (thatYear: number): number => {
    const local = secondsOf(thatYear, civil.month, civil.day, civil.hour, civil.minute, civil.second);
    return local - zone.at(local).offsetSeconds;
  };
  const thisYear = at(year);
  const chosen = thisYear > now + 7 * 86_400 ? at(year - 1) : thisYear;
  return new Moment(BigInt(chosen) * 1_000_000_000n + (((unixNanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n), zone);
}

function replaced(format: string, replace: (directive: string) => string): string {
  return format.replace(/%(.)/gs, (_, directive: string) => replace(directive));
}

function layouts(format: string): string[] {
  let made = [""];
  let copied = 0;
  for (const match of format.matchAll(/%(.)/gs)) {
    const directive = match[1] as string;
    const forms = READ[directive] ?? [WRITTEN[directive] ?? unsupported(directive)];
    const before = format.slice(copied, match.index);
    copied = match.index + match[0].length;
    made = made.flatMap((start) => forms.map((form) => start + before + form)).slice(0, MAX_LAYOUTS);
  }
  return made.map((start) => start + format.slice(copied));
}

function unsupported(directive: string): never {
  throw new StatementError(`unsupported ctimefmt.toNative() directive: %${directive}`);
}

/** Where a time without an offset stands. */
export function zoneFor(location: string | undefined, format: string): Zone {
  if (location !== undefined && location !== "") return orStatementError(() => loadZone(location));
  return format.endsWith("Z") ? UTC : loadZone("Local");
}
