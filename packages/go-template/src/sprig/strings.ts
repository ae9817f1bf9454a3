import {
  byteLength,
  bytesFromText,
  GoError,
  type GoFunction,
  type GoValue,
  normalizeText,
  quote,
  STRING_MAP,
  sprintf,
  stringSlice,
  Typed,
  textFromBytes,
} from "@invar/go-compat";
import { any, fn, int, text, variadic } from "../function.ts";
import { decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from "./base-encoding.ts";
import { isSpace, toLower, toUpper } from "./letters.ts";
import { textOf, textsOf } from "./text-value.ts";
import {
  abbreviate,
  checkedSize,
  initials,
  swapCase,
  titleWords,
  toConnectedCase,
  toPascalCase,
  uncapitalizeWords,
  withoutSpace,
  wrap,
} from "./words.ts";

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
  trimall: fn([text, text], (cut, from) => trimCharacters(from, cut)),
  trimAll: fn([text, text], (cut, from) => trimCharacters(from, cut)),
  trimSuffix: fn([text, text], (end, from) =>
    alike(end, from, (suffix, whole) => (suffix !== "" && whole.endsWith(suffix) ? whole.slice(0, -suffix.length) : whole)),
  ),
  trimPrefix: fn([text, text], (start, from) =>
    alike(start, from, (prefix, whole) => (whole.startsWith(prefix) ? whole.slice(prefix.length) : whole)),
  ),
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
  contains: fn([text, text], (part, from) => alike(part, from, (found, whole) => whole.includes(found))),
  hasPrefix: fn([text, text], (start, from) => alike(start, from, (prefix, whole) => whole.startsWith(prefix))),
  hasSuffix: fn([text, text], (end, from) => alike(end, from, (suffix, whole) => whole.endsWith(suffix))),
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
  replace: fn([text, text, text], (old, replacement, from) => replaceAll(from, old, replacement)),
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

/** Go's `strings.TrimSpace`. */
export function trimSpace(from: string): string {
  let start = 0;
  let end = from.length;
  while (start < end && isSpace(from[start] as string)) start++;
  while (end > start && isSpace(from[end - 1] as string)) end--;
  return from.slice(start, end);
}

/** Go's `strings.Trim`: the characters of the second text are cut from both ends. */
export function trimCharacters(from: string, cut: string): string {
  const cutting = new Set(cut);
  const characters = [...from];
  let start = 0;
  let end = characters.length;
  while (start < end && cutting.has(characters[start] as string)) start++;
  while (end > start && cutting.has(characters[end - 1] as string)) end--;
  return characters.slice(start, end).join("");
}

/** Go's `strings.Split` and `SplitN`: an empty separator cuts between characters; a negative limit means all. */
export function splitText(whole: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  const parts = separator === "" ? [...whole] : alike(separator, whole, (cut, from) => from.split(cut));
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), normalizeText(parts.slice(limit - 1).join(separator))];
}

/** Go's `strings.ReplaceAll`. */
export function replaceAll(from: string, old: string, replacement: string): string {
  if (old === "") {
    const characters = [...from];
    checkedSize((characters.length + 1) * replacement.length, "the text");
    return replacement + characters.map((character) => character + replacement).join("");
  }
  // Not by String.replaceAll, for which "$&" in the replacement has a meaning.
  const parts = alike(old, from, (cut, whole) => whole.split(cut));
  checkedSize(from.length + parts.length * replacement.length, "the text");
  return parts.join(replacement);
}

/**
 * Compares two texts: as they are, or, when the first has bytes that are not UTF-8 and so may be half of a character of the
 * second, byte by byte. What comes out is text again.
 */
function alike<Result extends string | boolean | string[]>(
  part: string,
  whole: string,
  compare: (part: string, whole: string) => Result,
): Result {
  if (part.isWellFormed()) return compare(part, whole);
  const bytewise = compare(Buffer.from(bytesFromText(part)).toString("latin1"), Buffer.from(bytesFromText(whole)).toString("latin1"));
  const toText = (latin1: string): string => textFromBytes(Buffer.from(latin1, "latin1"));
  if (typeof bytewise === "string") return toText(bytewise) as Result;
  return (Array.isArray(bytewise) ? bytewise.map(toText) : bytewise) as Result;
}

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
  return pad + replaceAll(lines, "\n", `\n${pad}`);
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
