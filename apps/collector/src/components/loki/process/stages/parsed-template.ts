import { hash } from "node:crypto";
import { bytesFromText, compileRegexp, GoError, type GoFunction, type GoMap } from "@invar/go-compat";
import { type FunctionTable, fn, int, parseTemplate, sprigFunctions, text } from "@invar/go-template";
import { toLowerCase, toUpperCase } from "../../../../relabel/simple-case.ts";

const NAME = "pipeline_template";

/** Compiles a template; undefined is its result with data with which it fails. */
export function parsedTemplate(source: string): (data: GoMap) => string | undefined {
  const set = parseTemplate(NAME, source, { functions: allFunctions() });
  return (data) => {
    try {
      return set.execute(NAME, data);
    } catch (error) {
      if (error instanceof GoError) return undefined;
      throw error;
    }
  };
}

/** What is wrong with a template. */
export function faultIn(source: string): string | undefined {
  try {
    parseTemplate(NAME, source, { functions: allFunctions() });
    return undefined;
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}

const own: readonly (readonly [string, GoFunction])[] = [
  ["ToLower", fn([text], toLowerCase)],
  ["ToUpper", fn([text], toUpperCase)],
  ["Replace", fn([text, text, text, int], (value, old, replacement, count) => replaceSome(value, old, replacement, Number(count)))],
  ["Trim", fn([text, text], (value, cut) => trimLeft(trimRight(value, cut), cut))],
  ["TrimLeft", fn([text, text], trimLeft)],
  ["TrimRight", fn([text, text], trimRight)],
  ["TrimPrefix", fn([text, text], (value, prefix) => (value.startsWith(prefix) ? value.slice(prefix.length) : value))],
  ["TrimSuffix", fn([text, text], (value, suffix) => (suffix !== "" && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value))],
  ["TrimSpace", fn([text], (value) => value.replace(/^[\s\x85]+|[\s\x85]+$/g, ""))],
  ["Hash", fn([text, text], (salt, value) => hash("sha3-256", bytesFromText(salt + value), "hex"))],
  ["Sha2Hash", fn([text, text], (salt, value) => hash("sha256", bytesFromText(salt + value), "hex"))],
  ["regexReplaceAll", fn([text, text, text], (pattern, value, replacement) => compiled(pattern).replaceAll(value, replacement))],
  [
    "regexReplaceAllLiteral",
    fn([text, text, text], (pattern, value, replacement) => compiled(pattern).replaceAllLiteral(value, replacement)),
  ],
];

let table: FunctionTable | undefined;

/** Sprig's functions, and our own in place of those of the same name. */
function allFunctions(): FunctionTable {
  table ??= new Map([...sprigFunctions({ environment: (name) => process.env[name] ?? "" }), ...own]);
  return table;
}

const patterns = new Map<string, ReturnType<typeof compileRegexp>>();

// Patterns stand in the template, or are made by it from data: those that come again are compiled once.
function compiled(pattern: string): ReturnType<typeof compileRegexp> {
  let regexp = patterns.get(pattern);
  if (regexp === undefined) {
    if (patterns.size >= 1000) patterns.clear();
    regexp = compileRegexp(pattern);
    patterns.set(pattern, regexp);
  }
  return regexp;
}

function trimLeft(value: string, cut: string): string {
  const signs = new Set(cut);
  const all = [...value];
  let at = 0;
  while (at < all.length && signs.has(all[at] as string)) at++;
  return all.slice(at).join("");
}

function trimRight(value: string, cut: string): string {
  const signs = new Set(cut);
  const all = [...value];
  let end = all.length;
  while (end > 0 && signs.has(all[end - 1] as string)) end--;
  return all.slice(0, end).join("");
}

function replaceSome(value: string, old: string, replacement: string, count: number): string {
  if (count === 0 || old === replacement) return value;
  if (old !== "" && count < 0) return value.replaceAll(old, () => replacement);
  // An empty text stands before and after each character.
  const parts = old === "" ? ["", ...value, ""] : value.split(old);
  let result = parts[0] as string;
  for (let at = 1; at < parts.length; at++) result += (count < 0 || at <= count ? replacement : old) + parts[at];
  return result;
}
