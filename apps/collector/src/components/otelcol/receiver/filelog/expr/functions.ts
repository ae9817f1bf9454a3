import type { EntryValue } from "../entry.ts";
import { fromJson, toJson } from "../json.ts";
import { ExpressionError } from "./parse.ts";
import { compare, integerOf, isEqual, kindOf, listOf, mapOf, memberOf, numberOf, numericOf, textOf, written } from "./values.ts";

type Values = readonly EntryValue[];

/** A function, and how many arguments it takes. */
export interface ExprFunction {
  readonly least: number;
  readonly most: number;
  call(values: Values): EntryValue;
}

const of = (least: number, most: number, call: (...values: EntryValue[]) => EntryValue): ExprFunction => ({
  least,
  most,
  call: (values) => call(...values),
});
const one = (call: (value: EntryValue) => EntryValue) => of(1, 1, call as (...values: EntryValue[]) => EntryValue);
const MAX_TEXT = 1 << 20;

/** The functions of expr-lang that take values; those that ask about each element are in `predicates.ts`. */
export const functions: Readonly<Record<string, ExprFunction>> = {
  len: one((value) => BigInt(typeof value === "string" ? [...value].length : value instanceof Map ? value.size : listOf(value).length)),
  type: one(kindOf),
  abs: one((value) => {
    const number = numericOf(value);
    return number < 0 ? -number : number;
  }),
  ceil: one((value) => Math.ceil(numberOf(value))),
  floor: one((value) => Math.floor(numberOf(value))),
  // Halves go away from zero.
  round: one((value) => Math.sign(numberOf(value)) * Math.round(Math.abs(numberOf(value)))),
  int: one((value) => BigInt(Math.trunc(parsedNumber(value, "int")))),
  float: one((value) => parsedNumber(value, "float")),
  string: one(written),
  upper: one((text) => textOf(text).toUpperCase()),
  lower: one((text) => textOf(text).toLowerCase()),
  trim: of(1, 2, (text, set) => {
    if (set === undefined) return textOf(text).trim();
    const without = new Set(textOf(set));
    const characters = [...textOf(text)];
    const from = characters.findIndex((each) => !without.has(each));
    return from < 0 ? "" : characters.slice(from, characters.findLastIndex((each) => !without.has(each)) + 1).join("");
  }),
  trimPrefix: of(1, 2, (text, prefix = " ") =>
    textOf(text).startsWith(textOf(prefix)) ? textOf(text).slice(textOf(prefix).length) : textOf(text),
  ),
  trimSuffix: of(1, 2, (text, suffix = " ") =>
    textOf(text).endsWith(textOf(suffix)) ? textOf(text).slice(0, textOf(text).length - textOf(suffix).length) : textOf(text),
  ),
  split: of(2, 3, (text, at, most) => split(textOf(text), textOf(at), most, false)),
  splitAfter: of(2, 3, (text, at, most) => split(textOf(text), textOf(at), most, true)),
  replace: of(3, 4, (text, from, to, most) => replaced(textOf(text), textOf(from), textOf(to), most)),
  repeat: of(2, 2, (text, count) => {
    const times = Number(integerOf(count as EntryValue));
    if (times < 0 || times * textOf(text as EntryValue).length > MAX_TEXT) throw new ExpressionError("memory budget exceeded");
    return textOf(text as EntryValue).repeat(times);
  }),
  join: of(1, 2, (list, glue = "") => listOf(list).map(textOf).join(textOf(glue))),
  indexOf: of(2, 2, (text, part) => BigInt(byteIndex(textOf(text), textOf(text).indexOf(textOf(part))))),
  lastIndexOf: of(2, 2, (text, part) => BigInt(byteIndex(textOf(text), textOf(text).lastIndexOf(textOf(part))))),
  hasPrefix: of(2, 2, (text, part) => textOf(text).startsWith(textOf(part))),
  hasSuffix: of(2, 2, (text, part) => textOf(text).endsWith(textOf(part))),
  max: of(1, Number.POSITIVE_INFINITY, (...values) => extreme(values, 1)),
  min: of(1, Number.POSITIVE_INFINITY, (...values) => extreme(values, -1)),
  mean: of(1, Number.POSITIVE_INFINITY, (...values) => {
    const numbers = numbersOf(values);
    return numbers.length === 0 ? 0 : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  }),
  median: of(1, Number.POSITIVE_INFINITY, (...values) => {
    const sorted = numbersOf(values).sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    if (sorted.length === 0) return 0;
    return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  }),
  toJSON: one((value) => JSON.stringify(toJson(value), undefined, 2)),
  fromJSON: one((text) => fromJson(textOf(text), false)),
  toBase64: one((text) => Buffer.from(textOf(text)).toString("base64")),
  fromBase64: one((text) => Buffer.from(textOf(text), "base64").toString()),
  first: one((list) => listOf(list)[0] ?? null),
  last: one((list) => listOf(list).at(-1) ?? null),
  get: of(2, 2, (object, key) => {
    if (object === null) return null;
    if (Array.isArray(object)) return object.at(Number(integerOf(key as EntryValue))) ?? null;
    return memberOf(object as EntryValue, key as EntryValue);
  }),
  take: of(2, 2, (list, count) => listOf(list).slice(0, Math.max(0, Number(integerOf(count))))),
  keys: one((map) => [...mapOf(map).keys()]),
  values: one((map) => [...mapOf(map).values()]),
  toPairs: one((map) => [...mapOf(map)]),
  fromPairs: one(
    (pairs) =>
      new Map(
        listOf(pairs).map((pair) => {
          const [key = null, value = null] = listOf(pair);
          if (listOf(pair).length !== 2) throw new ExpressionError(`invalid pair ${written(pair)}`);
          return [textOf(key), value];
        }),
      ),
  ),
  reverse: one((list) => listOf(list).toReversed()),
  uniq: one((list) => {
    const kept: EntryValue[] = [];
    for (const each of listOf(list)) if (!kept.some((other) => isEqual(other, each))) kept.push(each);
    return kept;
  }),
  concat: of(1, Number.POSITIVE_INFINITY, (...lists) => lists.flatMap(listOf)),
  flatten: one((list) => flattened(listOf(list))),
  sort: of(1, 2, (list, order = "asc") => listOf(list).toSorted(directed(order))),
  bitand: of(2, 2, (a, b) => integerOf(a) & integerOf(b)),
  bitor: of(2, 2, (a, b) => integerOf(a) | integerOf(b)),
  bitxor: of(2, 2, (a, b) => integerOf(a) ^ integerOf(b)),
  bitnand: of(2, 2, (a, b) => integerOf(a) & ~integerOf(b)),
  bitnot: one((a) => ~integerOf(a)),
  bitshl: of(2, 2, (a, by) => BigInt.asIntN(64, integerOf(a) << shift(by))),
  bitshr: of(2, 2, (a, by) => integerOf(a) >> shift(by)),
  bitushr: of(2, 2, (a, by) => BigInt.asIntN(64, BigInt.asUintN(64, integerOf(a)) >> shift(by))),
  env: one((name) => process.env[textOf(name)] ?? ""),
};

/** How elements are sorted: `asc` or `desc`. */
export function directed(order: EntryValue): (a: EntryValue, b: EntryValue) => number {
  if (order === "asc") return compare;
  if (order === "desc") return (a, b) => compare(b, a);
  throw new ExpressionError(`invalid order ${written(order)}, expected asc or desc`);
}

function parsedNumber(value: EntryValue, name: string): number {
  if (typeof value !== "string") return numberOf(value);
  const pattern = name === "int" ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
  if (!pattern.test(value)) throw new ExpressionError(`invalid operation: ${name}(${value})`);
  return Number(value);
}

function split(text: string, at: string, most: EntryValue | undefined, keepsEnds: boolean): EntryValue {
  const limit = most === undefined ? -1 : Number(integerOf(most));
  if (limit === 0) return [];
  const parts = at === "" ? [...text] : text.split(at);
  const glue = at;
  const kept = limit > 0 && parts.length > limit ? [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(glue)] : parts;
  return keepsEnds ? kept.map((part, i) => (i < kept.length - 1 ? part + at : part)) : kept;
}

function replaced(text: string, from: string, to: string, most: EntryValue | undefined): string {
  const limit = most === undefined ? -1 : Number(integerOf(most));
  if (limit < 0) return text.replaceAll(from, () => to);
  const parts = text.split(from);
  const times = Math.min(limit, parts.length - 1);
  return (
    parts.slice(0, times + 1).join(to) +
    parts
      .slice(times + 1)
      .map((part) => from + part)
      .join("")
  );
}

/** Positions are counted in bytes. */
function byteIndex(text: string, index: number): number {
  return index < 0 ? -1 : Buffer.byteLength(text.slice(0, index));
}

function numbersOf(values: Values): number[] {
  return values.flatMap((value) => (Array.isArray(value) ? numbersOf(value) : [numberOf(value)]));
}

function extreme(values: Values, sign: 1 | -1): EntryValue {
  const all = flattened(values);
  if (all.length === 0) throw new ExpressionError(`not enough arguments to call ${sign > 0 ? "max" : "min"}`);
  return all.reduce((best, each) => (sign * compare(numericOf(each), best) > 0 ? each : best));
}

function flattened(list: Values): EntryValue[] {
  return list.flatMap((each) => (Array.isArray(each) ? flattened(each) : [each]));
}

function shift(by: EntryValue): bigint {
  const count = integerOf(by);
  if (count < 0n) throw new ExpressionError("negative shift count");
  return count > 64n ? 64n : count;
}
