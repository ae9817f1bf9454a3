import { civilOf, loadZone, secondsInZone, secondsOf, TimeLayout, UTC, type Zone } from "@invar/go-compat";
import { type Entry, type EntryValue, typeName } from "../entry.ts";
import { type Field, getField } from "../field.ts";
import { EntryError } from "./operator.ts";
import type { Settings } from "./settings.ts";

/** Sets an entry's time. Throws `EntryError`. */
export type TimeReader = (entry: Entry) => void;

const strptime: Readonly<Record<string, string>> = {
  "%Y": "2006",
  "%y": "06",
  "%m": "01",
  "%o": "_1",
  "%q": "1",
  "%b": "Jan",
  "%h": "Jan",
  "%B": "January",
  "%d": "02",
  "%e": "_2",
  "%g": "2",
  "%a": "Mon",
  "%A": "Monday",
  "%H": "15",
  "%l": "3",
  "%I": "03",
  "%p": "PM",
  "%P": "pm",
  "%M": "04",
  "%S": "05",
  "%L": "999",
  "%f": "999999",
  "%s": "999999999",
  "%Z": "MST",
  "%z": "Z0700",
  "%w": "-070000",
  "%i": "-07",
  "%j": "-07:00",
  "%k": "-07:00:00",
  "%D": "01/02/2006",
  "%x": "01/02/2006",
  "%F": "2006-01-02",
  "%T": "15:04:05",
  "%X": "15:04:05",
  "%r": "03:04:05 pm",
  "%R": "15:04",
  "%n": "\n",
  "%t": "\t",
  "%%": "%",
  "%c": "Mon Jan 02 15:04:05 2006",
};
/** A zone's offset may be written in each of these ways. */
const offsets = ["Z0700", "Z07:00", "Z07"];
const NANOS = 1_000_000_000n;
const DAY_S = 86_400;
const epochUnits: Readonly<Record<string, bigint>> = { s: NANOS, ms: 1_000_000n, us: 1_000n, ns: 1n };
const subsecondDigits: Readonly<Record<string, number>> = { "s.ms": 3, "s.us": 6, "s.ns": 9 };

/** Reads `parse_from`, `layout`, `layout_type` and `location`. */
export function timeReader(settings: Settings, from: Field | undefined, now: () => number): TimeReader {
  const layoutType = settings.text("layout_type", "strptime");
  const layout = settings.text("layout");
  const location = settings.text("location");
  if (from === undefined) settings.wrong("missing required parameter 'parse_from'");
  if (settings.has("time_zone_locations"))
    settings.wrong("time_zone_locations is not available: write `location`, or a layout with an offset");
  settings.value("time_zone_locations");
  if (layout === "") settings.wrong("missing required configuration parameter `layout`");
  const read = readerOf(settings, { layoutType, layout, zone: zoneOf(settings, location, layout), now });
  return (entry) => {
    const value = from === undefined ? undefined : getField(entry, from);
    if (value === undefined) throw new EntryError(`log entry does not have the expected parse_from field ${from?.text ?? ""}`);
    const nanos = read(value);
    entry.seconds = Number(nanos / NANOS);
    entry.nanos = Number(nanos % NANOS);
    if (entry.nanos < 0) {
      entry.seconds--;
      entry.nanos += 1_000_000_000;
    }
  };
}

interface TimeOptions {
  readonly layoutType: string;
  readonly layout: string;
  readonly zone: Zone;
  readonly now: () => number;
}

function readerOf(settings: Settings, options: TimeOptions): (value: EntryValue) => bigint {
  const { layoutType, layout } = options;
  switch (layoutType) {
    case "gotime":
      return layoutReader([layout], options);
    case "strptime":
      return layoutReader(goLayouts(settings, layout), options);
    case "epoch":
      if (epochUnits[layout] === undefined && subsecondDigits[layout] === undefined)
        settings.wrong("invalid `layout` for `epoch` type: specify 's', 'ms', 'us', 'ns', 's.ms', 's.us', or 's.ns'");
      return (value) => epochNanos(layout, value);
    default:
      settings.wrong(`unsupported layout_type ${layoutType}: valid values are 'strptime', 'gotime', and 'epoch'`);
      return () => 0n;
  }
}

function goLayouts(settings: Settings, format: string): string[] {
  for (const directive of format.match(/%./gs) ?? [])
    if (!Object.hasOwn(strptime, directive)) settings.wrong(`invalid strptime layout: unsupported directive ${directive}`);
  if (/(^|[^.,])%[Lfs]/.test(format))
    settings.wrong("invalid strptime layout: a directive of fractional seconds must be preceded with '.' or ','");
  const go = (zone: string) => format.replace(/%./gs, (directive) => (directive === "%z" ? zone : (strptime[directive] ?? "")));
  return format.includes("%z") ? offsets.map(go) : [go("")];
}

function layoutReader(layouts: readonly string[], { zone, now }: TimeOptions): (value: EntryValue) => bigint {
  const compiled = layouts.map((layout) => new TimeLayout(layout));
  return (value) => {
    const text = typeof value === "string" ? value : typeof value === "bigint" || typeof value === "number" ? String(value) : undefined;
    if (text === undefined) throw new EntryError(`type ${typeName(value)} cannot be parsed as a time`);
    let problem: unknown;
    for (const layout of compiled)
      try {
        return withYear(layout.parse(text, zone).unixNanos, zone, now);
      } catch (error) {
        problem ??= error;
      }
    throw new EntryError(problem instanceof Error ? problem.message : String(problem));
  };
}

/** A time without a year is of this one, or of the last where it would lie more than a week ahead. */
function withYear(nanos: bigint, zone: Zone, now: () => number): bigint {
  const seconds = Number(nanos / NANOS) - (nanos % NANOS < 0n ? 1 : 0);
  const clock = civilOf(seconds + zone.at(seconds).offsetSeconds);
  if (clock.year > 0) return nanos;
  return BigInt(likelySeconds(clock, zone, now)) * NANOS + (((nanos % NANOS) + NANOS) % NANOS);
}

type Clock = Omit<ReturnType<typeof civilOf>, "year">;

/** When a clock without a year showed this last, or will within a week. */
export function likelySeconds({ month, day, hour, minute, second }: Clock, zone: Zone, now: () => number): number {
  const nowSeconds = now() / 1000;
  const inYear = (wanted: number) => secondsInZone(secondsOf(wanted, month, day, hour, minute, second), zone);
  const thisYear = civilOf(nowSeconds).year;
  return inYear(thisYear) > nowSeconds + 7 * DAY_S ? inYear(thisYear - 1) : inYear(thisYear);
}

function epochNanos(layout: string, value: EntryValue): bigint {
  const unit = epochUnits[layout];
  const invalid = (text: string) => new EntryError(`invalid value '${text}' for layout '${layout}'`);
  if (unit !== undefined) {
    const text = typeof value === "number" ? String(Math.trunc(value)) : String(value);
    if (!/^[+-]?\d{1,19}$/.test(text)) throw invalid(text);
    return BigInt(text) * unit;
  }
  const digits = subsecondDigits[layout] ?? 0;
  const text = typeof value === "number" ? value.toFixed(digits) : typeof value === "bigint" ? `${value}.0` : String(value);
  const [, seconds, fraction] = /^([+-]?\d{1,18})\.(\d{1,18})$/.exec(text) ?? [];
  if (seconds === undefined || fraction === undefined) throw invalid(text);
  return BigInt(seconds) * NANOS + BigInt(fraction) * 10n ** BigInt(9 - digits);
}

function zoneOf(settings: Settings, location: string, layout: string): Zone {
  if (location === "" && layout.endsWith("Z")) return UTC;
  try {
    return loadZone(location === "" ? "Local" : location);
  } catch (error) {
    settings.wrong(`invalid 'location': failed to load location ${location}: ${error instanceof Error ? error.message : String(error)}`);
    return UTC;
  }
}

export function goTimeNanos(layout: TimeLayout, text: string): bigint {
  try {
    return layout.parse(text, UTC).unixNanos;
  } catch (error) {
    throw new EntryError(error instanceof Error ? error.message : String(error));
  }
}
