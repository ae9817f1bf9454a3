import { loadZone, TIME_LAYOUTS, TimeLayout, UTC, type Zone } from "@invar/go-compat";
import { defaulted, list, many, oneOf, optional, required, string } from "../../../../component/arguments.ts";
import type { Clock } from "../../../../component/clock.ts";
import { parsedTime, setTime } from "../../../../signals/loki/rfc3339.ts";
import type { StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import type { Frame } from "../frame.ts";
import { changing, defineStage, patternError, textOf } from "../stage.ts";

/** Of so many streams the last time is known. */
const MOST_STREAMS = 10_000;

export const timestamp = defineStage(
  many("Makes an extracted value the line's time.", {
    arguments: {
      source: required(string, "The extracted value.", {
        check: (name) => (name === "" ? "timestamp source value is required if timestamp is specified" : undefined),
      }),
      format: required(string, "How the time is written: a layout of Go, the name of one, or Unix, UnixMs, UnixUs, UnixNs.", {
        check: (format) => (format === "" ? "timestamp format is required" : undefined),
      }),
      fallback_formats: defaulted(list(string), "Formats that are tried where the first does not fit.", []),
      location: optional(string, "The IANA name of the time zone of times that name none.", {
        check: (name) => {
          const error = patternError(() => loadZone(name ?? ""));
          return error === undefined ? undefined : `invalid location specified: ${error}`;
        },
      }),
      action_on_failure: defaulted(
        oneOf("fudge", "skip"),
        "Where the time can't be read, `fudge` takes the last of the stream and a nanosecond, `skip` leaves the line's own.",
        "fudge",
      ),
      action_on_duplicate_timestamp: defaulted(
        oneOf("fudge", "keep"),
        "Where the time is that of the line before, `fudge` adds a nanosecond, `keep` leaves it.",
        "fudge",
      ),
    },
  }),
  (args, { names, clock }) => {
    const slot = names.reads(args.source);
    const zone = args.location === undefined ? undefined : loadZone(args.location);
    const parsers = [args.format, ...args.fallback_formats].map((format) => timeParser(format, zone, clock));
    const fudgesFailures = args.action_on_failure === "fudge";
    const fudgesDuplicates = args.action_on_duplicate_timestamp === "fudge";
    const last = new LastTimes();
    return changing((frame, row) => {
      const text = textOf(frame.extracted.get(row, slot));
      if (text === undefined || !parsers.some((parse) => parse(text))) {
        if (fudgesFailures) last.fudge(frame, row);
        return;
      }
      frame.seconds[row] = parsedTime.seconds;
      frame.nanos[row] = parsedTime.nanos;
      if (fudgesFailures || fudgesDuplicates) last.note(frame, row, fudgesDuplicates);
    });
  },
);

/** Reads a time into `parsedTime`; false where the text is none. */
type TimeParser = (text: string) => boolean;

function timeParser(format: string, zone: Zone | undefined, clock: Clock): TimeParser {
  switch (format) {
    case "Unix":
      return parseUnix;
    case "UnixMs":
      return (text) => parseWhole(text, 1_000_000n);
    case "UnixUs":
      return (text) => parseWhole(text, 1_000n);
    case "UnixNs":
      return (text) => parseWhole(text, 1n);
    default:
      return layoutParser(format, zone, clock);
  }
}

const NAMED = new Set(["ANSIC", "UnixDate", "RubyDate", "RFC822", "RFC822Z", "RFC850", "RFC1123", "RFC1123Z", "RFC3339", "RFC3339Nano"]);

function layoutParser(format: string, zone: Zone | undefined, clock: Clock): TimeParser {
  const isNamed = NAMED.has(format);
  const layout = new TimeLayout(isNamed ? TIME_LAYOUTS[format as keyof typeof TIME_LAYOUTS] : format);
  // Layouts that are named never take the location, as in the incumbent.
  const in_ = isNamed ? UTC : (zone ?? UTC);
  if (isNamed || format.includes("06"))
    return (text) => {
      const time = layout.tryParse(text, in_);
      if (time !== undefined) setTime(time.unixNanos);
      return time !== undefined;
    };
  return (text) => {
    const time = layout.tryParse(text, in_);
    return time !== undefined && setThisYear(time.unixNanos, new Date(clock.now()));
  };
}

const NANOS_PER_MS = 1_000_000n;

/** A time of the year 0 becomes one near now: in January, one of December is last year's. */
function setThisYear(unixNanos: bigint, now: Date): boolean {
  const ms = unixNanos / NANOS_PER_MS;
  const date = new Date(Number(ms));
  if (date.getUTCFullYear() !== 0) return false;
  const month = date.getUTCMonth();
  let year = now.getUTCFullYear();
  if (month === 11 && now.getUTCMonth() === 0) year--;
  else if (month === 0 && now.getUTCMonth() === 11) year++;
  date.setUTCFullYear(year);
  setTime(BigInt(date.getTime()) * NANOS_PER_MS + (unixNanos - ms * NANOS_PER_MS));
  return true;
}

const MOST = 2n ** 63n;

function parseWhole(text: string, nanos: bigint): boolean {
  if (!/^[+-]?\d+$/.test(text)) return false;
  const value = BigInt(text);
  if (value >= MOST || value < -MOST) return false;
  setTime(BigInt.asIntN(64, value * nanos));
  return true;
}

function parseUnix(text: string): boolean {
  const [, whole = "", fraction] = /^([+-]?\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === "") return false;
  const seconds = BigInt(whole);
  if (seconds >= MOST || seconds < -MOST || (fraction !== undefined && fraction.length > 18)) return false;
  const nanos = fraction === undefined ? 0n : BigInt(Math.trunc(Number(fraction) * 10 ** (9 - fraction.length)));
  setTime(seconds * 1_000_000_000n + nanos);
  return true;
}

/** The last time of each stream, as it was read and as it was given to the line. */
class LastTimes {
  readonly #times = new Map<StreamLabels, { readSeconds: number; readNanos: number; seconds: number; nanos: number }>();

  /** Remembers the time that was read, and moves the line's where it is that of the line before. */
  note(frame: Frame, row: number, fudgesDuplicates: boolean): void {
    const labels = frame.labels(row);
    const last = this.#times.get(labels);
    const readSeconds = frame.seconds[row] as number;
    const readNanos = frame.nanos[row] as number;
    if (fudgesDuplicates && last !== undefined && last.readSeconds === readSeconds && last.readNanos === readNanos)
      this.#step(frame, row, last);
    this.#remember(labels, { readSeconds, readNanos, seconds: frame.seconds[row] as number, nanos: frame.nanos[row] as number });
  }

  fudge(frame: Frame, row: number): void {
    const labels = frame.labels(row);
    const last = this.#times.get(labels);
    if (last === undefined) return;
    this.#step(frame, row, last);
    this.#remember(labels, { ...last, seconds: frame.seconds[row] as number, nanos: frame.nanos[row] as number });
  }

  #step(frame: Frame, row: number, last: { seconds: number; nanos: number }): void {
    const wraps = last.nanos === 999_999_999;
    frame.seconds[row] = wraps ? last.seconds + 1 : last.seconds;
    frame.nanos[row] = wraps ? 0 : last.nanos + 1;
  }

  #remember(labels: StreamLabels, times: { readSeconds: number; readNanos: number; seconds: number; nanos: number }): void {
    // The order of insertion is that of use.
    this.#times.delete(labels);
    this.#times.set(labels, times);
    if (this.#times.size <= MOST_STREAMS) return;
    for (const oldest of this.#times.keys()) {
      this.#times.delete(oldest);
      break;
    }
  }
}
