import {
  civilOf,
  formatDuration,
  formatTime,
  type GoFunction,
  type GoTime,
  type GoType,
  type GoValue,
  INT,
  int64,
  loadZone,
  STRING,
  secondsInZone,
  secondsOf,
  Typed,
  UTC,
} from "@invar/go-compat";

const NANOS = 1_000_000_000n;
/** Go's zero time, January 1 of year 1, in nanoseconds since 1970. */
const ZERO_TIME_NANOS = -62_135_596_800n * NANOS;

/** A time as templates see it: `{{ now.Year }}`, `{{ now.Format "2006" }}`. */
export function timeValue(time: GoTime): Typed {
  return new Typed(TIME, time);
}

export function durationValue(nanos: bigint): Typed {
  return new Typed(DURATION, BigInt.asIntN(64, nanos));
}

function method(params: readonly GoType[], call: (receiver: Typed, ...args: GoValue[]) => GoValue): GoFunction {
  return { params, isVariadic: false, call: (receiver, ...args) => call(receiver as Typed, ...args) };
}

function nanosOf(receiver: Typed): bigint {
  return receiver.raw as bigint;
}

/** Go's time.Duration. */
export const DURATION: GoType = {
  name: "time.Duration",
  kind: "int64",
  text: (value) => formatDuration(nanosOf(value)),
  methods: {
    String: method([], (value) => formatDuration(nanosOf(value))),
    Nanoseconds: method([], (value) => int64(nanosOf(value))),
    Microseconds: method([], (value) => int64(nanosOf(value) / 1_000n)),
    Milliseconds: method([], (value) => int64(nanosOf(value) / 1_000_000n)),
    Seconds: method([], (value) => Number(nanosOf(value)) / 1e9),
    Minutes: method([], (value) => Number(nanosOf(value)) / 6e10),
    Hours: method([], (value) => Number(nanosOf(value)) / 3.6e12),
    Abs: method([], (value) => durationValue(nanosOf(value) < 0n ? -nanosOf(value) : nanosOf(value))),
  },
};

// A type and its methods name each other.
const timeMethods: Record<string, GoFunction> = {};
const durationParameter: GoType = { name: "time.Duration", kind: "int64" };

/** Go's time.Time. */
export const TIME: GoType = {
  name: "time.Time",
  kind: "struct",
  text: (value) => formatTime("2006-01-02 15:04:05.999999999 -0700 MST", timeOf(value).unixNanos, timeOf(value).zone),
  encoded: (value) => formatTime("2006-01-02T15:04:05.999999999Z07:00", timeOf(value).unixNanos, timeOf(value).zone),
  methods: timeMethods,
};

const LOCATION: GoType = {
  name: "*time.Location",
  kind: "ptr",
  text: (value) => value.raw as string,
  methods: { String: method([], (value) => value.raw as string) },
};

function enumeration(name: string, words: readonly string[], first: number): GoType {
  const text = (value: Typed): string => words[Number(value.raw) - first] as string;
  return { name, kind: "int", text, methods: { String: method([], text) } };
}

const MONTH = enumeration(
  "time.Month",
  ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
  1,
);
const WEEKDAY = enumeration("time.Weekday", ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"], 0);

/** A time as formats of files write it, in full; undefined for what is none. */
export function timeText(value: GoValue): string | undefined {
  if (!(value instanceof Typed) || value.type !== TIME) return undefined;
  const { unixNanos, zone } = timeOf(value);
  return formatTime(LOCAL_LAYOUTS.get(zone.name) ?? "2006-01-02T15:04:05.999999999Z07:00", unixNanos, zone);
}

// Times without a zone, as TOML has them: the name of the zone says so.
const LOCAL_LAYOUTS = new Map([
  ["datetime-local", "2006-01-02T15:04:05.999999999"],
  ["date-local", "2006-01-02"],
  ["time-local", "15:04:05.999999999"],
]);

export function timeOf(value: GoValue): GoTime {
  return (value as Typed).raw as GoTime;
}

function civil(value: Typed): ReturnType<typeof civilOf> {
  const time = timeOf(value);
  const seconds = Number(floorSeconds(time.unixNanos));
  return civilOf(seconds + time.zone.at(seconds).offsetSeconds);
}

function floorSeconds(nanos: bigint): bigint {
  return (nanos - (((nanos % NANOS) + NANOS) % NANOS)) / NANOS;
}

function shifted(value: Typed, nanos: bigint): Typed {
  return timeValue({ ...timeOf(value), unixNanos: timeOf(value).unixNanos + nanos });
}

function addDate(value: Typed, years: number, months: number, days: number): Typed {
  const at = civil(value);
  const local = secondsOf(at.year + years, at.month + months, at.day + days, at.hour, at.minute, at.second);
  const { zone, unixNanos } = timeOf(value);
  const fraction = ((unixNanos % NANOS) + NANOS) % NANOS;
  return timeValue({ unixNanos: BigInt(secondsInZone(local, zone)) * NANOS + fraction, zone });
}

function truncated(value: Typed, nanos: bigint, isRounded: boolean): Typed {
  if (nanos <= 0n) return value;
  const since = timeOf(value).unixNanos - ZERO_TIME_NANOS;
  const over = ((since % nanos) + nanos) % nanos;
  return shifted(value, isRounded && over * 2n >= nanos ? nanos - over : -over);
}

Object.assign(timeMethods, {
  String: method([], (value) => (TIME.text as (value: Typed) => string)(value)),
  Format: method([STRING], (value, layout) => formatTime(layout as string, timeOf(value).unixNanos, timeOf(value).zone)),
  Year: method([], (value) => BigInt(civil(value).year)),
  Month: method([], (value) => new Typed(MONTH, BigInt(civil(value).month))),
  Day: method([], (value) => BigInt(civil(value).day)),
  YearDay: method([], (value) => BigInt(civil(value).yearDay)),
  Weekday: method([], (value) => new Typed(WEEKDAY, BigInt(civil(value).weekday))),
  Hour: method([], (value) => BigInt(civil(value).hour)),
  Minute: method([], (value) => BigInt(civil(value).minute)),
  Second: method([], (value) => BigInt(civil(value).second)),
  Nanosecond: method([], (value) => ((timeOf(value).unixNanos % NANOS) + NANOS) % NANOS),
  Unix: method([], (value) => int64(floorSeconds(timeOf(value).unixNanos))),
  UnixMilli: method([], (value) => int64(floorTo(timeOf(value).unixNanos, 1_000_000n))),
  UnixMicro: method([], (value) => int64(floorTo(timeOf(value).unixNanos, 1_000n))),
  UnixNano: method([], (value) => int64(timeOf(value).unixNanos)),
  UTC: method([], (value) => timeValue({ ...timeOf(value), zone: UTC })),
  Local: method([], (value) => timeValue({ ...timeOf(value), zone: loadZone("Local") })),
  Location: method([], (value) => new Typed(LOCATION, timeOf(value).zone.name)),
  IsZero: method([], (value) => timeOf(value).unixNanos === ZERO_TIME_NANOS),
  IsDST: method([], (value) => isDaylightSaving(timeOf(value))),
  Add: method([durationParameter], (value, duration) => shifted(value, (duration as Typed).raw as bigint)),
  Truncate: method([durationParameter], (value, duration) => truncated(value, (duration as Typed).raw as bigint, false)),
  Round: method([durationParameter], (value, duration) => truncated(value, (duration as Typed).raw as bigint, true)),
  AddDate: method([INT, INT, INT], (value, years, months, days) => addDate(value, Number(years), Number(months), Number(days))),
  Sub: method([TIME], (value, other) => durationValue(clamped(timeOf(value).unixNanos - timeOf(other as GoValue).unixNanos))),
  Before: method([TIME], (value, other) => timeOf(value).unixNanos < timeOf(other as GoValue).unixNanos),
  After: method([TIME], (value, other) => timeOf(value).unixNanos > timeOf(other as GoValue).unixNanos),
  Equal: method([TIME], (value, other) => timeOf(value).unixNanos === timeOf(other as GoValue).unixNanos),
  Compare: method([TIME], (value, other) => BigInt(Math.sign(Number(timeOf(value).unixNanos - timeOf(other as GoValue).unixNanos)))),
} satisfies Record<string, GoFunction>);

function floorTo(nanos: bigint, unit: bigint): bigint {
  return (nanos - (((nanos % unit) + unit) % unit)) / unit;
}

function clamped(nanos: bigint): bigint {
  const max = (1n << 63n) - 1n;
  return nanos > max ? max : nanos < -max - 1n ? -max - 1n : nanos;
}

function isDaylightSaving({ unixNanos, zone }: GoTime): boolean {
  const seconds = Number(floorSeconds(unixNanos));
  const half = 182 * 86_400;
  const here = zone.at(seconds).offsetSeconds;
  return here > Math.min(zone.at(seconds - half).offsetSeconds, zone.at(seconds + half).offsetSeconds);
}
