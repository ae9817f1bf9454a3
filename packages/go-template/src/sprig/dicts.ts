import { ANY_MAP, compareTexts, GoError, type GoFunction, type GoMap, type GoValue, stringSlice, Typed, typeOf } from "@invar/go-compat";
import { any, anyMap, fn, text, variadic } from "../function.ts";
import { mergeInto, mergeTarget } from "./merge.ts";
import { textOf } from "./text-value.ts";

const NIL_MAP = new Typed(ANY_MAP, null);

const merge = variadic([anyMap], anyMap, (target, sources) => mergeAll(target, sources, false));
const mergeOverwrite = variadic([anyMap], anyMap, (target, sources) => mergeAll(target, sources, true));

/** Functions on maps. `set`, `unset` and the merges change their first argument. */
export const DICT_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  dict: variadic([], any, dict),
  get: fn([anyMap, text], (map, key) => map?.get(key) ?? (map?.has(key) === true ? null : "")),
  set: fn([anyMap, text, any], (map, key, value) => {
    if (map === null) throw new GoError("assignment to entry in nil map");
    return map.set(key, value);
  }),
  unset: fn([anyMap, text], (map, key) => {
    map?.delete(key);
    return map ?? NIL_MAP;
  }),
  hasKey: fn([anyMap, text], (map, key) => map?.has(key) === true),
  pluck: variadic([text], anyMap, (key, maps) => maps.flatMap((map) => (map?.has(key) === true ? [map.get(key) as GoValue] : []))),
  // Go gives keys and values in an order that changes from run to run; ours is always by key.
  keys: variadic([], anyMap, (maps) => stringSlice(maps.flatMap(keysOf))),
  values: fn([anyMap], (map) => keysOf(map).map((key) => map?.get(key) as GoValue)),
  pick: variadic(
    [anyMap],
    text,
    (map, names) => new Map(names.flatMap((name) => (map?.has(name) === true ? [[name, map.get(name) as GoValue] as const] : []))),
  ),
  omit: variadic([anyMap], text, (map, names) => {
    const omitted = new Set(names);
    return new Map([...(map ?? [])].filter(([key]) => !omitted.has(key)));
  }),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  dig: variadic([], any, dig),
};

function keysOf(map: GoMap | null): string[] {
  return [...(map?.keys() ?? [])].sort(compareTexts);
}

function dict(values: readonly GoValue[]): GoMap {
  const map: GoMap = new Map();
  for (let at = 0; at < values.length; at += 2)
    map.set(textOf(values[at] as GoValue), at + 1 < values.length ? (values[at + 1] as GoValue) : "");
  return map;
}

function mergeAll(target: GoMap | null, sources: readonly (GoMap | null)[], overwrites: boolean): GoMap {
  const merged = mergeTarget(target);
  for (const source of sources) if (source !== null) mergeInto(merged, source, overwrites);
  return merged;
}

/** `dig "a" "b" fallback map`: what is at map.a.b, or the fallback where a key is not there. */
function dig(params: readonly GoValue[]): GoValue {
  if (params.length < 3) throw new GoError("dig needs at least three arguments");
  let map = asserted(params[params.length - 1] as GoValue, "map[string]interface {}") as GoMap;
  const path = params.slice(0, -2).map((key) => asserted(key, "string") as string);
  for (const [index, key] of path.entries()) {
    const found = map.get(key);
    if (found === undefined) return params[params.length - 2] as GoValue;
    if (index === path.length - 1) return found;
    map = asserted(found, "map[string]interface {}") as GoMap;
  }
  return map;
}

/** Go's type assertion: exactly this type, or an error. */
function asserted(value: GoValue, name: string): GoValue {
  const actual = value === null ? "nil" : typeOf(value).name;
  if (actual !== name) throw new GoError(`interface conversion: interface {} is ${actual}, not ${name}`);
  // A nil map reads like an empty one.
  return value instanceof Typed ? new Map() : value;
}
