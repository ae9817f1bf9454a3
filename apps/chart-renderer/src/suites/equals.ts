import type { GoMap, GoValue } from "@invar/go-compat";

/** Whether two values of documents are the same, types included: 1 and 1.0 differ. */
export function equals(a: GoValue | undefined, b: GoValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, at) => equals(item, b[at]));
  return (
    a instanceof Map && b instanceof Map && a.size === b.size && [...a].every(([key, value]) => b.has(key) && equals(value, b.get(key)))
  );
}

/** Whether a map has all of another's keys with the same values. */
export function containsMap(map: GoMap, part: GoMap): boolean {
  return [...part].every(([key, value]) => equals(map.get(key) ?? null, value));
}
