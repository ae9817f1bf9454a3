import { formatValue, type GoMap, type GoValue, Typed } from "@invar/go-compat";
import { printed, type Warn } from "../helm-log.ts";

/** Lays one values file over another, as `-f a -f b` does. */
export function mergeFiles(base: GoMap, over: GoMap): GoMap {
  const merged: GoMap = new Map(base);
  for (const [key, value] of over) {
    const below = merged.get(key);
    merged.set(key, value instanceof Map && below instanceof Map ? mergeFiles(below, value) : value);
  }
  return merged;
}

/**
 * Fills `over` with what it lacks of `under`. A null in `over` deletes the key, or stays when `keepsNull`.
 * Both maps may be changed: nulls of `over` are written into `under` first, as Helm does.
 */
export function fillTable(over: GoMap, under: GoMap, keepsNull: boolean, warn: Warn = () => undefined, path = ""): GoMap {
  const hasValue = new Set([...under].filter(([, value]) => value !== null).map(([key]) => key));
  for (const [key, value] of over) if (value === null) under.set(key, null);
  for (const [key, value] of under) {
    const own = over.get(key);
    if (own === null && !keepsNull && hasValue.has(key)) over.delete(key);
    else if (own === undefined) over.set(key, value);
    else if (value instanceof Map) {
      if (own instanceof Map) fillTable(own, value, keepsNull, warn, joined(path, key));
      else
        warn(printed("coalesce.go:316", `warning: cannot overwrite table with non table for ${joined(path, key)} (${formatValue(value)})`));
    } else if (own instanceof Map && value !== null) {
      const text = `warning: destination for ${joined(path, key)} is a table. Ignoring non-table value (${formatValue(value)})`;
      warn(printed("coalesce.go:319", text));
    }
  }
  return over;
}

/** A dotted path with one more key. */
export function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** The map at a dotted path. */
export function tableAt(values: GoMap, path: string): GoMap | undefined {
  let current: GoValue = values;
  for (const key of path.split(".")) {
    if (!(current instanceof Map)) return undefined;
    current = current.get(key) ?? null;
  }
  return current instanceof Map ? current : undefined;
}

/** Go's name of a value's type, as messages about values print it. */
export function typeName(value: GoValue): string {
  if (value === null) return "<nil>";
  if (value instanceof Typed) return value.type.name;
  if (value instanceof Map) return "map[string]interface {}";
  if (Array.isArray(value)) return "[]interface {}";
  return typeof value === "number" ? "float64" : typeof value === "boolean" ? "bool" : "string";
}
