import { formatFloat, formatTime } from "@invar/go-compat";
import { doubleText } from "../../../../signals/otlp/any-value.ts";

// Texts are made of the objects that OTLP/JSON parses to: this exporter is for looking at data, and reads better that way.

export type Json = { readonly [name: string]: unknown };

/** A member that repeats messages. */
export function list(message: Json | undefined, name: string): readonly Json[] {
  return (message?.[name] ?? []) as readonly Json[];
}

export function inner(message: Json | undefined, name: string): Json {
  return (message?.[name] ?? {}) as Json;
}

/** A text member; empty where it is absent. */
export function text(message: Json | undefined, name: string): string {
  const value = message?.[name];
  return value === undefined ? "" : String(value);
}

/** A number, or an integer of 64 bits as text; 0 where it is absent. */
export function number(message: Json, name: string): number | string {
  return (message[name] ?? 0) as number | string;
}

/** A double member: NaN and the infinities are texts in JSON. */
export function double(value: unknown): number {
  return Number(value ?? 0);
}

/** An id in hexadecimal; empty where it is all zeros. */
export function id(message: Json, name: string): string {
  const value = text(message, name);
  return /^0*$/.test(value) ? "" : value;
}

/** Nanoseconds since 1970 as Go prints a time. */
export function timestamp(message: Json, name: string): string {
  return formatTime("2006-01-02 15:04:05.999999999 -0700 MST", BigInt(number(message, name)));
}

/** `%f` */
export function fixed(value: unknown): string {
  return formatFloat(double(value), "f", 6);
}

/** `%v` of a double. */
export function shortest(value: unknown): string {
  const given = double(value);
  const size = Math.abs(given);
  if (!Number.isFinite(given) || size === 0 || (size >= 1e-4 && size < 1e21)) return formatFloat(given, "f", -1);
  return formatFloat(given, "e", -1);
}

const kinds = {
  stringValue: "Str",
  boolValue: "Bool",
  intValue: "Int",
  doubleValue: "Double",
  arrayValue: "Slice",
  kvlistValue: "Map",
  bytesValue: "Bytes",
} as const;

/** `Str(checkout)` */
export function typedValue(value: Json | undefined): string {
  const [kind] = Object.keys(value ?? {});
  return `${kinds[kind as keyof typeof kinds] ?? "Empty"}(${plainValue(value)})`;
}

/** The value as text, lists and maps as JSON. */
export function plainValue(value: Json | undefined): string {
  const [kind, content] = Object.entries(value ?? {})[0] ?? [];
  switch (kind) {
    case undefined:
      return "";
    case "doubleValue":
      return doubleText(double(content));
    case "arrayValue":
    case "kvlistValue":
      return jsonValue(value);
    default:
      return String(content);
  }
}

function jsonValue(value: Json | undefined): string {
  const [kind, content] = Object.entries(value ?? {})[0] ?? [];
  switch (kind) {
    case undefined:
      return "null";
    case "arrayValue":
      return `[${list(content as Json, "values")
        .map(jsonValue)
        .join(",")}]`;
    case "kvlistValue": {
      const entries = list(content as Json, "values").map((entry) => [text(entry, "key"), jsonValue(inner(entry, "value"))] as const);
      const sorted = [...new Map(entries)].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return `{${sorted.map(([key, each]) => `${JSON.stringify(key)}:${each}`).join(",")}}`;
    }
    case "stringValue":
    case "bytesValue":
      return JSON.stringify(content);
    default:
      return plainValue(value);
  }
}

/** `a=1`, `b=x` */
export function attributeTexts(attributes: readonly Json[]): string[] {
  return attributes.map((attribute) => `${text(attribute, "key")}=${plainValue(inner(attribute, "value"))}`);
}
