import { byteLength, compareTexts, compileRegexp, GoError, Regexp } from "@invar/go-compat";
import { isObject, type ObjectValue } from "../value.ts";
import { type FilterFunction, type FilterOperator, nothing, type Operand } from "./json-path-parser.ts";

export function applyFunction(name: Exclude<FilterFunction, "count">, left: Operand, right: Operand): Operand {
  if (name === "length") return lengthOf(left);
  if (typeof left !== "string" || typeof right !== "string" || right === "") return nothing;
  const start = name === "match" && !right.startsWith("^") ? "^" : "";
  const end = name === "match" && !right.endsWith("$") ? "$" : "";
  return testPattern(start + right + end, left) ?? nothing;
}

function lengthOf(value: Operand): Operand {
  if (typeof value === "string") return BigInt(byteLength(value));
  if (Array.isArray(value)) return BigInt(value.length);
  return isObjectOperand(value) ? BigInt(Object.keys(value).length) : nothing;
}

export function applyOperator(operator: Exclude<FilterOperator, "&&" | "||">, left: Operand, right: Operand): Operand {
  switch (operator) {
    case "==":
      return same(left, right);
    case "!=":
      return !same(left, right);
    case "<":
    case ">":
    case "<=":
    case ">=":
      return compares(operator, left, right);
    case "+":
    case "-":
    case "*":
    case "/":
      return calculate(operator, left, right);
    case "in":
      return Array.isArray(right) && right.some((item) => typeof item === typeof left && same(left, item));
    case "empty":
      return typeof right === "boolean" && isSized(left) && right === (lengthOf(left) === 0n);
    case "has":
    case "exists":
      return typeof right === "boolean" && right === (left !== nothing);
    case "~=":
      if (typeof left !== "string") return false;
      if (typeof right === "string") return testPattern(right, left) ?? false;
      return right instanceof Regexp && right.test(left);
    default:
      return operator satisfies never;
  }
}

// Arrays and objects are equal to nothing.
function same(left: Operand, right: Operand): boolean {
  if (isNumber(left) && isNumber(right)) return typeof left === typeof right ? left === right : Number(left) === Number(right);
  return (left === null || typeof left !== "object") && left === right;
}

function compares(operator: "<" | ">" | "<=" | ">=", left: Operand, right: Operand): boolean {
  let order: number;
  if (typeof left === "string" && typeof right === "string") order = compareTexts(left, right);
  else if (isNumber(left) && isNumber(right)) order = left < right ? -1 : left > right ? 1 : 0;
  else return false;
  switch (operator) {
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    default:
      return operator satisfies never;
  }
}

function calculate(operator: "+" | "-" | "*" | "/", left: Operand, right: Operand): Operand {
  if (operator === "+" && typeof left === "string" && typeof right === "string") return left + right;
  if (!isNumber(left) || !isNumber(right)) return nothing;
  if (operator === "/" && Number(right) === 0) return nothing;
  if (typeof left === "bigint" && typeof right === "bigint") {
    const exact = operator === "+" ? left + right : operator === "-" ? left - right : operator === "*" ? left * right : left / right;
    return BigInt.asIntN(64, exact);
  }
  const [a, b] = [Number(left), Number(right)];
  return operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : a / b;
}

function isNumber(value: Operand): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

function isSized(value: Operand): boolean {
  return typeof value === "string" || Array.isArray(value) || isObjectOperand(value);
}

function isObjectOperand(value: Operand): value is ObjectValue {
  return typeof value === "object" && value !== null && !(value instanceof Regexp) && isObject(value);
}

// A pattern that is wrong matches nothing.
function testPattern(pattern: string, text: string): boolean | undefined {
  try {
    return compileRegexp(pattern).test(text);
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}
