import { EvaluationError } from "../diagnostic.ts";
import { equal } from "../equal.ts";
import { ArgumentError } from "../fault.ts";
import { isObject, type ObjectValue, objectOf, Secret, type Value } from "../value.ts";
import { arrayArgument, boolArgument, defineFunction, objectsArgument, wrongType } from "./function.ts";

export const concat = defineFunction({
  name: "array.concat",
  arity: 0,
  variadic: true,
  call: (args) => (args.length === 1 ? arrayArgument(args, 0) : args.flatMap((_, at) => arrayArgument(args, at))),
});

/**
 * Joins the objects of two arrays that agree in the named fields; the second's fields win. With `true` as the fourth argument an
 * object of the first array that agrees with none is kept, once. (The incumbent keeps it once for every object that it disagrees
 * with, which its reference does not say.)
 */
export const combineMaps = defineFunction({
  name: "array.combine_maps",
  arity: 0,
  variadic: true,
  experimental: true,
  call(args) {
    if (args.length !== 3 && args.length !== 4)
      throw new EvaluationError("call.arguments", `expected 3 or 4 arguments, got ${args.length}`);
    const left = objectsArgument(args, 0);
    const right = objectsArgument(args, 1);
    const conditions = conditionsArgument(args);
    const keepAll = args.length === 4 && boolArgument(args, 3);
    const index = indexBy(right, conditions);
    return left.flatMap((object) => {
      const candidates = index.get(joinKey(object, conditions)) ?? [];
      const joined = candidates
        .filter((candidate) => conditions.every((key) => sameField(object, candidate, key)))
        .map((candidate) => objectOf([...Object.entries(object), ...Object.entries(candidate)]));
      return joined.length === 0 && keepAll ? [object] : joined;
    });
  },
});

/** Groups objects by a field, in the order in which its values first appear. */
export const groupBy = defineFunction({
  name: "array.group_by",
  arity: 3,
  experimental: true,
  call(args) {
    const objects = objectsArgument(args, 0);
    const key = args[1] ?? null;
    if (typeof key !== "string") throw wrongType("string", key, 1);
    const dropMissing = boolArgument(args, 2);
    const groups = new Map<string, ObjectValue[]>();
    objects.forEach((object, at) => {
      const has = Object.hasOwn(object, key);
      if (!has && dropMissing) return;
      const group = has ? (object[key] ?? null) : "";
      if (typeof group !== "string") throw wrongType("string", group, 0, [at, key]);
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [object]);
      else members.push(object);
    });
    return [...groups].map(([group, items]) =>
      objectOf([
        [key, group],
        ["items", items],
      ]),
    );
  },
});

/** The first argument that is not null, empty, zero or false; the last one when all are. */
export const coalesce = defineFunction({
  name: "coalesce",
  arity: 0,
  variadic: true,
  call: (args) => args.find((arg) => !isEmpty(arg)) ?? args.at(-1) ?? null,
});

function isEmpty(value: Value): boolean {
  if (value === null || value === "" || value === false || value === 0n || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Secret) return value.reveal() === "";
  return isObject(value) && Object.keys(value).length === 0;
}

function conditionsArgument(args: readonly Value[]): string[] {
  const conditions = arrayArgument(args, 2);
  if (conditions.length === 0) throw new ArgumentError("call.failed", 2, "combine_maps: merge conditions must not be empty");
  return conditions.map((condition, at) => {
    if (typeof condition === "string") return condition;
    throw wrongType("string", condition, 2, [at]);
  });
}

// Two arrays of thousands of targets would take millions of comparisons: look partners up by what their key fields print as.
function indexBy(objects: readonly ObjectValue[], keys: readonly string[]): Map<string, ObjectValue[]> {
  const index = new Map<string, ObjectValue[]>();
  for (const object of objects) {
    const key = joinKey(object, keys);
    const known = index.get(key);
    if (known === undefined) index.set(key, [object]);
    else known.push(object);
  }
  return index;
}

// Equal fields have equal keys; what is not text shares one key a type and is compared in full.
function joinKey(object: ObjectValue, keys: readonly string[]): string {
  return JSON.stringify(
    keys.map((key) => {
      const value = Object.hasOwn(object, key) ? object[key] : undefined;
      return typeof value === "string" ? value : [typeof value];
    }),
  );
}

// A whole number and a fraction are different keys here, as in the incumbent.
function sameField(left: ObjectValue, right: ObjectValue, key: string): boolean {
  if (!Object.hasOwn(left, key) || !Object.hasOwn(right, key)) return false;
  const a = left[key] ?? null;
  const b = right[key] ?? null;
  return typeof a === typeof b && equal(a, b);
}
