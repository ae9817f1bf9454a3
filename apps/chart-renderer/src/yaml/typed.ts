import { formatFloat, GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { unmarshalProblem } from "./read.ts";

/** What a Go program reads YAML into. */
export type Shape =
  | "string"
  | "bool"
  | "any"
  | { readonly list: Shape; readonly type: string }
  | { readonly mapOf: Shape; readonly type: string }
  | StructShape;

export interface StructShape {
  /** Empty for a struct without a name. */
  readonly struct: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, Shape>>;
}

/**
 * The value as that Go program gets it: numbers and booleans become texts where texts are wanted, nulls and unknown fields are gone.
 * Throws `GoError` with Go's text for the first thing of the wrong type.
 */
export function decodeTyped(value: GoValue, shape: StructShape): GoMap {
  if (value === null) return new Map();
  if (!(value instanceof Map)) throw new GoError(unmarshalProblem(value, shape.type));
  return decodeStruct(value, shape, []);
}

function decodeStruct(value: GoMap, shape: StructShape, path: readonly string[]): GoMap {
  const found: GoMap = new Map();
  // Go sees the fields as JSON has them: in the order of their names.
  for (const key of [...value.keys()].sort()) {
    const field =
      shape.fields[key] ?? shape.fields[Object.keys(shape.fields).find((name) => name.toLowerCase() === key.toLowerCase()) ?? ""];
    const given = value.get(key) ?? null;
    if (field === undefined || given === null) continue;
    const own = [...path, key];
    found.set(key, decode(given, field, `${shape.struct}.${own.join(".")}`, own));
  }
  return found;
}

function decode(value: Exclude<GoValue, null>, shape: Shape, place: string, path: readonly string[]): GoValue {
  if (shape === "any") return value;
  if (shape === "string") {
    if (typeof value === "string") return value;
    if (typeof value === "boolean") return String(value);
    if (typeof value === "number") return Number.isInteger(value) ? String(BigInt(value)) : formatFloat(value, "g", -1, 32);
    throw new GoError(unmarshalProblem(value, "string", place));
  }
  if (shape === "bool") {
    if (typeof value === "boolean") return value;
    throw new GoError(unmarshalProblem(value, "bool", place));
  }
  if ("list" in shape) {
    if (!Array.isArray(value)) throw new GoError(unmarshalProblem(value, shape.type, place));
    return value.map((item) => (item === null ? null : decode(item, shape.list, place, path)));
  }
  if (!(value instanceof Map)) throw new GoError(unmarshalProblem(value, shape.type, place));
  if ("struct" in shape) return decodeStruct(value, shape, path);
  const entries = [...value.keys()].sort().map((key): [string, GoValue] => {
    const element = value.get(key) ?? null;
    return [key, element === null ? "" : decode(element, shape.mapOf, place, path)];
  });
  return new Map(entries);
}
