import { byteLength, bytesFromText, sliceByBytes } from "@invar/go-compat";
import { formatted } from "../text/printed.ts";
import { StatementError } from "../value.ts";
import {
  constantBoolean,
  constantString,
  define,
  type FunctionDefinition,
  integer,
  optional,
  string,
  stringLike,
  stringLikes,
  values,
} from "./function.ts";
import { camelCase, goLowerCase, goUpperCase, snakeCase } from "./letter-case.ts";
import { pattern } from "./pattern.ts";

/** Converters of text. */
export const textFunctions: readonly FunctionDefinition[] = [
  define("Concat", { vals: stringLikes, delimiter: string }, ({ vals, delimiter }) => (frame) => {
    const between = delimiter.get(frame);
    let text = "";
    for (let i = 0; i < vals.length; i++) {
      if (i > 0) text += between;
      text += vals[i]?.get(frame) ?? "<nil>";
    }
    return text;
  }),
  define(
    "Split",
    { target: string, delimiter: string },
    ({ target, delimiter }) =>
      (frame) =>
        split(target.get(frame), delimiter.get(frame)),
  ),
  define(
    "Format",
    { format: constantString, vals: values },
    ({ format, vals }) =>
      (frame) =>
        formatted(
          format,
          vals.map((each) => each.get(frame)),
        ),
  ),
  define(
    "HasPrefix",
    { target: string, prefix: string },
    ({ target, prefix }) =>
      (frame) =>
        target.get(frame).startsWith(prefix.get(frame)),
  ),
  define(
    "HasSuffix",
    { target: string, suffix: string },
    ({ target, suffix }) =>
      (frame) =>
        target.get(frame).endsWith(suffix.get(frame)),
  ),
  define("IsMatch", { target: stringLike, pattern: string }, ({ target, pattern: source }) => {
    const matcher = pattern("IsMatch", source);
    return (frame) => {
      const regexp = matcher(frame);
      const text = target.get(frame);
      return text !== null && regexp.test(text);
    };
  }),
  define("Trim", { target: string, replacement: optional(constantString) }, ({ target, replacement = " " }) => {
    const set = new Set(replacement);
    return (frame) => trimmed(target.get(frame), set);
  }),
  define("TrimPrefix", { target: string, prefix: string }, ({ target, prefix }) => (frame) => {
    const text = target.get(frame);
    const start = prefix.get(frame);
    return text.startsWith(start) ? text.slice(start.length) : text;
  }),
  define("TrimSuffix", { target: string, suffix: string }, ({ target, suffix }) => (frame) => {
    const text = target.get(frame);
    const end = suffix.get(frame);
    return text.endsWith(end) ? text.slice(0, text.length - end.length) : text;
  }),
  define("Substring", { target: string, start: integer, length: integer, utf8_safe: optional(constantBoolean) }, (args) => (frame) => {
    const start = args.start.get(frame);
    if (start < 0n) throw new StatementError(`invalid start for substring function, ${start} cannot be negative`);
    const length = args.length.get(frame);
    if (length <= 0n) throw new StatementError(`invalid length for substring function, ${length} cannot be negative or zero`);
    const text = args.target.get(frame);
    const size = BigInt(byteLength(text));
    if (start > size || length > size - start)
      throw new StatementError(
        `invalid range for substring function, start(${start})+length(${length}) cannot be greater than the length of target string(${size})`,
      );
    return substring(text, Number(start), Number(start + length), args.utf8_safe === true);
  }),
  define(
    "ToLowerCase",
    { target: string },
    ({ target }) =>
      (frame) =>
        goLowerCase(target.get(frame)),
  ),
  define(
    "ToUpperCase",
    { target: string },
    ({ target }) =>
      (frame) =>
        goUpperCase(target.get(frame)),
  ),
  define(
    "ToCamelCase",
    { target: string },
    ({ target }) =>
      (frame) =>
        camelCase(target.get(frame)),
  ),
  define(
    "ToSnakeCase",
    { target: string },
    ({ target }) =>
      (frame) =>
        snakeCase(target.get(frame)),
  ),
  define("ConvertCase", { target: string, to_case: constantString }, ({ target, to_case: name }) => {
    const convert = conversions[name];
    if (convert === undefined) throw new StatementError(`invalid case: ${name}, allowed cases are: lower, upper, snake, camel`);
    return (frame) => convert(target.get(frame));
  }),
  define("IsValidLuhn", { target: stringLike }, ({ target }) => (frame) => {
    const text = target.get(frame);
    if (text === null) throw new StatementError("invalid input: <nil>");
    return isValidLuhn(text.replaceAll(" ", ""));
  }),
];

const conversions: Readonly<Record<string, (text: string) => string>> = {
  __proto__: null as never,
  lower: goLowerCase,
  upper: goUpperCase,
  snake: snakeCase,
  camel: camelCase,
};

function split(text: string, delimiter: string): string[] {
  return delimiter === "" ? [...text] : text.split(delimiter);
}

function trimmed(text: string, set: ReadonlySet<string>): string {
  const characters = [...text];
  let start = 0;
  let end = characters.length;
  while (start < end && set.has(characters[start] as string)) start++;
  while (end > start && set.has(characters[end - 1] as string)) end--;
  return start === 0 && end === characters.length ? text : characters.slice(start, end).join("");
}

function substring(text: string, from: number, to: number, isSafe: boolean): string {
  if (!isSafe) return sliceByBytes(text, from, to);
  const bytes = bytesFromText(text);
  const isInside = (at: number) => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let start = from;
  let end = to;
  while (start < bytes.length && isInside(start)) start++;
  while (start < end && end < bytes.length && isInside(end)) end--;
  return sliceByBytes(text, start, Math.max(start, end));
}

function isValidLuhn(digits: string): boolean {
  if (digits === "") return false;
  let sum = 0;
  for (let i = digits.length - 1; i >= 0; i--) {
    const character = digits[i] as string;
    if (!/\d/.test(character)) throw new StatementError(`strconv.Atoi: parsing ${JSON.stringify(character)}: invalid syntax`);
    const digit = Number(character);
    if ((digits.length - 1 - i) % 2 === 0) sum += i === digits.length - 1 ? 0 : digit;
    else sum += digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
  }
  return (10 - (sum % 10)) % 10 === Number(digits[digits.length - 1]);
}
