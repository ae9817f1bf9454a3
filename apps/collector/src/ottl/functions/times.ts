import { civilOf, loadZone, parseDuration } from "@invar/go-compat";
import type { Getter } from "../getter.ts";
import { orStatementError } from "../getter.ts";
import type { Frame } from "../telemetry/frame.ts";
import { int64, Moment, Span, StatementError } from "../value.ts";
import { constantString, define, duration, type FunctionDefinition, integer, optional, string, time } from "./function.ts";
import { StrptimeFormat, zoneFor } from "./strptime.ts";

const SECOND = 1_000_000_000n;

/** Converters of times and durations. */
export const timeFunctions: readonly FunctionDefinition[] = [
  define("Now", {}, () => () => new Moment(BigInt(Date.now()) * 1_000_000n, loadZone("Local"))),
  define(
    "Time",
    { time: string, format: constantString, location: optional(constantString), locale: optional(constantString) },
    ({ time: text, format, location, locale }) => {
      if (format === "") throw new StatementError("format cannot be nil");
      const zone = zoneFor(location, format);
      const reader = new StrptimeFormat(format, locale);
      return (frame) => {
        const written = text.get(frame);
        if (written === "") throw new StatementError("time cannot be nil");
        return reader.parse(written, zone);
      };
    },
  ),
  define("FormatTime", { time, format: constantString }, ({ time: of, format }) => {
    if (format === "") throw new StatementError("format cannot be nil");
    const writer = new StrptimeFormat(format, undefined);
    return (frame) => writer.format(of.get(frame));
  }),
  define(
    "Duration",
    { duration: string },
    ({ duration: text }) =>
      (frame) =>
        new Span(orStatementError(() => parseDuration(text.get(frame)))),
  ),
  define(
    "TruncateTime",
    { time, duration },
    ({ time: of, duration: step }) =>
      (frame) =>
        truncated(of.get(frame), step.get(frame).nanos),
  ),
  define("Unix", { seconds: integer, nanoseconds: optional(integer) }, ({ seconds, nanoseconds }) => (frame) => {
    const nanos = seconds.get(frame) * SECOND + (nanoseconds?.get(frame) ?? 0n);
    return new Moment(nanos, loadZone("Local"));
  }),
  define(
    "UnixNano",
    { time },
    ({ time: of }) =>
      (frame) =>
        int64(of.get(frame).unixNanos),
  ),
  define(
    "UnixMicro",
    { time },
    ({ time: of }) =>
      (frame) =>
        floorDivide(of.get(frame).unixNanos, 1_000n),
  ),
  define(
    "UnixMilli",
    { time },
    ({ time: of }) =>
      (frame) =>
        floorDivide(of.get(frame).unixNanos, 1_000_000n),
  ),
  define(
    "UnixSeconds",
    { time },
    ({ time: of }) =>
      (frame) =>
        floorDivide(of.get(frame).unixNanos, SECOND),
  ),
  define("Nanosecond", { time }, ({ time: of }) => (frame) => {
    const { unixNanos } = of.get(frame);
    return unixNanos - floorDivide(unixNanos, SECOND) * SECOND;
  }),
  define("Year", { time }, part("year")),
  define("Month", { time }, part("month")),
  define("Day", { time }, part("day")),
  define("Hour", { time }, part("hour")),
  define("Minute", { time }, part("minute")),
  define("Second", { time }, part("second")),
  define("Weekday", { time }, part("weekday")),
  define("Hours", { duration }, inFloat(3600n * SECOND)),
  define("Minutes", { duration }, inFloat(60n * SECOND)),
  define("Seconds", { duration }, inFloat(SECOND)),
  define("Milliseconds", { duration }, inWhole(1_000_000n)),
  define("Microseconds", { duration }, inWhole(1_000n)),
  define("Nanoseconds", { duration }, inWhole(1n)),
];

function part(name: "year" | "month" | "day" | "hour" | "minute" | "second" | "weekday") {
  return ({ time: of }: { readonly time: Getter<Moment> }) =>
    (frame: Frame): bigint =>
      BigInt(clockOf(of.get(frame))[name]);
}

/** What clocks of the time's zone show. */
function clockOf({ unixNanos, zone }: Moment): ReturnType<typeof civilOf> {
  const seconds = Number(floorDivide(unixNanos, SECOND));
  return civilOf(seconds + zone.at(seconds).offsetSeconds);
}

/** As Go adds up whole units and what is left, so that the last bits are the same. */
function inFloat(unit: bigint) {
  return ({ duration: of }: { readonly duration: Getter<Span> }) =>
    (frame: Frame): number => {
      const { nanos } = of.get(frame);
      return Number(nanos / unit) + Number(nanos % unit) / Number(unit);
    };
}

function inWhole(unit: bigint) {
  return ({ duration: of }: { readonly duration: Getter<Span> }) =>
    (frame: Frame): bigint =>
      of.get(frame).nanos / unit;
}

/** Go rounds down to a multiple of the duration since the year 1, not since 1970. */
const ZERO_TIME = -62_135_596_800n * SECOND;

function truncated(moment: Moment, step: bigint): Moment {
  if (step <= 0n) return moment;
  const since = moment.unixNanos - ZERO_TIME;
  return new Moment(moment.unixNanos - (((since % step) + step) % step), moment.zone);
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}
