import {
  byteLength,
  bytesFromText,
  GoError,
  type GoFunction,
  type GoValue,
  quote,
  STRING_MAP,
  sprintf,
  stringSlice,
  Typed,
  textFromBytes,
} from "@invar/go-compat";
import { any, fn, int, text, variadic } from "../function.ts";
import {
  contains,
  hasPrefix,
  hasSuffix,
  replaceText,
  splitText,
  trimCharacters,
  trimPrefix,
  trimSpace,
  trimSuffix,
} from "../go-strings.ts";
import { toLower, toUpper } from "../letters.ts";
import { checkedSize } from "../size-limit.ts";
import { decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from "./base-encoding.ts";
import { textOf, textsOf } from "./text-value.ts";
import {
  abbreviate,
  initials,
  swapCase,
  titleWords,
  toConnectedCase,
  toPascalCase,
  uncapitalizeWords,
  withoutSpace,
  wrap,
} from "./words.ts";

const trimAll = fn([text, text], (cut, from) => trimCharacters(from, cut, "both"));

/** Functions on texts. */
export const STRING_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  hello: fn([], () => "Hello!"),
  trim: fn([text], trimSpace),
  upper: fn([text], toUpper),
  lower: fn([text], toLower),
  title: fn([text], titleWords),
  untitle: fn([text], uncapitalizeWords),
  substr: fn([int, int, text], substring),
  repeat: fn([int, text], repeat),
  trimall: trimAll,
  trimAll,
  trimSuffix: fn([text, text], (end, from) => trimSuffix(from, end)),
  trimPrefix: fn([text, text], (start, from) => trimPrefix(from, start)),
  nospace: fn([text], withoutSpace),
  initials: fn([text], initials),
  swapcase: fn([text], swapCase),
  snakecase: fn([text], (words) => toConnectedCase(words, "_")),
  camelcase: fn([text], toPascalCase),
  kebabcase: fn([text], (words) => toConnectedCase(words, "-")),
  abbrev: fn([int, text], (width, long) => (width < 4n ? long : abbreviate(long, 0, Number(width)))),
  abbrevboth: fn([int, int, text], (left, right, long) =>
    right < 4n || (left > 0n && right < 7n) ? long : abbreviate(long, Number(left), Number(right)),
  ),
  trunc: fn([int, text], truncate),
  wrap: fn([int, text], (width, long) => wrap(long, Number(width), "", false)),
  wrapWith: fn([int, text, text], (width, newLine, long) => wrap(long, Number(width), newLine, true)),
  contains: fn([text, text], (part, whole) => contains(whole, part)),
  hasPrefix: fn([text, text], (start, whole) => hasPrefix(whole, start)),
  hasSuffix: fn([text, text], (end, whole) => hasSuffix(whole, end)),
  quote: variadic([], any, (values) =>
    withoutNil(values)
      .map((value) => quote(textOf(value)))
      .join(" "),
  ),
  squote: variadic([], any, (values) =>
    withoutNil(values)
      .map((value) => sprintf("'%v'", [value]))
      .join(" "),
  ),
  cat: variadic([], any, (values) =>
    withoutNil(values)
      .map((value) => sprintf("%v", [value]))
      .join(" "),
  ),
  indent: fn([int, text], indent),
  nindent: fn([int, text], (spaces, lines) => `\n${indent(spaces, lines)}`),
  replace: fn([text, text, text], (old, replacement, from) => replaceText(from, old, replacement, -1)),
  plural: fn([text, text, int], (one, many, count) => (count === 1n ? one : many)),
  toString: fn([any], textOf),
  toStrings: fn([any], (value) => (value instanceof Typed && value.type.name === "[]string" ? value : stringSlice(textsOf(value)))),
  join: fn([text, any], join),
  split: fn([text, text], (separator, whole) => numbered(splitText(whole, separator, -1))),
  splitn: fn([text, int, text], (separator, limit, whole) => numbered(splitText(whole, separator, Number(limit)))),
  splitList: fn([text, text], (separator, whole) => stringSlice(splitText(whole, separator, -1))),
  b64enc: fn([text], encodeBase64),
  b64dec: fn([text], decodeBase64),
  b32enc: fn([text], encodeBase32),
  b32dec: fn([text], decodeBase32),
};

function withoutNil(values: readonly GoValue[]): readonly Exclude<GoValue, null>[] {
  return values.filter((value) => value !== null);
}

function join(separator: string, value: GoValue): string {
  const parts = textsOf(value);
  checkedSize(parts.length * separator.length, "the text");
  return parts.join(separator);
}

function indent(spaces: bigint, lines: string): string {
  const pad = repeat(spaces, " ");
  return pad + replaceText(lines, "\n", `\n${pad}`, -1);
}

function repeat(count: bigint, part: string): string {
  if (count < 0n) throw new GoError("strings: negative Repeat count");
  if (part === "") return "";
  checkedSize(Number(count) * part.length, "the text");
  return part.repeat(Number(count));
}

function truncate(length: bigint, whole: string): string {
  if (whole.length <= (length < 0n ? -length : length) && whole.isWellFormed() && byteLength(whole) === whole.length) return whole;
  const bytes = bytesFromText(whole);
  const size = BigInt(bytes.length);
  if (length < 0n && size + length > 0n) return textFromBytes(bytes.subarray(Number(size + length)));
  if (length >= 0n && size > length) return textFromBytes(bytes.subarray(0, Number(length)));
  return whole;
}

function substring(start: bigint, end: bigint, whole: string): string {
  const bytes = bytesFromText(whole);
  const length = BigInt(bytes.length);
  const from = start < 0n ? 0n : start;
  const to = start >= 0n && (end < 0n || end > length) ? length : end;
  if (to < 0n) throw outOfRange(`[:${to}]`);
  if (to > length) throw outOfRange(`[:${to}] with length ${length}`);
  if (from > to) throw outOfRange(`[${from}:${to}]`);
  return textFromBytes(bytes.subarray(Number(from), Number(to)));
}

function outOfRange(bounds: string): GoError {
  return new GoError(`runtime error: slice bounds out of range ${bounds}`);
}

function numbered(parts: readonly string[]): GoValue {
  return new Typed(STRING_MAP, new Map(parts.map((part, index) => [`_${index}`, part])));
}
