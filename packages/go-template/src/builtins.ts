import {
  byteLength,
  bytesFromText,
  elementsOf,
  entriesOf,
  GoError,
  type GoFunction,
  type GoKey,
  type GoType,
  type GoValue,
  isSignedKind,
  isUnsignedKind,
  rawOf,
  sliceByBytes,
  sprint,
  sprintf,
  sprintln,
  Typed,
  typeOf,
  UINT8,
} from "@invar/go-compat";
import { zeroOf } from "./assign.ts";
import { isEqualToAny, isLess, isLessOrEqual } from "./comparison.ts";
import { escapeHtml, escapeQuery, escapeScript } from "./escape.ts";
import { any, type Param, text, variadic } from "./function.ts";
import { type Evaluated, indirect, isTrue, lengthOf } from "./truth.ts";

/** The parameter type of functions that look at the value itself, absent ones included: Go's reflect.Value. */
export const VALUE_TYPE: GoType = { name: "reflect.Value", kind: "struct" };

// Absent values reach these functions only: the executor passes undefined for this type alone.
const value: Param<Evaluated> = { type: VALUE_TYPE, read: (given) => given };

/** Go's own functions. `and`, `or` and `call` are known here by name and run by the executor. */
export const BUILTINS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ["and", variadic([value], value, notCalled)],
  ["or", variadic([value], value, notCalled)],
  ["call", variadic([value], value, notCalled)],
  ["not", single((operand) => !isTrue(operand))],
  ["len", single(len)],
  ["index", variadic([value], value, index as (item: Evaluated, indexes: Evaluated[]) => GoValue)],
  ["slice", variadic([value], value, slice)],
  ["html", variadic([], any, (args) => escapeHtml(joined(args)))],
  ["js", variadic([], any, (args) => escapeScript(joined(args)))],
  ["urlquery", variadic([], any, (args) => escapeQuery(joined(args)))],
  ["print", variadic([], any, sprint)],
  ["printf", variadic([text], any, sprintf)],
  ["println", variadic([], any, sprintln)],
  ["eq", variadic([value], value, isEqualToAny)],
  ["ne", pair((a, b) => !isEqualToAny(a, [b]))],
  ["lt", pair(isLess)],
  ["le", pair(isLessOrEqual)],
  ["gt", pair((a, b) => !isLessOrEqual(a, b))],
  ["ge", pair((a, b) => !isLess(a, b))],
]);

const NO_VALUE = "<no value>";

/** What is printed for a value: behind pointers, and a text for what is absent. */
export function printable(given: Evaluated): GoValue {
  const found = given instanceof Typed && given.type.kind === "ptr" && given.type.text === undefined ? indirect(given).value : given;
  return found === undefined ? NO_VALUE : found;
}

function joined(args: readonly GoValue[]): string {
  return sprint(args.map((arg) => (arg === null ? NO_VALUE : printable(arg))));
}

function single(call: (operand: Evaluated) => GoValue): GoFunction {
  return { params: [VALUE_TYPE], isVariadic: false, call: (operand) => call(operand) };
}

function pair(call: (a: Evaluated, b: Evaluated) => GoValue): GoFunction {
  return { params: [VALUE_TYPE, VALUE_TYPE], isVariadic: false, call: (a, b) => call(a, b) };
}

function notCalled(): GoValue {
  throw new Error("the executor runs this function itself");
}

function len(given: Evaluated): GoValue {
  const { value: item, isNil } = indirect(given);
  if (isNil) throw new GoError("len of nil pointer");
  if (item === undefined || item === null) throw new GoError("reflect: call of reflect.Value.Type on zero Value");
  const length = lengthOf(item);
  if (length === undefined) throw new GoError(`len of type ${typeOf(item).name}`);
  return BigInt(length);
}

function index(given: Evaluated, indexes: readonly Evaluated[]): Evaluated {
  if (given === undefined || given === null) throw new GoError("index of untyped nil");
  let item: Evaluated = given;
  for (const at of indexes) {
    const found = indirect(item);
    if (found.isNil) throw new GoError("index of nil pointer");
    item = indexOne(found.value as Exclude<GoValue, null>, at);
  }
  return item;
}

function indexOne(item: Exclude<GoValue, null>, at: Evaluated): GoValue {
  const type = typeOf(item);
  switch (type.kind) {
    case "string": {
      const bytes = bytesFromText(rawOf(item) as string);
      const position = indexArgument(at, bytes.length);
      if (position >= bytes.length) throw new GoError("reflect: string index out of range");
      return new Typed(UINT8, BigInt(bytes[position] as number));
    }
    case "slice":
    case "array": {
      const elements = elementsOf(item) as readonly GoValue[];
      const position = indexArgument(at, elements.length);
      if (position >= elements.length) throw new GoError(`reflect: ${type.kind} index out of range`);
      return elements[position] as GoValue;
    }
    case "map": {
      const key = keyArgument(at, type.key as GoType);
      const found = (entriesOf(item) as ReadonlyMap<GoKey, GoValue>).get(key);
      return found === undefined ? zeroOf(type.elem as GoType) : found;
    }
    default:
      throw new GoError(`can't index item of type ${type.name}`);
  }
}

/** An index up to and including the length, as Go checks it. */
function indexArgument(at: Evaluated, length: number): number {
  if (at === undefined || at === null) throw new GoError("cannot index slice/array with nil");
  const { kind, name } = typeOf(at);
  if (!isSignedKind(kind) && !isUnsignedKind(kind)) throw new GoError(`cannot index slice/array with type ${name}`);
  const position = BigInt.asIntN(64, rawOf(at) as bigint);
  if (position < 0n || position > BigInt(length)) throw new GoError(`index out of range: ${position}`);
  return Number(position);
}

function keyArgument(at: Evaluated, type: GoType): GoKey {
  if (at === undefined || at === null) {
    if (type.kind === "interface") return "";
    throw new GoError(`value is nil; should be of type ${type.name}`);
  }
  const given = typeOf(at);
  if (given.name === type.name || type.kind === "interface") return rawOf(at) as GoKey;
  const isWhole = (kind: GoType["kind"]): boolean => isSignedKind(kind) || isUnsignedKind(kind);
  if (isWhole(given.kind) && isWhole(type.kind)) return rawOf(at) as bigint;
  throw new GoError(`value has type ${given.name}; should be ${type.name}`);
}

function slice(given: Evaluated, indexes: readonly Evaluated[]): GoValue {
  if (given === undefined || given === null) throw new GoError("slice of untyped nil");
  const { value: item, isNil } = indirect(given);
  if (isNil || item === undefined || item === null) throw new GoError("slice of nil pointer");
  if (indexes.length > 3) throw new GoError(`too many slice indexes: ${indexes.length}`);
  const type = typeOf(item);
  const raw = rawOf(item);
  if (type.kind === "string") {
    if (indexes.length === 3) throw new GoError("cannot 3-index slice a string");
    const [start, end] = bounds(indexes, byteLength(raw as string));
    return sliceByBytes(raw as string, start, end);
  }
  if (type.kind !== "slice" && type.kind !== "array") throw new GoError(`can't slice item of type ${type.name}`);
  if (item instanceof Uint8Array) {
    const [start, end] = bounds(indexes, item.length);
    return item.subarray(start, end);
  }
  const elements = elementsOf(item) as readonly GoValue[];
  const [start, end] = bounds(indexes, elements.length);
  const part = elements.slice(start, end);
  return item instanceof Typed ? new Typed(type, part) : part;
}

function bounds(indexes: readonly Evaluated[], length: number): [number, number] {
  const found = indexes.map((at) => indexArgument(at, length));
  const [start = 0, end = length, capacity] = found;
  if (start > end) throw new GoError(`invalid slice index: ${start} > ${end}`);
  if (capacity !== undefined && end > capacity) throw new GoError(`invalid slice index: ${end} > ${capacity}`);
  return [start, end];
}
