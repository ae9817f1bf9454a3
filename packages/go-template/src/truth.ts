import { byteLength, type Complex, elementsOf, entriesOf, type GoValue, rawOf, Typed, typeOf } from "@invar/go-compat";

/** What an expression gives. `undefined` is no value at all (a key that is not there); `null` is nil. */
export type Evaluated = GoValue | undefined;

/** Go templates' truth: not the zero of its type, not empty. */
export function isTrue(value: Evaluated): boolean {
  switch (typeof value) {
    case "undefined":
      return false;
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    case "bigint":
      return value !== 0n;
    default:
      if (value === null) return false;
      if (Array.isArray(value)) return value.length > 0;
      if (value instanceof Map) return value.size > 0;
      return value instanceof Typed ? isTypedTrue(value) : value.length > 0;
  }
}

function isTypedTrue(value: Typed): boolean {
  switch (value.type.kind) {
    case "slice":
    case "array":
    case "map":
    case "string":
      return lengthOf(value) !== 0;
    case "struct":
      return true;
    case "ptr":
    case "func":
    case "interface":
      return value.raw !== null;
    case "bool":
      return value.raw === true;
    case "complex128": {
      const { re, im } = value.raw as Complex;
      return re !== 0 || im !== 0;
    }
    default:
      return value.raw !== 0 && value.raw !== 0n;
  }
}

/** What `len` says, or undefined for what has no length. */
export function lengthOf(value: Exclude<GoValue, null>): number | undefined {
  if (typeof value === "string") return bytesLength(value);
  const kind = typeOf(value).kind;
  if (kind === "string") return bytesLength(rawOf(value) as string);
  if (kind === "map") return entriesOf(value)?.size;
  if (value instanceof Uint8Array) return value.length;
  return elementsOf(value)?.length;
}

function bytesLength(text: string): number {
  return byteLength(text);
}

/** Follows pointers. The second result says that one of them was nil. */
export function indirect(value: Evaluated): { value: Evaluated; isNil: boolean } {
  let current = value;
  for (;;) {
    if (current === null) return { value: current, isNil: true };
    if (!(current instanceof Typed) || current.type.kind !== "ptr" || current.type.isError === true)
      return { value: current, isNil: false };
    if (current.raw === null) return { value: current, isNil: true };
    current = current.raw as GoValue;
  }
}
