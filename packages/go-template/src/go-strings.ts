import { bytesFromText, type GoFunction, normalizeText, textFromBytes } from "@invar/go-compat";
import { fn, int, text } from "./function.ts";
import { isSpace, toLower, toUpper } from "./letters.ts";
import { checkedSize } from "./size-limit.ts";

/** Functions of Go's package strings under their own names and with its order of arguments, for who wants them in templates. */
export const GO_STRING_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  ToLower: fn([text], toLower),
  ToUpper: fn([text], toUpper),
  Replace: fn([text, text, text, int], (from, old, replacement, limit) => replaceText(from, old, replacement, Number(limit))),
  Trim: fn([text, text], (from, cut) => trimCharacters(from, cut, "both")),
  TrimLeft: fn([text, text], (from, cut) => trimCharacters(from, cut, "left")),
  TrimRight: fn([text, text], (from, cut) => trimCharacters(from, cut, "right")),
  TrimPrefix: fn([text, text], trimPrefix),
  TrimSuffix: fn([text, text], trimSuffix),
  TrimSpace: fn([text], trimSpace),
};

/** Go's `strings.TrimSpace`. */
export function trimSpace(from: string): string {
  let start = 0;
  let end = from.length;
  while (start < end && isSpace(from[start] as string)) start++;
  while (end > start && isSpace(from[end - 1] as string)) end--;
  return from.slice(start, end);
}

/** Go's `strings.Trim`: the characters of the second text are cut from both ends, or from one. */
export function trimCharacters(from: string, cut: string, side: "both" | "left" | "right"): string {
  const cutting = new Set(cut);
  const characters = [...from];
  let start = 0;
  let end = characters.length;
  if (side !== "right") while (start < end && cutting.has(characters[start] as string)) start++;
  if (side !== "left") while (end > start && cutting.has(characters[end - 1] as string)) end--;
  return characters.slice(start, end).join("");
}

export function trimPrefix(from: string, prefix: string): string {
  return alike(prefix, from, (start, whole) => (whole.startsWith(start) ? whole.slice(start.length) : whole));
}

export function trimSuffix(from: string, suffix: string): string {
  return alike(suffix, from, (end, whole) => (end !== "" && whole.endsWith(end) ? whole.slice(0, -end.length) : whole));
}

export function contains(whole: string, part: string): boolean {
  return alike(part, whole, (found, from) => from.includes(found));
}

export function hasPrefix(whole: string, prefix: string): boolean {
  return alike(prefix, whole, (start, from) => from.startsWith(start));
}

export function hasSuffix(whole: string, suffix: string): boolean {
  return alike(suffix, whole, (end, from) => from.endsWith(end));
}

/** Go's `strings.SplitN`: an empty separator cuts between characters; a negative limit means all. */
export function splitText(whole: string, separator: string, limit: number): string[] {
  if (limit === 0) return [];
  const parts = separator === "" ? [...whole] : alike(separator, whole, (cut, from) => from.split(cut));
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), normalizeText(parts.slice(limit - 1).join(separator))];
}

/** Go's `strings.Replace`: an empty old text stands before each character and at the end; a negative limit means all. */
export function replaceText(from: string, old: string, replacement: string, limit: number): string {
  const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  if (old === "") {
    const characters = ["", ...from];
    const replaced = Math.min(most, characters.length);
    checkedSize(replaced * replacement.length, "the text");
    return characters.map((character, index) => (index < replaced ? character + replacement : character)).join("");
  }
  // Not by String.replaceAll, for which "$&" in the replacement has a meaning.
  const parts = alike(old, from, (cut, whole) => whole.split(cut));
  const replaced = Math.min(most, parts.length - 1);
  checkedSize(replaced * replacement.length, "the text");
  return [parts.slice(0, replaced + 1).join(replacement), ...parts.slice(replaced + 1)].join(old);
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
