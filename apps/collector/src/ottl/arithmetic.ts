import { printed } from "./text/printed.ts";
import { int64, Moment, Span, StatementError, typeName, type Value } from "./value.ts";

export type MathOperator = "+" | "-" | "*" | "/";

/** Calculates with integers, floats, times and durations. Throws `StatementError` for others. */
export function calculate(left: Value, operator: MathOperator, right: Value): Value {
  if (typeof left === "bigint") {
    if (typeof right === "bigint") return ofIntegers(left, operator, right);
    if (typeof right === "number") return ofFloats(Number(left), operator, right);
    throw new StatementError(`${printed(right)} must be int64 or float64`);
  }
  if (typeof left === "number") {
    if (typeof right === "number") return ofFloats(left, operator, right);
    if (typeof right === "bigint") return ofFloats(left, operator, Number(right));
    throw new StatementError(`${printed(right)} must be int64 or float64`);
  }
  if (left instanceof Moment) return ofTime(left, operator, right);
  if (left instanceof Span) return ofDuration(left, operator, right);
  throw new StatementError(`${printed(left)} must be int64, float64, time.Time or time.Duration`);
}

export function negate(value: Value): Value {
  if (typeof value === "bigint") return int64(-value);
  if (typeof value === "number") return -value;
  throw new StatementError(`unsupported unary minus operation on type ${typeName(value)}`);
}

function ofIntegers(left: bigint, operator: MathOperator, right: bigint): bigint {
  switch (operator) {
    case "+":
      return int64(left + right);
    case "-":
      return int64(left - right);
    case "*":
      return int64(left * right);
    case "/":
      if (right === 0n) throw new StatementError("attempted to divide by 0");
      return int64(left / right);
    default:
      return operator satisfies never;
  }
}

function ofFloats(left: number, operator: MathOperator, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      if (right === 0) throw new StatementError("attempted to divide by 0");
      return left / right;
    default:
      return operator satisfies never;
  }
}

const ONLY_SUMS = "only addition and subtraction supported for time.Time and time.Duration";

function ofTime(left: Moment, operator: MathOperator, right: Value): Value {
  if (operator === "+") {
    if (right instanceof Span) return new Moment(left.unixNanos + right.nanos, left.zone);
    throw new StatementError(`time.Time must be added to time.Duration; found ${printed(right)} instead`);
  }
  if (operator !== "-") throw new StatementError(ONLY_SUMS);
  if (right instanceof Moment) return new Span(saturated(left.unixNanos - right.unixNanos));
  if (right instanceof Span) return new Moment(left.unixNanos - right.nanos, left.zone);
  throw new StatementError(`time.Time or time.Duration must be subtracted from time.Time; found ${printed(right)} instead`);
}

function ofDuration(left: Span, operator: MathOperator, right: Value): Value {
  if (operator === "+") {
    if (right instanceof Span) return new Span(int64(left.nanos + right.nanos));
    if (right instanceof Moment) return new Moment(right.unixNanos + left.nanos, right.zone);
    throw new StatementError(`time.Duration must be added to time.Duration or time.Time; found ${printed(right)} instead`);
  }
  if (operator !== "-") throw new StatementError(ONLY_SUMS);
  if (right instanceof Span) return new Span(int64(left.nanos - right.nanos));
  throw new StatementError(`time.Duration must be subtracted from time.Duration; found ${printed(right)} instead`);
}

function saturated(nanos: bigint): bigint {
  const limit = 2n ** 63n;
  if (nanos >= limit) return limit - 1n;
  return nanos < -limit ? -limit : nanos;
}
