import { Capsule, isObject, Secret, type Value } from "./value.ts";

/** Alloy's `==`: by value through arrays and objects, whole numbers equal to fractions, functions equal to nothing. */
export function equal(left: Value, right: Value): boolean {
  if (typeof left === "bigint" && typeof right === "bigint") return left === right;
  if (isNumber(left) && isNumber(right)) return Number(left) === Number(right);
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") return left === right;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, at) => equal(item, right[at]));
  }
  if (left instanceof Secret) return right instanceof Secret && left.reveal() === right.reveal();
  if (left instanceof Capsule) return right instanceof Capsule && left.type === right.type && left.value === right.value;
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equal(left[key] ?? null, right[key] ?? null))
  );
}

function isNumber(value: Value): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}
