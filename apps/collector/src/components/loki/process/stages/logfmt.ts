import { compileRegexp } from "@invar/go-compat";
import { defaulted, many, map, optional, string } from "../../../../component/arguments.ts";
import { changing, defineStage, inputOf, patternError } from "../stage.ts";

export const logfmt = defineStage(
  many(
    "Extracts values from lines in logfmt.",
    {
      arguments: {
        mapping: optional(map(string), "The fields to extract, by the names of the extracted values; an empty one has the name itself."),
        regex: defaulted(string, "Extracts all fields whose names match.", ""),
        source: defaulted(string, "The extracted value to read, instead of the line.", ""),
      },
    },
    {
      check: (args, report) => {
        if (Object.keys(args.mapping ?? {}).length === 0 && args.regex === "") report("logfmt mapping or regex is required");
        const error = patternError(() => compileRegexp(args.regex));
        if (error !== undefined) report(error, "regex");
      },
    },
  ),
  (args, context) => {
    const input = inputOf(context, args.source);
    const slots = new Map(
      Object.entries(args.mapping ?? {}).map(([name, field]) => [field === "" ? name : field, context.names.slot(name)]),
    );
    const regexp = args.regex === "" ? undefined : compileRegexp(args.regex);
    return changing((frame, row) => {
      const text = input(frame, row);
      if (text === undefined) return;
      readLogfmt(text, (key, value) => {
        const slot = slots.get(key);
        if (slot !== undefined) frame.extracted.set(row, slot, value);
        if (regexp?.test(key) === true) frame.extracted.setNamed(row, key, value);
      });
    });
  },
);

/** Calls back for each field, `key=value`, `key="value"` or `key`, up to the first that is malformed. */
export function readLogfmt(text: string, onField: (key: string, value: string) => void): void {
  let at = 0;
  for (;;) {
    while (at < text.length && text.charCodeAt(at) <= SPACE) at++;
    if (at >= text.length) return;
    const keyStart = at;
    while (at < text.length && text.charCodeAt(at) > SPACE && text[at] !== "=" && text[at] !== '"') at++;
    const key = text.slice(keyStart, at);
    if (text[at] === '"' || key === "" || key.includes("\ufffd") || !key.isWellFormed()) return;
    if (text[at] !== "=") {
      onField(key, "");
      continue;
    }
    at++;
    if (text[at] === '"') {
      const end = endOfQuoted(text, at);
      if (end < 0) return;
      const value = unquoted(text.slice(at, end));
      if (value === undefined) return;
      onField(key, value);
      at = end;
      continue;
    }
    const valueStart = at;
    while (at < text.length && text.charCodeAt(at) > SPACE && text[at] !== "=" && text[at] !== '"') at++;
    if (text[at] === "=" || text[at] === '"') return;
    onField(key, text.slice(valueStart, at));
  }
}

const SPACE = 0x20;

function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\n") return -1;
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
}

/** The escapes are JSON's, and "'" besides. */
function unquoted(literal: string): string | undefined {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  let isValid = true;
  const text = literal.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/'bfnrt])|)/g, (_, hex?: string, simple?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (simple !== undefined) return SIMPLE[simple] ?? simple;
    isValid = false;
    return "";
  });
  return isValid ? text.toWellFormed() : undefined;
}

const SIMPLE: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
