import {
  asArray,
  asBool,
  asCapsule,
  asInteger,
  asNumber,
  asObject,
  asOptionalSecret,
  asSecret,
  asString,
  Capsule,
  EvaluationError,
  mismatch,
  type Value,
} from "@invar/alloy-syntax";
import { parseDurationMs } from "@invar/go-compat";
import type { TypeShape } from "./arguments.ts";
import { parseByteSize } from "./byte-size.ts";
import { didYouMean } from "./did-you-mean.ts";

/** One value as the type wants it. Throws `EvaluationError`. */
export function convert(type: TypeShape, value: Value): unknown {
  switch (type.kind) {
    case "string":
      return asString(value);
    case "bool":
      return asBool(value);
    case "float":
      return asNumber(value);
    case "int": {
      const number = Number(asInteger(value));
      if (type.min !== undefined && number < type.min) throw new EvaluationError("value.range", `${number} must be at least ${type.min}`);
      if (type.max !== undefined && number > type.max) throw new EvaluationError("value.range", `${number} must be at most ${type.max}`);
      return number;
    }
    case "duration":
      return durationOf(value);
    case "bytes":
      return byteSizeOf(value);
    case "enum": {
      const text = asString(value);
      if (type.values.includes(text)) return text;
      const allowed = type.values.map((allowedValue) => JSON.stringify(allowedValue)).join(", ");
      throw new EvaluationError(
        "value.choice",
        `unknown value ${JSON.stringify(text)}, must be one of ${allowed}`,
        undefined,
        didYouMean(text, type.values),
      );
    }
    case "secret":
      return asSecret(value);
    case "optional_secret":
      return asOptionalSecret(value);
    case "any":
      return value;
    case "list": {
      const items = asArray(value).map((item) => convert(type.of, item));
      return type.of.kind === "capsule" ? items.filter((item) => item !== null) : items;
    }
    case "map": {
      const object: Record<string, unknown> = Object.create(null);
      for (const [key, item] of Object.entries(asObject(value))) object[key] = convert(type.of, item);
      return object;
    }
    case "capsule":
      if (value instanceof Capsule && value.type !== type.capsule)
        throw new EvaluationError("value.type", `expected ${typeText(type)}, got capsule(${JSON.stringify(value.type)})`);
      return asCapsule(value, type.capsule)?.value ?? null;
    default:
      return type satisfies never;
  }
}

/** What stands against a value that is not known yet, but has at least this type: undefined where it may turn out as what is wanted. */
export function clash(wanted: TypeShape, given: TypeShape): string | undefined {
  if ((wanted.kind === "list" && given.kind === "list") || (wanted.kind === "map" && given.kind === "map"))
    return clash(wanted.of, given.of);
  if (wanted.kind === "any" || given.kind === "any") return undefined;
  const fits =
    wanted.kind === "capsule" && given.kind === "capsule"
      ? wanted.capsule === given.capsule
      : group(wanted) === group(given) || (group(wanted) === "text" && group(given) === "number");
  return fits ? undefined : `expected ${typeText(wanted)}, got ${typeText(given)}`;
}

/** A type as messages and the reference name it: `list(capsule("otelcol.Consumer"))`. */
export function typeText(type: TypeShape): string {
  switch (type.kind) {
    case "list":
      return `list(${typeText(type.of)})`;
    case "map":
      return `map(${typeText(type.of)})`;
    case "capsule":
      return `capsule(${JSON.stringify(type.capsule)})`;
    case "enum":
      return "string";
    case "int":
    case "float":
      return "number";
    default:
      return type.kind;
  }
}

function durationOf(value: Value): number {
  // Alloy reads a duration from text alone; a number has no unit.
  if (typeof value !== "string") throw mismatch("duration", value);
  try {
    return parseDurationMs(value);
  } catch (error) {
    throw new EvaluationError(
      "value.duration",
      error instanceof Error ? error.message : String(error),
      undefined,
      'write a duration as "90s" or "1m30s"',
    );
  }
}

function byteSizeOf(value: Value): number {
  if (typeof value === "bigint" || typeof value === "number") return Number(value);
  const size = parseByteSize(asString(value));
  if (size === undefined)
    throw new EvaluationError(
      "value.bytes",
      `${JSON.stringify(value)} is not a number of bytes`,
      undefined,
      'write a size as "5MiB" or "512KiB"',
    );
  return size;
}

function group(type: TypeShape): string {
  switch (type.kind) {
    case "string":
    case "enum":
    case "duration":
    case "bytes":
    case "secret":
    case "optional_secret":
      return "text";
    case "int":
    case "float":
      return "number";
    case "list":
    case "map":
    case "bool":
    case "any":
    case "capsule":
      return type.kind;
    default:
      return type satisfies never;
  }
}
