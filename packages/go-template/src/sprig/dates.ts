import {
  formatDuration,
  formatTime,
  GoError,
  type GoFunction,
  type GoTime,
  type GoValue,
  loadZone,
  parseDuration,
  parseInteger,
  parseTime,
  Typed,
  typeOf,
  UTC,
  type Zone,
} from "@invar/go-compat";
import { any, fn, type Param, text } from "../function.ts";
import { TIME, timeOf, timeValue } from "../go-time.ts";

const NANOS = 1_000_000_000n;
const HOUR = 3600n * NANOS;
/** Go's zero time: what a text that is no date becomes. */
const ZERO_TIME: GoTime = { unixNanos: -62_135_596_800n * NANOS, zone: UTC };

const time: Param<GoTime> = { type: TIME, read: timeOf };

/** Dates and durations, by a clock that gives nanoseconds since 1970. */
export function dateFunctions(now: () => bigint): Readonly<Record<string, GoFunction>> {
  const localNow = (): GoTime => ({ unixNanos: now(), zone: loadZone("Local") });
  const dateIn = (layout: string, date: GoValue, zone: string): string => formatTime(layout, instantOf(date) ?? now(), zoneOrUtc(zone));
  const inZone = fn([text, any, text], dateIn);
  const modify = fn([text, time], (duration, date) =>
    timeValue(
      shift(
        date,
        attempt(() => parseDuration(duration), 0n),
      ),
    ),
  );
  const mustModify = fn([text, time], (duration, date) => timeValue(shift(date, parseDuration(duration))));
  return {
    now: fn([], () => timeValue(localNow())),
    ago: fn([any], (date) => {
      // Not int32: sprig forgot it here.
      const since = date instanceof Typed && date.type.kind === "int32" ? undefined : instantOf(date);
      return formatDuration(roundToSecond(now() - (since ?? now())));
    }),
    date: fn([text, any], (layout, date) => dateIn(layout, date, "Local")),
    dateInZone: inZone,
    date_in_zone: inZone,
    htmlDate: fn([any], (date) => dateIn("2006-01-02", date, "Local")),
    htmlDateInZone: fn([any, text], (date, zone) => dateIn("2006-01-02", date, zone)),
    dateModify: modify,
    date_modify: modify,
    mustDateModify: mustModify,
    must_date_modify: mustModify,
    duration: fn([any], (seconds) => formatDuration(BigInt.asIntN(64, secondsOf(seconds) * NANOS))),
    durationRound: fn([any], (duration) => roundedDuration(nanosOf(duration, now))),
    toDate: fn([text, text], (layout, date) => timeValue(attempt(() => parseTime(layout, date, loadZone("Local")), ZERO_TIME))),
    mustToDate: fn([text, text], (layout, date) => timeValue(parseTime(layout, date, loadZone("Local")))),
    unixEpoch: fn([time], (date) => String(floorSeconds(date.unixNanos))),
  };
}

function attempt<Result>(read: () => Result, otherwise: Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof GoError) return otherwise;
    throw error;
  }
}

/** A time, or seconds since 1970 as one of the integer types that sprig takes; undefined for everything else. */
function instantOf(date: GoValue): bigint | undefined {
  if (typeof date === "bigint") return date * NANOS;
  if (!(date instanceof Typed)) return undefined;
  if (date.type === TIME) return timeOf(date).unixNanos;
  if (date.type.kind === "ptr" && date.raw instanceof Typed && date.raw.type === TIME) return timeOf(date.raw).unixNanos;
  return date.type.name === "int64" || date.type.name === "int32" ? (date.raw as bigint) * NANOS : undefined;
}

function zoneOrUtc(name: string): Zone {
  return attempt(() => loadZone(name), UTC);
}

function shift(date: GoTime, by: bigint): GoTime {
  return { ...date, unixNanos: date.unixNanos + by };
}

function secondsOf(value: GoValue): bigint {
  if (typeof value === "string") return attempt(() => parseInteger(value), 0n);
  return value !== null && typeOf(value).name === "int64" ? ((value as Typed).raw as bigint) : 0n;
}

function nanosOf(value: GoValue, now: () => bigint): bigint {
  if (typeof value === "string") return attempt(() => parseDuration(value), 0n);
  if (!(value instanceof Typed)) return 0n;
  if (value.type.name === "int64") return value.raw as bigint;
  return value.type === TIME ? now() - timeOf(value).unixNanos : 0n;
}

/** The largest unit alone: `2h` of 2h37m. */
function roundedDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const units: readonly (readonly [string, bigint])[] = [
    ["y", HOUR * 24n * 365n],
    ["mo", HOUR * 24n * 30n],
    ["d", HOUR * 24n],
    ["h", HOUR],
    ["m", 60n * NANOS],
    ["s", NANOS],
  ];
  const unit = units.find(([, length]) => size > length);
  return unit === undefined ? "0s" : `${size / unit[1]}${unit[0]}`;
}

function roundToSecond(nanos: bigint): bigint {
  const over = ((nanos % NANOS) + NANOS) % NANOS;
  return over * 2n < NANOS ? nanos - over : nanos - over + NANOS;
}

function floorSeconds(nanos: bigint): bigint {
  return (nanos - (((nanos % NANOS) + NANOS) % NANOS)) / NANOS;
}
