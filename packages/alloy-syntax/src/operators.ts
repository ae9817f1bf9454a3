import { compareTexts, normalizeText } from "@invar/go-compat";
import type { BinaryOperator, Expression } from "./ast.ts";
import { equal } from "./equal.ts";
import { fault } from "./fault.ts";
import { Secret, typeName, type Value } from "./value.ts";

type Binary = Expression & { kind: "binary" };
type Unary = Expression & { kind: "unary" };

export function applySign(node: Unary, value: Value): Value {
  if (node.operator === "!") {
    if (typeof value === "boolean") return !value;
    throw fault("value.type", node.operand, `should be bool, got ${typeName(value)}`);
  }
  if (typeof value === "bigint") return BigInt.asIntN(64, -value);
  if (typeof value === "number") return -value;
  throw fault("value.type", node.operand, `should be number, got ${typeName(value)}`);
}

/** Both sides are always evaluated, as in the incumbent: `false && missing` is an error. */
export function applyOperator(node: Binary, givenLeft: Value, givenRight: Value): Value {
  const { operator } = node;
  const [left, right] = openSecrets(givenLeft, givenRight);
  if (operator === "==") return equal(left, right);
  if (operator === "!=") return !equal(left, right);
  const allowed = OPERAND_TYPES[operator];
  for (const [value, side] of [
    [left, node.left],
    [right, node.right],
  ] as const) {
    if (allowed.includes(typeName(value))) continue;
    throw fault("value.type", side, `should be one of [${allowed.join(" ")}] for binop ${operator}, got ${typeName(value)}`);
  }
  if (typeName(left) !== typeName(right)) throw fault("value.type", node.right, `should be ${typeName(left)}, got ${typeName(right)}`);
  if (typeof left === "string" && typeof right === "string") {
    return operator === "+" ? normalizeText(left + right) : compares(operator, compareTexts(left, right));
  }
  if (typeof left === "boolean" && typeof right === "boolean") return operator === "||" ? left || right : left && right;
  if (left instanceof Secret && right instanceof Secret) {
    return new Secret(normalizeText(left.reveal() + right.reveal()), left.isSecret || right.isSecret);
  }
  if (!isNumber(left) || !isNumber(right)) {
    throw fault("value.type", node.left, `could not perform binop ${operator} for unknown types lhs capsule rhs capsule`);
  }
  if ((operator === "/" || operator === "%") && Number(right) === 0) throw fault("value.range", node.right, "divide by zero error");
  return arithmetic(operator, left, right);
}

const OPERAND_TYPES: Readonly<Record<Exclude<BinaryOperator, "==" | "!=">, readonly string[]>> = {
  "||": ["bool"],
  "&&": ["bool"],
  "+": ["number", "string", "capsule"],
  "-": ["number"],
  "*": ["number"],
  "/": ["number"],
  "%": ["number"],
  "^": ["number"],
  "<": ["number", "string"],
  ">": ["number", "string"],
  "<=": ["number", "string"],
  ">=": ["number", "string"],
};

// A secret makes the text beside it secret; an optional secret that is none becomes text beside text.
function openSecrets(left: Value, right: Value): [Value, Value] {
  if (left instanceof Secret && typeof right === "string") {
    return left.isSecret ? [left, new Secret(right)] : [left.reveal(), right];
  }
  if (typeof left === "string" && right instanceof Secret) {
    return right.isSecret ? [new Secret(left), right] : [left, right.reveal()];
  }
  return [left, right];
}

function isNumber(value: Value): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

// A whole number beyond int64 is a uint64. Two of those stay unsigned; beside an int64 it is read as one, and wraps, as in Go.
function arithmetic(operator: BinaryOperator, left: bigint | number, right: bigint | number): Value {
  if (typeof left === "number" || typeof right === "number") return floatArithmetic(operator, Number(left), Number(right));
  const wrap = left > MAX_INT64 && right > MAX_INT64 ? BigInt.asUintN : BigInt.asIntN;
  return wholeArithmetic(operator, wrap(64, left), wrap(64, right), wrap);
}

const MAX_INT64 = 2n ** 63n - 1n;

function floatArithmetic(operator: BinaryOperator, left: number, right: number): Value {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      // Where IEEE 754's pow, which is Go's, and JavaScript's disagree.
      return left === 1 || (left === -1 && Math.abs(right) === Number.POSITIVE_INFINITY) ? 1 : left ** right;
    default:
      return compares(operator, left < right ? -1 : left > right ? 1 : left === right ? 0 : Number.NaN);
  }
}

function wholeArithmetic(operator: BinaryOperator, left: bigint, right: bigint, wrap: typeof BigInt.asIntN): Value {
  switch (operator) {
    case "+":
      return wrap(64, left + right);
    case "-":
      return wrap(64, left - right);
    case "*":
      return wrap(64, left * right);
    case "/":
      return wrap(64, left / right);
    case "%":
      return wrap(64, left % right);
    case "^":
      return wrap(64, wholePower(left, right));
    default:
      return compares(operator, left < right ? -1 : left > right ? 1 : 0);
  }
}

// By squaring, modulo 2^64. A negative exponent leaves the base as it is: the incumbent's result, not mathematics'.
function wholePower(base: bigint, exponent: bigint): bigint {
  if (base === 1n) return 1n;
  if (exponent < 0n) return base;
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asUintN(64, result * square);
    square = BigInt.asUintN(64, square * square);
  }
  return result;
}

function compares(operator: BinaryOperator, order: number): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      throw new Error(`expected a comparison, came ${operator}`);
  }
}
