import { GoError, type GoFunction, type GoValue, INT_SLICE, int64, parseInteger, sprint, Typed } from "@invar/go-compat";
import { any, float, fn, int, text, variadic } from "../function.ts";
import { checkedSize } from "../size-limit.ts";
import { toFloat64, toInt64 } from "./convert.ts";
import { add, type Decimal, decimalOf, divide, multiply, numberOf, subtract } from "./decimal.ts";

const ONE: Decimal = { coefficient: 1n, exponent: 0 };

/** Arithmetic: on int64 of whatever is given, and on decimals for floats. */
export const MATH_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  atoi: fn([text], (digits) => attempt(() => parseInteger(digits, 10, 64, "Atoi"))),
  int64: fn([any], (value) => int64(toInt64(value))),
  int: fn([any], toInt64),
  float64: fn([any], toFloat64),
  seq: variadic([], int, (params) => sequence(params).join(" ")),
  toDecimal: fn([any], (value) => int64(attempt(() => parseInteger(sprint([value]), 8)))),
  until: fn([int], (count) => intSlice(count < 0n ? steps(0n, count, -1n) : steps(0n, count, 1n))),
  untilStep: fn([int, int, int], (start, stop, step) => intSlice(steps(start, stop, step))),
  add1: fn([any], (value) => int64(toInt64(value) + 1n)),
  add: variadic([], any, (values) => fold(0n, values, (sum, value) => sum + value)),
  sub: fn([any, any], (a, b) => int64(toInt64(a) - toInt64(b))),
  div: fn([any, any], (a, b) => int64(toInt64(a) / divisor(b))),
  mod: fn([any, any], (a, b) => int64(toInt64(a) % divisor(b))),
  mul: variadic([any], any, (first, values) => fold(toInt64(first), values, (product, value) => product * value)),
  biggest: variadic([any], any, biggest),
  max: variadic([any], any, biggest),
  min: variadic([any], any, (first, values) => fold(toInt64(first), values, lesser)),
  add1f: fn([any], (value) => numberOf(add(decimalOf(toFloat64(value)), ONE))),
  addf: variadic([], any, (values) => foldDecimals(0, values, add)),
  subf: variadic([any], any, (first, values) => foldDecimals(toFloat64(first), values, subtract)),
  divf: variadic([any], any, (first, values) => foldDecimals(toFloat64(first), values, divide)),
  mulf: variadic([any], any, (first, values) => foldDecimals(toFloat64(first), values, multiply)),
  maxf: variadic([any], any, (first, values) => Math.max(toFloat64(first), ...values.map(toFloat64))),
  minf: variadic([any], any, (first, values) => Math.min(toFloat64(first), ...values.map(toFloat64))),
  ceil: fn([any], (value) => Math.ceil(toFloat64(value))),
  floor: fn([any], (value) => Math.floor(toFloat64(value))),
  round: variadic([any, int], float, (value, places, roundOn) => round(toFloat64(value), Number(places), roundOn[0] ?? 0.5)),
};

function attempt(read: () => bigint): bigint {
  try {
    return read();
  } catch (error) {
    if (error instanceof GoError) return 0n;
    throw error;
  }
}

function divisor(value: GoValue): bigint {
  const by = toInt64(value);
  if (by === 0n) throw new GoError("runtime error: integer divide by zero");
  return by;
}

function biggest(first: GoValue, values: readonly GoValue[]): Typed {
  return fold(toInt64(first), values, greater);
}

function lesser(a: bigint, b: bigint): bigint {
  if (b < a) return b;
  return a;
}

function greater(a: bigint, b: bigint): bigint {
  if (b > a) return b;
  return a;
}

function fold(start: bigint, values: readonly GoValue[], combine: (total: bigint, value: bigint) => bigint): Typed {
  return int64(values.reduce<bigint>((total, value) => BigInt.asIntN(64, combine(total, toInt64(value))), start));
}

function foldDecimals(start: number, values: readonly GoValue[], combine: (total: Decimal, value: Decimal) => Decimal): number {
  return numberOf(values.reduce<Decimal>((total, value) => combine(total, decimalOf(toFloat64(value))), decimalOf(start)));
}

/** From start up or down to stop, which is not reached. */
function steps(start: bigint, stop: bigint, step: bigint): bigint[] {
  const isDown = stop < start;
  if (isDown ? step >= 0n : step <= 0n) return [];
  const distance = isDown ? start - stop : stop - start;
  const size = step < 0n ? -step : step;
  checkedSize(Number((distance + size - 1n) / size), "the list");
  const values: bigint[] = [];
  for (let value = start; isDown ? value > stop : value < stop; value += step) values.push(value);
  return values;
}

function intSlice(values: readonly bigint[]): Typed {
  return new Typed(INT_SLICE, values);
}

/** `seq` with the end, start and end, or start, step and end: as the Unix command counts. */
function sequence(params: readonly bigint[]): bigint[] {
  if (params.length === 0 || params.length > 3) return [];
  const start = params.length === 1 ? 1n : (params[0] as bigint);
  const end = params[params.length - 1] as bigint;
  const direction = end < start ? -1n : 1n;
  const step = params.length === 3 ? (params[1] as bigint) : direction;
  if (params.length === 3 && direction < 0n && step > 0n) return [];
  return steps(start, end + direction, step);
}

function round(value: number, places: number, roundOn: number): number {
  const power = powerOfTen(places);
  const shifted = power * value;
  const fraction = shifted - Math.trunc(shifted);
  return (fraction >= roundOn ? Math.ceil(shifted) : Math.floor(shifted)) / power;
}

/** Go's `math.Pow(10, exponent)`, which squares and multiplies and so is not always the nearest float. */
function powerOfTen(exponent: number): number {
  let result = 1;
  let resultBits = 0;
  // 10 is 0.625 * 2^4.
  let square = 0.625;
  let squareBits = 4;
  for (let left = Math.min(Math.abs(exponent), 1024); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      result *= square;
      resultBits += squareBits;
    }
    square *= square;
    squareBits *= 2;
    if (square < 0.5) {
      square *= 2;
      squareBits--;
    }
  }
  if (exponent < 0) {
    result = 1 / result;
    resultBits = -resultBits;
  }
  const half = Math.trunc(resultBits / 2);
  return result * 2 ** half * 2 ** (resultBits - half);
}
