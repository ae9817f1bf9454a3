import {
  ANY_SLICE,
  compareTexts,
  elementsOf,
  GoError,
  type GoFunction,
  type GoType,
  type GoValue,
  sliceOf,
  stringSlice,
  Typed,
} from "@invar/go-compat";
import { any, fn, int, variadic } from "../function.ts";
import { toInt64 } from "./convert.ts";
import { isEmpty, kindNameOf } from "./defaults.ts";
import { isDeepEqual } from "./equality.ts";
import { textOf, textsOf } from "./text-value.ts";

const NIL_SLICE = new Typed(ANY_SLICE, null);
const SLICE_OF_SLICES: GoType = sliceOf(ANY_SLICE);

const push = fn([any, any], (list, value) => [...listOf(list, "Cannot push on type"), value]);
const prepend = fn([any, any], (list, value) => [value, ...listOf(list, "Cannot prepend on type")]);
const first = fn([any], (list) => listOf(list, "Cannot find first on type")[0] ?? null);
const last = fn([any], (list) => listOf(list, "Cannot find last on type").at(-1) ?? null);
const rest = fn([any], (list) => {
  const elements = listOf(list, "Cannot find rest on type");
  return elements.length === 0 ? NIL_SLICE : elements.slice(1);
});
const initial = fn([any], (list) => {
  const elements = listOf(list, "Cannot find initial on type");
  return elements.length === 0 ? NIL_SLICE : elements.slice(0, -1);
});
const reverse = fn([any], (list) => listOf(list, "Cannot find reverse on type").toReversed());
const compact = fn([any], (list) => listOf(list, "Cannot compact on type").filter((element) => !isEmpty(element)));
const uniq = fn([any], (list) => distinct(listOf(list, "Cannot find uniq on type")));
const without = variadic([any], any, (list, omitted) =>
  listOf(list, "Cannot find without on type").filter((element) => !omitted.some((other) => isDeepEqual(other, element))),
);
const has = fn(
  [any, any],
  (needle, haystack) => haystack !== null && listOf(haystack, "Cannot find has on type").some((element) => isDeepEqual(needle, element)),
);
const slice = variadic([any], any, cut);
const chunk = fn([int, any], chunks);
const list = variadic([], any, (values) => values);

/** Functions on lists; none but sortAlpha changes its argument. */
export const LIST_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  list,
  tuple: list,
  append: push,
  push,
  mustAppend: push,
  mustPush: push,
  prepend,
  mustPrepend: prepend,
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  compact,
  mustCompact: compact,
  uniq,
  mustUniq: uniq,
  without,
  mustWithout: without,
  has,
  mustHas: has,
  slice,
  mustSlice: slice,
  chunk,
  mustChunk: chunk,
  concat: variadic([], any, concat),
  sortAlpha: fn([any], sortTexts),
};

/** The texts in order. A []string is sorted in place: sprig does so, and templates can see it. */
function sortTexts(value: GoValue): GoValue {
  if (value instanceof Typed && value.type.name === "[]string") {
    if (value.raw !== null) (value.raw as string[]).sort(compareTexts);
    return value;
  }
  return stringSlice(elementsOf(value) === undefined ? [textOf(value)] : textsOf(value).sort(compareTexts));
}

function listOf(value: GoValue, complaint: string): readonly GoValue[] {
  if (value === null) throw new GoError("runtime error: invalid memory address or nil pointer dereference");
  const elements = elementsOf(value);
  if (elements === undefined) throw new GoError(`${complaint} ${kindNameOf(value)}`);
  return elements;
}

function distinct(elements: readonly GoValue[]): GoValue[] {
  const found: GoValue[] = [];
  const texts = new Set<string>();
  for (const element of elements) {
    // Texts are most lists; they need no search.
    if (typeof element === "string" ? texts.has(element) : found.some((other) => isDeepEqual(element, other))) continue;
    if (typeof element === "string") texts.add(element);
    found.push(element);
  }
  return found;
}

function cut(value: GoValue, indexes: readonly GoValue[]): GoValue {
  const elements = listOf(value, "list should be type of slice or array but");
  if (elements.length === 0) return null;
  const start = indexes.length > 0 ? toInt64(indexes[0] as GoValue) : 0n;
  const end = indexes.length > 1 ? toInt64(indexes[1] as GoValue) : BigInt(elements.length);
  if (start < 0n || start > end || end > BigInt(elements.length)) throw new GoError("reflect.Value.Slice: slice index out of bounds");
  if (value instanceof Uint8Array) return value.subarray(Number(start), Number(end));
  const part = elements.slice(Number(start), Number(end));
  return value instanceof Typed ? new Typed(value.type, part) : part;
}

function chunks(size: bigint, value: GoValue): GoValue {
  const elements = listOf(value, "Cannot chunk type");
  const width = Number(size);
  // Sprig computes with floats, and absurd widths come out as they may.
  const count = Math.floor((elements.length - 1) / width) + 1;
  if (!(count >= 0 && count <= elements.length)) throw new GoError("runtime error: makeslice: len out of range");
  const parts: GoValue[] = [];
  for (let part = 0; part < count; part++) {
    const length = part === count - 1 ? elements.length % width || width : width;
    if (length < 0) throw new GoError("runtime error: makeslice: len out of range");
    parts.push(elements.slice(part * width, part * width + length));
  }
  return new Typed(SLICE_OF_SLICES, parts);
}

function concat(lists: readonly GoValue[]): GoValue {
  const all: GoValue[] = [];
  for (const one of lists) {
    if (one === null) throw new GoError("runtime error: invalid memory address or nil pointer dereference");
    const elements = elementsOf(one);
    if (elements === undefined) throw new GoError(`Cannot concat type ${kindNameOf(one)} as list`);
    for (const element of elements) all.push(element);
  }
  return all.length === 0 ? NIL_SLICE : all;
}
