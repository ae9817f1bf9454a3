import { compareTexts, formatTime } from "@invar/go-compat";
import { doubleText } from "../../signals/otlp/any-value.ts";
import { Id, isList, isMap, Messages, Moment, Span, type Value } from "../value.ts";

/** The JSON of a value as Go's encoder writes it: keys sorted, `<`, `>` and `&` escaped, bytes in base64. */
export function goJson(value: Value, isForHtml = true): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return jsonString(value, isForHtml);
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      // The encoder that string-like arguments go through leaves exponents at two digits.
      return isForHtml ? floatText(value).replace(/e([+-])(\d)$/, "e$1" + "0$2") : floatText(value);
    default:
      if (isList(value)) return `[${value.map((each) => goJson(each, isForHtml)).join(",")}]`;
      if (isMap(value)) {
        const keys = [...value.keys()].sort(compareTexts);
        return `{${keys.map((key) => `${jsonString(key, isForHtml)}:${goJson(value.get(key) ?? null, isForHtml)}`).join(",")}}`;
      }
      if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
      if (value instanceof Moment) return JSON.stringify(formatTime("2006-01-02T15:04:05.999999999Z07:00", value.unixNanos, value.zone));
      if (value instanceof Span) return String(value.nanos);
      return value instanceof Id ? JSON.stringify(value.hex) : value instanceof Messages ? "{}" : (value satisfies never);
  }
}

/** A value as pcommon's AsString prints it: what string-like arguments make of numbers, maps and lists. */
export function asText(value: Value): string {
  if (value === null) return "";
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return floatText(value);
    default:
      return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : goJson(value, false);
  }
}

/** Go's shortest form as its JSON encoder chooses it. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  return doubleText(value);
}

function jsonString(text: string, isForHtml: boolean): string {
  const escaped = isForHtml ? /[<>&\u2028\u2029]/g : /[\u2028\u2029]/g;
  return JSON.stringify(text).replace(escaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
