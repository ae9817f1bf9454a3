import { formatFloat, GoError, parseFloat64, parseInteger, parseUnsigned } from "@invar/go-compat";
import { EvaluationError, type Span } from "./diagnostic.ts";
import { Capsule, isFunction, isObject, type ObjectValue, Secret, typeName, type Value } from "./value.ts";

// The conversions an attribute's value goes through on its way to the type that a component declares. `null` becomes the type's zero
// value. Errors carry no span, and only the second half of the sentence ("should be number, got string"): the first is the expression.

/** Numbers become decimal text; an optional secret that is not secret becomes its text. */
export function asString(value: Value): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (typeof value === "bigint" || typeof value === "number") return numberText(value);
  if (value instanceof Secret) {
    if (!value.isSecret) return value.reveal();
    throw new EvaluationError("value.secret", "secrets may not be converted into strings");
  }
  throw mismatch("string", value);
}

/** A float64; text that reads as a number is accepted. */
export function asNumber(value: Value): number {
  return Number(numericValue(value));
}

/** A 64-bit whole number, signed or unsigned; fractions are cut off, as in the incumbent. */
export function asInteger(value: Value): bigint {
  const numeric = numericValue(value);
  if (typeof numeric === "bigint") return numeric;
  if (!(Math.abs(numeric) < 2 ** 63)) throw new EvaluationError("value.range", `${numeric} does not fit into 64 bits`);
  return BigInt(Math.trunc(numeric));
}

export function asBool(value: Value): boolean {
  if (typeof value === "boolean") return value;
  if (value === null) return false;
  throw mismatch("bool", value);
}

/** Text becomes secret; what was an optional secret is secret from here on. */
export function asSecret(value: Value): Secret {
  if (value instanceof Secret) return value.isSecret ? value : new Secret(value.reveal());
  if (typeof value === "string") return new Secret(value);
  if (value === null) return new Secret("");
  throw value instanceof Capsule ? wrongCapsule("alloytypes.Secret", value) : mismatch("capsule", value);
}

/** Secrets stay secret, text stays in the open. */
export function asOptionalSecret(value: Value): Secret {
  if (value instanceof Secret) return value;
  if (typeof value === "string") return new Secret(value, false);
  if (value === null) return new Secret("", false);
  throw value instanceof Capsule ? wrongCapsule("alloytypes.OptionalSecret", value) : mismatch("capsule", value);
}

export function asArray(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (value === null) return [];
  throw mismatch("array", value);
}

export function asObject(value: Value): ObjectValue {
  if (value !== null && isObject(value)) return value;
  if (value === null) return Object.create(null);
  throw mismatch("object", value);
}

/** A capsule of one of the named types; `null` stays null, for receivers that are switched off. */
export function asCapsule(value: Value, ...types: readonly string[]): Capsule | null {
  if (value === null) return null;
  if (value instanceof Capsule && types.includes(value.type)) return value;
  throw wrongCapsule(types[0] ?? "", value);
}

/** What a value is, in the words of messages: capsules name their type. */
export function describe(value: Value): string {
  if (value instanceof Capsule) return `capsule(${JSON.stringify(value.type)})`;
  if (value instanceof Secret) return `capsule("alloytypes.${value.isSecret ? "Secret" : "OptionalSecret"}")`;
  return value !== null && isFunction(value) ? "function" : typeName(value);
}

/** The error of a value whose type is not the expected one. */
export function mismatch(expected: string, value: Value, span?: Span): EvaluationError {
  return new EvaluationError("value.type", `should be ${expected}, got ${typeName(value)}`, span);
}

function wrongCapsule(expected: string, value: Value): EvaluationError {
  return new EvaluationError("value.type", `expected capsule(${JSON.stringify(expected)}), got ${describe(value)}`);
}

/** A number as decimal text without an exponent, the shortest that reads back as the same number. */
export function numberText(value: bigint | number): string {
  return typeof value === "bigint" ? value.toString() : formatFloat(value, "f", -1);
}

function numericValue(value: Value): bigint | number {
  if (typeof value === "bigint" || typeof value === "number") return value;
  if (value === null) return 0n;
  const text = typeof value === "string" ? value : value instanceof Secret && !value.isSecret ? value.reveal() : undefined;
  const parsed = text === undefined ? undefined : parseNumber(text);
  if (parsed === undefined) throw mismatch("number", value);
  return parsed;
}

// A leading minus means int64, a point or an exponent means float64, anything else uint64: the incumbent's rule, by which "-1.5"
// and "+1" are not numbers.
function parseNumber(text: string): bigint | number | undefined {
  try {
    if (text.startsWith("-")) return parseInteger(text);
    return /[.eE]/.test(text) ? parseFloat64(text) : parseUnsigned(text);
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}
