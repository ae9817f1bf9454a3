import type { EntryValue } from "./entry.ts";
import { EntryError } from "./operators/operator.ts";

/** Parses JSON: objects become maps, whole numbers integers where that is asked for. */
export function fromJson(text: string, parseInts: boolean): EntryValue {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new EntryError(error instanceof Error ? error.message : String(error));
  }
  return valueOfJson(parsed, parseInts);
}

function valueOfJson(json: unknown, parseInts: boolean): EntryValue {
  if (typeof json === "number") return parseInts && Number.isSafeInteger(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return json.map((each) => valueOfJson(each, parseInts));
  if (typeof json === "object" && json !== null)
    return new Map(Object.entries(json).map(([key, each]) => [key, valueOfJson(each, parseInts)]));
  return json as string | boolean | null;
}

export function toJson(value: EntryValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, toJson(each)]));
  if (Array.isArray(value)) return value.map(toJson);
  return typeof value === "bigint" ? Number(value) : value;
}
