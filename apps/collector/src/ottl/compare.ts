import { compareTexts } from "@invar/go-compat";
import { Id, isList, isMap, Moment, Span, type Value } from "./value.ts";

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** Compares by the language's rules: values of types that don't go together are unequal, and neither is smaller. */
export function compare(left: Value, right: Value, operator: Comparison): boolean {
  if (left === null || right === null) {
    if (left === null && right === null) return operator === "==" || operator === "<=" || operator === ">=";
    return operator === "!=";
  }
  switch (operator) {
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    default: {
      const order = orderOf(left, right);
      if (order === undefined || Number.isNaN(order)) return false;
      if (operator === "<") return order < 0;
      if (operator === "<=") return order <= 0;
      return operator === ">" ? order > 0 : order >= 0;
    }
  }
}

export function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left === null || right === null) return false;
  if (typeof left !== "object") {
    if (typeof left === "bigint" && typeof right === "number") return Number(left) === right;
    if (typeof left === "number" && typeof right === "bigint") return left === Number(right);
    return false;
  }
  if (typeof right !== "object") return false;
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (left instanceof Id) return right instanceof Id && left.kind === right.kind && left.hex === right.hex;
  if (left instanceof Moment) return right instanceof Moment && left.unixNanos === right.unixNanos;
  if (left instanceof Span) return right instanceof Span && left.nanos === right.nanos;
  return deepEqual(left, right);
}

/** Inside maps and lists an integer and a float are different values. */
function deepEqual(left: Value, right: Value): boolean {
  if (isList(left)) return isList(right) && left.length === right.length && left.every((each, i) => deepEqual(each, right[i] ?? null));
  if (isMap(left)) {
    if (!isMap(right) || left.size !== right.size) return false;
    for (const [key, each] of left) {
      const other = right.get(key);
      if (other === undefined || !deepEqual(each, other)) return false;
    }
    return true;
  }
  return typeof left === typeof right && equal(left, right);
}

function orderOf(left: Value, right: Value): number | undefined {
  switch (typeof left) {
    case "bigint":
      if (typeof right === "bigint") return left < right ? -1 : left > right ? 1 : 0;
      return typeof right === "number" ? Number(left) - right : undefined;
    case "number":
      if (typeof right === "number") return left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN;
      return typeof right === "bigint" ? left - Number(right) : undefined;
    case "string":
      return typeof right === "string" ? compareTexts(left, right) : undefined;
    case "boolean":
      return typeof right === "boolean" ? Number(left) - Number(right) : undefined;
    default:
      if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
      if (left instanceof Moment && right instanceof Moment) return sign(left.unixNanos - right.unixNanos);
      return left instanceof Span && right instanceof Span ? sign(left.nanos - right.nanos) : undefined;
  }
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
