import { GoError } from "@invar/go-compat";

/** coefficient × 10^exponent, exactly. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const DIVISION_PLACES = 16;

/** The decimal that a float prints as, so that 0.1 is a tenth. */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value))
    throw new GoError(`Cannot create a Decimal from ${Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"}`);
  const [mantissa, power] = value.toExponential().split("e") as [string, string];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?];
  return { coefficient: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

export function numberOf({ coefficient, exponent }: Decimal): number {
  return Number(`${coefficient}e${exponent}`);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { coefficient: scaled(a, exponent) + scaled(b, exponent), exponent };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { ...b, coefficient: -b.coefficient });
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent };
}

/** To 16 places, half away from zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.coefficient === 0n) throw new GoError("decimal division by 0");
  const shift = a.exponent - b.exponent + DIVISION_PLACES;
  const top = shift >= 0 ? a.coefficient * 10n ** BigInt(shift) : a.coefficient;
  const bottom = shift >= 0 ? b.coefficient : b.coefficient * 10n ** BigInt(-shift);
  const quotient = top / bottom;
  const doubled = 2n * magnitude(top % bottom);
  const isNegative = top < 0n !== bottom < 0n;
  const rounded = doubled >= magnitude(bottom) ? quotient + (isNegative ? -1n : 1n) : quotient;
  return { coefficient: rounded, exponent: -DIVISION_PLACES };
}

function scaled({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
