import type { Regexp } from "@invar/go-compat";
import type { Getter } from "../getter.ts";
import type { Frame } from "../telemetry/frame.ts";
import { formatted } from "../text/printed.ts";
import { StatementError, type Value, type ValueMap } from "../value.ts";
import { changed, withTexts } from "./editors.ts";
import {
  constantString,
  define,
  type FunctionDefinition,
  mapTarget,
  optional,
  string,
  type TextFunction,
  target,
  textFunction,
} from "./function.ts";
import { type Glob, glob } from "./glob.ts";
import { pattern } from "./pattern.ts";

const extras = { function: optional(textFunction), replacement_format: optional(string) } as const;

/** Editors that replace text by wildcard or pattern. */
export const replacers: readonly FunctionDefinition[] = [
  define("replace_match", { target, pattern: string, replacement: string, ...extras }, (args) => {
    const matcher = globOf("replace_match", args.pattern);
    const replacement = wholeReplacement(args.replacement, args.function, args.replacement_format);
    return (frame) => {
      const matches = matcher(frame);
      const found = args.target.get(frame);
      const text = replacement(frame);
      if (typeof found === "string" && matches(found)) args.target.set(frame, text);
      return null;
    };
  }),

  define("replace_all_matches", { target: mapTarget, pattern: string, replacement: string, ...extras }, (args) => {
    const matcher = globOf("replace_all_matches", args.pattern);
    const replacement = wholeReplacement(args.replacement, args.function, args.replacement_format);
    return (frame) => {
      const matches = matcher(frame);
      const text = replacement(frame);
      return withTexts(args.target, frame, (found) => (matches(found) ? text : found));
    };
  }),

  define("replace_pattern", { target, regex_pattern: string, replacement: string, ...extras }, (args) => {
    const matcher = pattern("replace_pattern", args.regex_pattern);
    const replace = replacer(args.function, args.replacement_format);
    return (frame) => {
      const found = args.target.get(frame);
      if (found === null) return null;
      const template = args.replacement.get(frame);
      if (typeof found !== "string") return null;
      const regexp = matcher(frame);
      if (regexp.test(found)) args.target.set(frame, replace(frame, regexp, found, template));
      return null;
    };
  }),

  define(
    "replace_all_patterns",
    { target: mapTarget, mode: constantString, regex_pattern: string, replacement: string, ...extras },
    (args) => {
      const matcher = pattern("replace_all_patterns", args.regex_pattern);
      if (args.mode !== "key" && args.mode !== "value")
        throw new StatementError(`invalid mode ${args.mode}, must be either 'key' or 'value'`);
      const replace = replacer(args.function, args.replacement_format);
      return (frame) => {
        const template = args.replacement.get(frame);
        const regexp = matcher(frame);
        if (args.mode === "key") return changed(args.target, frame, (entries) => replaceKeys(entries, (key) => replaced(frame, key)));
        return withTexts(args.target, frame, (found) => replaced(frame, found) ?? found);

        /** Undefined where the function could not be applied. */
        function replaced(at: Frame, text: string): string | undefined {
          if (!regexp.test(text)) return text;
          try {
            return replace(at, regexp, text, template);
          } catch (error) {
            if (error instanceof StatementError) return undefined;
            throw error;
          }
        }
      };
    },
  ),
];

/** What could not be replaced is left out, as by the incumbent. */
function replaceKeys(entries: ValueMap, replace: (key: string) => string | undefined): void {
  const before = [...entries];
  entries.clear();
  for (const [key, each] of before) {
    const after = replace(key);
    if (after !== undefined) entries.set(after, each);
  }
}

function globOf(name: string, text: Getter<string>): (frame: Frame) => Glob {
  if (text.literal === undefined) return (frame) => glob(name, text.get(frame));
  const known = glob(name, text.literal.value);
  return () => known;
}

function wholeReplacement(
  replacement: Getter<string>,
  make: TextFunction | undefined,
  format: Getter<string> | undefined,
): (frame: Frame) => string {
  if (make === undefined) return replacement.get;
  const apply = make(replacement);
  return (frame) => {
    const result = apply(frame);
    if (typeof result !== "string") throw new StatementError("replacement value is not a string");
    return inFormat(frame, format, result);
  };
}

type Replace = (frame: Frame, regexp: Regexp, text: string, template: string) => string;

function replacer(make: TextFunction | undefined, format: Getter<string> | undefined): Replace {
  if (make === undefined) return (_, regexp, text, template) => regexp.replaceAll(text, template);
  let input = "";
  const apply: (frame: Frame) => Value = make({ get: () => input });
  return (frame, regexp, text, template) => {
    let result = "";
    let copied = 0;
    for (const match of regexp.matches(text)) {
      input = regexp.expand(template, match);
      const made = apply(frame);
      if (typeof made !== "string") throw new StatementError("the replacement value must be a string");
      result += text.slice(copied, match.start) + inFormat(frame, format, made);
      copied = match.end;
    }
    return result + text.slice(copied);
  };
}

function inFormat(frame: Frame, format: Getter<string> | undefined, text: string): string {
  if (format === undefined) return text;
  const template = format.get(frame);
  if (!/^.*?%s.*?$/.test(template) || /%[^s]/.test(template))
    throw new StatementError("replacementFormat must be format string containing a single %s and no other format specifiers");
  return formatted(template, [text]);
}
