import type { EntryMap, EntryValue } from "../entry.ts";
import { ExpressionError } from "./parse.ts";

// What expressions expect of values, and how they compare them. Each throws `ExpressionError` where a value is of another kind.

export function isNumber(value: EntryValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

export function numberOf(value: EntryValue): number {
  return Number(numericOf(value));
}

/** An integer or a double, as it is. */
export function numericOf(value: EntryValue): number | bigint {
  if (isNumber(value)) return value;
  throw new ExpressionError(`expected a number, found ${kindOf(value)}`);
}

export function integerOf(value: EntryValue): bigint {
  if (typeof value === "bigint") return value;
  throw new ExpressionError(`expected an integer, found ${kindOf(value)}`);
}

export function textOf(value: EntryValue): string {
  if (typeof value === "string") return value;
  throw new ExpressionError(`expected a string, found ${kindOf(value)}`);
}

export function boolOf(value: EntryValue): boolean {
  if (typeof value === "boolean") return value;
  throw new ExpressionError(`expected true or false, found ${kindOf(value)}`);
}

export function listOf(value: EntryValue): readonly EntryValue[] {
  if (Array.isArray(value)) return value;
  throw new ExpressionError(`expected a list, found ${kindOf(value)}`);
}

export function mapOf(value: EntryValue): EntryMap {
  if (value instanceof Map) return value;
  throw new ExpressionError(`expected a map, found ${kindOf(value)}`);
}

export function kindOf(value: EntryValue): string {
  if (value === null) return "nil";
  if (value instanceof Map) return "map";
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "int" : typeof value === "number" ? "float" : typeof value === "boolean" ? "bool" : "string";
}

export function isEqual(a: EntryValue, b: EntryValue): boolean {
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isEqual(each, b[i] ?? null));
  if (a instanceof Map && b instanceof Map)
    return a.size === b.size && [...a].every(([key, each]) => b.has(key) && isEqual(each, b.get(key) ?? null));
  return a === b;
}

export function compare(a: EntryValue, b: EntryValue): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return numberOf(a) - numberOf(b);
}

export function memberOf(object: EntryValue, key: EntryValue): EntryValue {
  if (object instanceof Map) return object.get(textOf(key)) ?? null;
  if (Array.isArray(object)) {
    const at = numberOf(key);
    const value = object[at < 0 ? object.length + at : at];
    if (value === undefined) throw new ExpressionError(`index out of range: ${at} (list length is ${object.length})`);
    return value;
  }
  throw new ExpressionError(`cannot fetch ${String(key)} from ${kindOf(object)}`);
}

/** Whole numbers stay so; they overflow as those of 64 bits do. */
export function arithmetic(operator: "+" | "-" | "*", a: EntryValue, b: EntryValue): number | bigint {
  if (typeof a === "bigint" && typeof b === "bigint") return BigInt.asIntN(64, operator === "+" ? a + b : operator === "-" ? a - b : a * b);
  const [x, y] = [numberOf(a), numberOf(b)];
  return operator === "+" ? x + y : operator === "-" ? x - y : x * y;
}

/** Part of a list or a text; ends beyond it are its end, negative ones count from there. */
export function slice(object: EntryValue, from: EntryValue | undefined, to: EntryValue | undefined): EntryValue {
  const whole = typeof object === "string" ? object : listOf(object);
  const end = (at: EntryValue | undefined, otherwise: number) => {
    if (at === undefined) return otherwise;
    const index = Number(integerOf(at));
    return Math.max(0, Math.min(index < 0 ? whole.length + index : index, whole.length));
  };
  const last = end(to, whole.length);
  return whole.slice(Math.min(end(from, 0), last), last);
}

/** As texts are made of values. */
export function written(value: EntryValue): string {
  if (typeof value === "string") return value;
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(written).join(" ")}]`;
  if (value instanceof Map)
    return `map[${[...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => `${key}:${written(each)}`)
      .join(" ")}]`;
  return String(value);
}
