import { GoError, parseBool, parseFloat64, parseInteger } from "@invar/go-compat";
import type { Access } from "./contexts/access.ts";
import { highHalf, lowHalf } from "./telemetry/any-value.ts";
import type { Frame } from "./telemetry/frame.ts";
import { goJson } from "./text/json.ts";
import {
  Id,
  intOfFloat,
  isList,
  isMap,
  Moment,
  Span,
  StatementError,
  typeName,
  type Value,
  type ValueList,
  type ValueMap,
} from "./value.ts";

/** Something that has a value for each item, or one for all. */
export interface Getter<T = Value> {
  readonly get: (frame: Frame) => T;
  /** Set where the value is the same for every item. */
  readonly literal?: { readonly value: T };
  /** Set where it is a path. */
  readonly access?: Access;
}

export function literal<T>(value: T): Getter<T> {
  return { get: () => value, literal: { value } };
}

/** The getter with another type of value; a literal is converted once, and what it can't be converted to is an error now. */
function converted<T>(getter: Getter, convert: (value: Value) => T): Getter<T> {
  if (getter.literal !== undefined) return literal(convert(getter.literal.value));
  const { get } = getter;
  return { get: (frame) => convert(get(frame)) };
}

function wrongType(wanted: string, value: Value): StatementError {
  return new StatementError(`expected ${wanted} but got ${value === null ? "nil" : typeName(value)}`, true);
}

export function asString(getter: Getter): Getter<string> {
  return converted(getter, (value) => {
    if (typeof value === "string") return value;
    throw wrongType("string", value);
  });
}

export function asInteger(getter: Getter): Getter<bigint> {
  return converted(getter, (value) => {
    if (typeof value === "bigint") return value;
    throw wrongType("int64", value);
  });
}

export function asDouble(getter: Getter): Getter<number> {
  return converted(getter, (value) => {
    if (typeof value === "number") return value;
    throw wrongType("float64", value);
  });
}

export function asBoolean(getter: Getter): Getter<boolean> {
  return converted(getter, (value) => {
    if (typeof value === "boolean") return value;
    throw wrongType("bool", value);
  });
}

export function asMap(getter: Getter): Getter<ValueMap> {
  return converted(getter, (value) => {
    if (isMap(value)) return value;
    throw wrongType("pcommon.Map", value);
  });
}

export function asList(getter: Getter): Getter<ValueList> {
  return converted(getter, (value) => {
    if (isList(value)) return value;
    throw wrongType("pcommon.Slice", value);
  });
}

export function asMoment(getter: Getter): Getter<Moment> {
  return converted(getter, (value) => {
    if (value instanceof Moment) return value;
    throw wrongType("time", value);
  });
}

export function asDuration(getter: Getter): Getter<Span> {
  return converted(getter, (value) => {
    if (value instanceof Span) return value;
    throw wrongType("duration", value);
  });
}

/** Any value as text; nil stays nil. */
export function asStringLike(getter: Getter): Getter<string | null> {
  return converted(getter, stringLike);
}

export function stringLike(value: Value): string | null {
  if (value === null || typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Id) return idJson(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new StatementError("unsupported type: float64", true);
  return goJson(value);
}

/** An id in Go is an array of bytes, whose JSON is its text. */
function idJson(id: Id): string {
  return JSON.stringify(/^0*$/.test(id.hex) ? "" : id.hex);
}

export function asDoubleLike(getter: Getter): Getter<number | null> {
  return converted(getter, (value) => {
    switch (typeof value) {
      case "number":
        return value;
      case "bigint":
        return Number(value);
      case "string":
        return orStatementError(() => parseFloat64(value));
      case "boolean":
        return value ? 1 : 0;
      default:
        if (value === null) return null;
        throw new StatementError(`unsupported type: ${typeName(value)}`, true);
    }
  });
}

/** A text that is no integer is nil. */
export function asIntegerLike(getter: Getter): Getter<bigint | null> {
  return converted(getter, (value) => {
    switch (typeof value) {
      case "bigint":
        return value;
      case "number":
        return intOfFloat(value);
      case "string":
        try {
          return parseInteger(value);
        } catch (error) {
          if (error instanceof GoError) return null;
          throw error;
        }
      case "boolean":
        return value ? 1n : 0n;
      default:
        if (value === null) return null;
        throw new StatementError(`unsupported type: ${typeName(value)}`, true);
    }
  });
}

export function asBooleanLike(getter: Getter): Getter<boolean | null> {
  return converted(getter, (value) => {
    switch (typeof value) {
      case "boolean":
        return value;
      case "bigint":
        return value !== 0n;
      case "number":
        return value !== 0;
      case "string":
        return orStatementError(() => parseBool(value));
      default:
        if (value === null) return null;
        throw new StatementError(`unsupported type: ${typeName(value)}`, true);
    }
  });
}

/** Strings and numbers as bytes; nil is no bytes. */
export function asBytesLike(getter: Getter): Getter<Uint8Array> {
  return converted(getter, (value) => {
    switch (typeof value) {
      case "string":
        return Buffer.from(value);
      case "boolean":
        return Buffer.of(value ? 1 : 0);
      case "bigint":
        return bigEndian(lowHalf(value), highHalf(value));
      case "number": {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleBE(value);
        return bytes;
      }
      default:
        if (value === null) return Buffer.alloc(0);
        if (value instanceof Uint8Array) return value;
        throw new StatementError(`unsupported type: ${typeName(value)}`, true);
    }
  });
}

function bigEndian(low: number, high: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(high, 0);
  bytes.writeInt32BE(low, 4);
  return bytes;
}

/** The result; what Go's parsers refuse is an error of the statement. */
export function orStatementError<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof GoError) throw new StatementError(error.message);
    throw error;
  }
}

/** What keys behind a converter find in its result. */
export function indexed(value: Value, key: Value): Value {
  if (typeof key === "string") {
    if (!isMap(value)) throw new StatementError(`type ${typeName(value)} does not support string indexing`);
    const found = value.get(key);
    if (found === undefined) throw new StatementError("key not found in map");
    return found;
  }
  if (typeof key !== "bigint") {
    if (key === null) throw new StatementError("key expression returned nil, expected an int or string");
    throw new StatementError(`key expression must evaluate to string or int, got ${typeName(key)}`);
  }
  if (value instanceof Uint8Array) {
    if (key < 0n || key >= value.length) throw new StatementError(`index ${key} out of bounds`);
    return BigInt(value[Number(key)] ?? 0);
  }
  if (!isList(value)) throw new StatementError(`type ${typeName(value)} does not support int indexing`);
  if (key < 0n || key >= value.length) throw new StatementError(`index ${key} out of bounds`);
  return value[Number(key)] ?? null;
}
