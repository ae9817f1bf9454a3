import { ProtobufReader } from "../../../../../bytes/protobuf-reader.ts";
import { textOf } from "../../../../../bytes/utf8.ts";
import { spanField } from "../../../../../signals/otlp/fields.ts";
import { type Policy, sampledIf } from "./policy.ts";

/** In Status. */
const statusCode = 3;
const statuses = ["UNSET", "OK", "ERROR"];

export const alwaysSample: Policy = () => "sampled";

export function spanCount({ min_spans: least, max_spans: most }: { readonly min_spans: number; readonly max_spans: number }): Policy {
  return ({ spans }) => sampledIf(spans >= least && (most === 0 || spans <= most));
}

/** Keeps traces with a span that passes the test; `fields` stands before the span's first field. */
function anySpan(test: (fields: ProtobufReader) => boolean): Policy {
  const fields = new ProtobufReader();
  return ({ chunk, cursor }) => {
    cursor.reset(chunk);
    while (cursor.next()) if (test(fields.reset(chunk, cursor.start, cursor.end))) return "sampled";
    return "not_sampled";
  };
}

export function statusCodes(wanted: readonly string[]): Policy {
  const codes = new Set(wanted.map((name) => statuses.indexOf(name)));
  const status = new ProtobufReader();
  return anySpan((fields) => {
    let code = 0;
    while (fields.next()) {
      if (fields.field !== spanField.status) continue;
      status.reset(fields.bytes, fields.start, fields.stop);
      while (status.next()) if (status.field === statusCode) code = status.low;
    }
    return codes.has(code);
  });
}

/** Keeps traces with a span that its maker has marked as sampled. */
export const traceFlags: () => Policy = () =>
  anySpan((fields) => {
    let flags = 0;
    while (fields.next()) if (fields.field === spanField.flags) flags = fields.low;
    return (flags & 1) !== 0;
  });

/**
 * Keeps traces by the time between the earliest start and the latest end. They are looked at after every span: with an upper threshold a trace
 * counts whose first spans lie within, as with the incumbent.
 */
export function latency({
  threshold_ms: least,
  upper_threshold_ms: most,
}: {
  readonly threshold_ms: number;
  readonly upper_threshold_ms: number;
}): Policy {
  const fields = new ProtobufReader();
  return ({ chunk, cursor }) => {
    let minHigh = 0;
    let minLow = 0;
    let maxHigh = 0;
    let maxLow = 0;
    cursor.reset(chunk);
    while (cursor.next()) {
      let startHigh = 0;
      let startLow = 0;
      let endHigh = 0;
      let endLow = 0;
      fields.reset(chunk, cursor.start, cursor.end);
      while (fields.next())
        if (fields.field === spanField.startTime) {
          startHigh = fields.high >>> 0;
          startLow = fields.low >>> 0;
        } else if (fields.field === spanField.endTime) {
          endHigh = fields.high >>> 0;
          endLow = fields.low >>> 0;
        }
      if ((minHigh === 0 && minLow === 0) || startHigh < minHigh || (startHigh === minHigh && startLow < minLow)) {
        minHigh = startHigh;
        minLow = startLow;
      }
      if (endHigh > maxHigh || (endHigh === maxHigh && endLow > maxLow)) {
        maxHigh = endHigh;
        maxLow = endLow;
      }
      const ms = Math.trunc(((maxHigh - minHigh) * 4294967296 + (maxLow - minLow)) / 1e6);
      if (ms > least && (most === 0 || ms <= most)) return "sampled";
    }
    return "not_sampled";
  };
}

const stateKey = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const stateValue = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Keeps traces with a span whose tracestate has one of the values under the key. */
export function traceState({ key, values }: { readonly key: string; readonly values: readonly string[] }): Policy {
  // Key, equals sign and value have 256 characters at most.
  const wanted = new Set(values.filter((value) => value !== "" && key.length + value.length < 256));
  return anySpan((fields) => {
    let text = "";
    while (fields.next()) if (fields.field === spanField.traceState) text = textOf(fields.bytes, fields.start, fields.stop);
    const value = text === "" ? undefined : memberOf(text, key);
    return value !== undefined && wanted.has(value);
  });
}

/** The value of a member; undefined where there is none, or the tracestate is not well-formed. */
function memberOf(text: string, key: string): string | undefined {
  const found = new Map<string, string>();
  for (const member of text.split(",")) {
    if (member === "") continue;
    const equals = member.indexOf("=");
    const name = member.slice(0, equals).replace(/^[ \t]+/, "");
    const value = member.slice(equals + 1).replace(/[ \t]+$/, "");
    if (equals < 0 || !stateKey.test(name) || !stateValue.test(value) || found.has(name) || found.size === 32) return undefined;
    found.set(name, value);
  }
  return found.get(key);
}
