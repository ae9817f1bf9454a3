import { ANY, elementsOf, entriesOf, GoError, type GoMap, type GoType, type GoValue, Typed } from "@invar/go-compat";
import { isEmpty } from "./defaults.ts";

/**
 * Merges the second map into the first, which changes. Without overwriting, what the first has stays unless it is the zero of its
 * type; with it, the second wins, nil included. Maps merge all the way down, lists are taken whole; nested maps of the second are
 * shared, not copied, as the Go library does.
 */
export function mergeInto(target: GoMap, source: GoMap, overwrites: boolean): void {
  mergeEntries({ entries: target as MutableEntries, elementType: ANY }, source, overwrites);
}

/** The map to merge into: a nil one becomes a new one. */
export function mergeTarget(map: GoMap | null): GoMap {
  return map ?? new Map();
}

type MutableEntries = Map<unknown, GoValue>;

interface Target {
  readonly entries: MutableEntries;
  readonly elementType: GoType;
}

function mergeEntries({ entries, elementType }: Target, source: ReadonlyMap<unknown, GoValue>, overwrites: boolean): void {
  if (entries === source) return;
  const put = (key: unknown, value: GoValue): void => {
    if (elementType.kind !== "interface")
      throw new GoError(`reflect.Value.SetMapIndex: value of type interface {} is not assignable to type ${elementType.name}`);
    entries.set(key, value);
  };
  for (const [key, value] of source) {
    const present = entries.get(key);
    if (value === null) {
      if (overwrites) put(key, null);
      continue;
    }
    const nested = entriesOf(value);
    const nestedTarget = present === undefined || present === null ? undefined : targetOf(present);
    if (nested !== undefined && nestedTarget !== undefined) mergeEntries(nestedTarget, nested, overwrites);
    const isKept = present !== undefined && !isEmpty(present);
    if (isKept && elementsOf(value) !== undefined) {
      if (overwrites) put(key, value);
      continue;
    }
    if (isKept && nested !== undefined && entriesOf(present) !== undefined) continue;
    if (overwrites || !isKept) put(key, value);
  }
}

function targetOf(value: Exclude<GoValue, null>): Target | undefined {
  if (value instanceof Map) return { entries: value as MutableEntries, elementType: ANY };
  if (!(value instanceof Typed) || value.type.kind !== "map" || value.raw === null) return undefined;
  return { entries: value.raw as unknown as MutableEntries, elementType: value.type.elem ?? ANY };
}
