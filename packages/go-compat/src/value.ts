import type { GoTime } from "./time/parse.ts";

// Go's values as JavaScript holds them. The plain ones stand for the types that templates and decoded documents are made of:
//
//   null      nil                   string      string (bytes: see byte-text.ts)
//   boolean   bool                  Array       []interface {}
//   number    float64               Map         map[string]interface {}
//   bigint    int                   Uint8Array  []uint8
//
// Every other type is a `Typed`: int64, []string, time.Duration, a struct with methods.

export type GoValue = null | boolean | string | number | bigint | GoValue[] | GoMap | Uint8Array | Typed;
export type GoMap = Map<string, GoValue>;

export type Kind =
  | "bool"
  | SignedKind
  | UnsignedKind
  | "float32"
  | "float64"
  | "complex128"
  | "string"
  | "slice"
  | "array"
  | "map"
  | "struct"
  | "ptr"
  | "func"
  | "interface";

export type SignedKind = "int" | "int8" | "int16" | "int32" | "int64";
export type UnsignedKind = "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "uintptr";

export interface GoType {
  /** As `%T` prints it. */
  readonly name: string;
  readonly kind: Kind;
  /** Of a slice, array, map or pointer. */
  readonly elem?: GoType;
  /** Of a map. */
  readonly key?: GoType;
  /** Exported fields of a struct, in order. */
  readonly fields?: readonly string[];
  /** String() or Error(): what %v, %s and %q print. */
  readonly text?: (value: Typed) => string;
  /** GoString(): what %#v prints. */
  readonly goText?: (value: Typed) => string;
  /** Set where `text` is Error(). */
  readonly isError?: boolean;
  /** MarshalJSON(): what encoders write in its place. */
  readonly encoded?: (value: Typed) => GoValue;
  readonly methods?: Readonly<Record<string, GoFunction>>;
}

/** A function or method; a method gets its receiver as the first argument, which `params` leaves out. */
export interface GoFunction {
  readonly params: readonly GoType[];
  /** The last of `params` is the element type of any number of arguments. */
  readonly isVariadic: boolean;
  readonly call: (...args: GoValue[]) => GoValue;
}

/** What a `Typed` holds, by kind: see the table at its class. */
export type Raw =
  | boolean
  | bigint
  | number
  | string
  | Complex
  | readonly GoValue[]
  | ReadonlyMap<GoKey, GoValue>
  | GoValue
  | GoTime
  | GoFunction;
export type GoKey = string | bigint | number | boolean;

export interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * A value whose type JavaScript cannot tell by itself. `raw` is by kind: bigint for integers, number for floats, string, boolean,
 * an array for slices, a Map for maps and for the fields of structs, the pointed-to value for pointers; null where Go has nil.
 */
export class Typed {
  readonly type: GoType;
  readonly raw: Raw;
  constructor(type: GoType, raw: Raw) {
    this.type = type;
    this.raw = raw;
  }
}

function basic(name: string, kind: Kind): GoType {
  return { name, kind };
}

export const BOOL = basic("bool", "bool");
export const INT = basic("int", "int");
export const INT8 = basic("int8", "int8");
export const INT16 = basic("int16", "int16");
export const INT32 = basic("int32", "int32");
export const INT64 = basic("int64", "int64");
export const UINT = basic("uint", "uint");
export const UINT8 = basic("uint8", "uint8");
export const UINT16 = basic("uint16", "uint16");
export const UINT32 = basic("uint32", "uint32");
export const UINT64 = basic("uint64", "uint64");
export const FLOAT32 = basic("float32", "float32");
export const FLOAT64 = basic("float64", "float64");
export const COMPLEX128 = basic("complex128", "complex128");
export const STRING = basic("string", "string");
export const ANY = basic("interface {}", "interface");

export const ANY_SLICE = sliceOf(ANY);
export const STRING_SLICE = sliceOf(STRING);
export const INT_SLICE = sliceOf(INT);
export const BYTE_SLICE = sliceOf(UINT8);
export const ANY_MAP = mapOf(STRING, ANY);
export const STRING_MAP = mapOf(STRING, STRING);

export function sliceOf(elem: GoType): GoType {
  return { name: `[]${elem.name}`, kind: "slice", elem };
}

export function mapOf(key: GoType, elem: GoType): GoType {
  return { name: `map[${key.name}]${elem.name}`, kind: "map", key, elem };
}

export function pointerTo(elem: GoType, rest: Partial<GoType> = {}): GoType {
  return { ...rest, name: `*${elem.name}`, kind: "ptr", elem };
}

export function int64(value: bigint): Typed {
  return new Typed(INT64, BigInt.asIntN(64, value));
}

export function stringSlice(texts: readonly string[]): Typed {
  return new Typed(STRING_SLICE, texts);
}

/** The type of a value that is not nil. */
export function typeOf(value: Exclude<GoValue, null>): GoType {
  switch (typeof value) {
    case "boolean":
      return BOOL;
    case "string":
      return STRING;
    case "number":
      return FLOAT64;
    case "bigint":
      return INT;
    default:
      if (value instanceof Typed) return value.type;
      if (Array.isArray(value)) return ANY_SLICE;
      return value instanceof Map ? ANY_MAP : BYTE_SLICE;
  }
}

/** The raw form of a value, whether it is plain or typed. */
export function rawOf(value: GoValue): Raw {
  return value instanceof Typed ? value.raw : value;
}

export function isSignedKind(kind: Kind): kind is SignedKind {
  return kind === "int" || kind === "int64" || kind === "int32" || kind === "int16" || kind === "int8";
}

export function isUnsignedKind(kind: Kind): kind is UnsignedKind {
  return kind === "uint" || kind === "uint8" || kind === "uint16" || kind === "uint32" || kind === "uint64" || kind === "uintptr";
}

export function isFloatKind(kind: Kind): boolean {
  return kind === "float64" || kind === "float32";
}

export function bitsOf(kind: Kind): 8 | 16 | 32 | 64 {
  if (kind.endsWith("8") && kind !== "complex128") return 8;
  if (kind.endsWith("16")) return 16;
  return kind.endsWith("32") ? 32 : 64;
}

/** The elements of a slice or array, or undefined when the value is neither. */
export function elementsOf(value: GoValue): readonly GoValue[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof Uint8Array) return Array.from(value, (byte) => new Typed(UINT8, BigInt(byte)));
  if (!(value instanceof Typed) || (value.type.kind !== "slice" && value.type.kind !== "array")) return undefined;
  return value.raw === null ? [] : (value.raw as readonly GoValue[]);
}

/** The entries of a map by their keys, or undefined when the value is none. */
export function entriesOf(value: GoValue): ReadonlyMap<GoKey, GoValue> | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof Typed) || value.type.kind !== "map") return undefined;
  return value.raw === null ? NO_ENTRIES : (value.raw as ReadonlyMap<GoKey, GoValue>);
}

const NO_ENTRIES: ReadonlyMap<GoKey, GoValue> = new Map();
