import { compareTexts, quote } from "@invar/go-compat";
import { describe } from "./convert.ts";
import { Capsule, isFunction, Secret, type Value } from "./value.ts";

/** A value in the shape of the web API: `{"type":"string","value":"x"}`; objects as a list of keys with their values. */
export interface JsonValue {
  readonly type: "null" | "number" | "string" | "bool" | "array" | "object" | "function" | "capsule";
  readonly value: null | number | string | boolean | readonly JsonValue[] | readonly JsonField[];
}

export interface JsonField {
  readonly key: string;
  readonly value: JsonValue;
}

/** What the web API shows of a value: never a secret. */
export function toJsonValue(value: Value): JsonValue {
  if (value === null) return { type: "null", value: null };
  switch (typeof value) {
    case "string":
      return { type: "string", value: value.toWellFormed() };
    case "boolean":
      return { type: "bool", value };
    case "bigint":
    case "number":
      return { type: "number", value: Number(value) };
  }
  if (Array.isArray(value)) return { type: "array", value: value.map(toJsonValue) };
  if (value instanceof Secret) return { type: "capsule", value: value.isSecret ? "(secret)" : quote(value.reveal()) };
  if (value instanceof Capsule) return { type: "capsule", value: describe(value) };
  if (isFunction(value)) return { type: "function", value: "function" };
  const fields = Object.entries(value).sort(([a], [b]) => compareTexts(a, b));
  return { type: "object", value: fields.map(([key, field]) => ({ key, value: toJsonValue(field) })) };
}
