import {
  type Complex,
  compareTexts,
  GoError,
  type GoValue,
  isFloatKind,
  isSignedKind,
  isUnsignedKind,
  rawOf,
  sprintf,
  Typed,
  typeOf,
} from "@invar/go-compat";
import type { Evaluated } from "./truth.ts";

type BasicKind = "bool" | "complex" | "int" | "float" | "string" | "uint";

const BAD_TYPE = "invalid type for comparison";

/** Whether the first equals any of the others; integers compare whatever their size and sign, other types must be of one kind. */
export function isEqualToAny(first: Evaluated, others: readonly Evaluated[]): boolean {
  if (others.length === 0) throw new GoError("missing argument for comparison");
  return others.some((other) => isEqual(first, other));
}

function isEqual(a: Evaluated, b: Evaluated): boolean {
  const kindA = basicKind(a);
  const kindB = basicKind(b);
  if (kindA !== kindB) {
    if (isInteger(kindA) && isInteger(kindB)) return rawOf(a as GoValue) === rawOf(b as GoValue);
    if (!isNothing(a) && !isNothing(b)) throw new GoError(`incompatible types for comparison: ${nameOf(a)} and ${nameOf(b)}`);
    return false;
  }
  switch (kindA) {
    case undefined:
      return isSameReference(a, b);
    case "complex": {
      const left = rawOf(a as GoValue) as Complex;
      const right = rawOf(b as GoValue) as Complex;
      return left.re === right.re && left.im === right.im;
    }
    default:
      return rawOf(a as GoValue) === rawOf(b as GoValue);
  }
}

function isSameReference(a: Evaluated, b: Evaluated): boolean {
  const canCompare = isNothing(a) || isNothing(b) || typeOf(a as Exclude<GoValue, null>).kind === typeOf(b as Exclude<GoValue, null>).kind;
  if (!canCompare) throw new GoError(`non-comparable types ${shown(a)}: ${nameOf(a)}, ${nameOf(b)}: ${sprintf("%v", [b as GoValue])}`);
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  const type = typeOf(b as Exclude<GoValue, null>);
  if (!isComparable(b as Exclude<GoValue, null>)) throw new GoError(`non-comparable type ${shown(b)}: ${type.name}`);
  return a === b || (a instanceof Typed && b instanceof Typed && a.type === b.type && a.raw === b.raw);
}

function isComparable(value: Exclude<GoValue, null>): boolean {
  const { kind } = typeOf(value);
  if (kind === "map" || kind === "slice" || kind === "func") return false;
  const raw = rawOf(value);
  if (kind !== "struct" || !(raw instanceof Map)) return true;
  return [...raw.values()].every((field) => !(field instanceof Typed) || isComparable(field));
}

/** `<`. */
export function isLess(a: Evaluated, b: Evaluated): boolean {
  const kindA = basicKind(a);
  if (kindA === undefined) throw new GoError(BAD_TYPE);
  const kindB = basicKind(b);
  if (kindB === undefined) throw new GoError(BAD_TYPE);
  const left = rawOf(a as GoValue);
  const right = rawOf(b as GoValue);
  if (isInteger(kindA) && isInteger(kindB)) return (left as bigint) < (right as bigint);
  if (kindA !== kindB) throw new GoError(`incompatible types for comparison: ${nameOf(a)} and ${nameOf(b)}`);
  if (kindA === "float") return (left as number) < (right as number);
  if (kindA === "string") return compareTexts(left as string, right as string) < 0;
  throw new GoError(BAD_TYPE);
}

/** `<=`, as Go has it: less, or else equal. */
export function isLessOrEqual(a: Evaluated, b: Evaluated): boolean {
  return isLess(a, b) || isEqual(a, b);
}

function basicKind(value: Evaluated): BasicKind | undefined {
  if (value === undefined || value === null) return undefined;
  const { kind } = typeOf(value);
  if (kind === "bool" || kind === "string") return kind;
  if (isSignedKind(kind)) return "int";
  if (isUnsignedKind(kind)) return "uint";
  if (isFloatKind(kind)) return "float";
  return kind === "complex128" ? "complex" : undefined;
}

function isInteger(kind: BasicKind | undefined): boolean {
  return kind === "int" || kind === "uint";
}

function isNothing(value: Evaluated): boolean {
  return value === undefined || value === null;
}

function isNil(value: Evaluated): boolean {
  return isNothing(value) || (value instanceof Typed && value.raw === null);
}

function nameOf(value: Evaluated): string {
  return typeOf(value as Exclude<GoValue, null>).name;
}

function shown(value: Evaluated): string {
  return sprintf("%s", [value as GoValue]);
}
