import type { Zone } from "@invar/go-compat";

/**
 * What statements compute with:
 *
 *   null        nil            bigint      int64          Map         a map, in order
 *   boolean     bool           number      float64        Array       a list
 *   string      string         Uint8Array  bytes          the classes below: what their names say
 */
export type Value = null | boolean | bigint | number | string | Uint8Array | Moment | Span | Id | Messages | ValueMap | ValueList;
export type ValueMap = Map<string, Value>;
export type ValueList = Value[];

/** An instant and the zone in which its parts are read. */
export class Moment {
  readonly unixNanos: bigint;
  readonly zone: Zone;
  constructor(unixNanos: bigint, zone: Zone) {
    this.unixNanos = unixNanos;
    this.zone = zone;
  }
}

/** A duration. */
export class Span {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export type IdKind = "TraceID" | "SpanID" | "ProfileID";

/** An id of a trace, span or profile. */
export class Id {
  readonly kind: IdKind;
  readonly hex: string;
  constructor(kind: IdKind, hex: string) {
    this.kind = kind;
    this.hex = hex;
  }
}

/** Parts of the telemetry that have no value in the language: events, links, exemplars, data points. They can be counted and moved. */
export class Messages {
  /** As the incumbent names the type in its messages: `ptrace.SpanEventSlice`. */
  readonly type: string;
  /** The content of each message. */
  readonly contents: readonly Uint8Array[];
  constructor(type: string, contents: readonly Uint8Array[]) {
    this.type = type;
    this.contents = contents;
  }

  get isList(): boolean {
    return this.type.endsWith("Slice");
  }
}

/** Why a statement could not be carried out on an item. */
export class StatementError extends Error {
  /** The value had another type than was wanted: what `IsString` and its like answer with false. */
  readonly isType: boolean;
  constructor(message: string, isType = false) {
    super(message);
    this.isType = isType;
  }
}

export function isList(value: Value): value is ValueList {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ValueMap {
  return value instanceof Map;
}

/** The type of a value as messages name it. */
export function typeName(value: Value): string {
  if (value === null) return "<nil>";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int64";
    case "number":
      return "float64";
    default:
      if (isMap(value)) return "pcommon.Map";
      if (isList(value)) return "pcommon.Slice";
      if (value instanceof Uint8Array) return "[]uint8";
      if (value instanceof Moment) return "time.Time";
      if (value instanceof Span) return "time.Duration";
      return value instanceof Id ? `pcommon.${value.kind}` : value.type;
  }
}

/** A value that shares nothing with the original. */
export function copyOf(value: Value): Value {
  if (isList(value)) return value.map(copyOf);
  if (!isMap(value)) return value;
  const copy: ValueMap = new Map();
  for (const [key, each] of value) copy.set(key, copyOf(each));
  return copy;
}

/** What a number becomes where int64 overflows. */
export function int64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** Go's conversion of a float to int64 on the machines that matter: beyond the range, and NaN, the smallest. */
export function intOfFloat(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : -(2n ** 63n);
}
