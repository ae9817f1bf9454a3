import { formatDuration, formatTime, formatValue, type GoValue, sprintf } from "@invar/go-compat";
import { Id, isList, isMap, Messages, Moment, Span, type Value } from "../value.ts";
import { goJson } from "./json.ts";

/** What `%v` makes of a value, for messages and `Format`. */
export function printed(value: Value): string {
  return formatValue(goValue(value));
}

/** Go's `fmt.Sprintf` of values. */
export function formatted(format: string, values: readonly Value[]): string {
  return sprintf(format, values.map(goValue));
}

/** The value as Go's printer knows it. */
export function goValue(value: Value): GoValue {
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return value;
  if (isList(value)) return value.map(goValue);
  if (isMap(value)) {
    const map = new Map<string, GoValue>();
    for (const [key, each] of value) map.set(key, goValue(each));
    return map;
  }
  if (value instanceof Moment) return formatTime("2006-01-02 15:04:05.999999999 -0700 MST", value.unixNanos, value.zone);
  if (value instanceof Span) return formatDuration(value.nanos);
  return value instanceof Id ? value.hex : value instanceof Messages ? value.type : goJson(value);
}
