import { compileRegexp } from "@invar/go-compat";
import { bool, defaulted, many, map, optional, string } from "../../../../component/arguments.ts";
import type { Frame } from "../frame.ts";
import { defineStage, inputOf, patternError, type Stage } from "../stage.ts";
import { compileJmespath, jmespathError } from "./jmespath.ts";

export const json = defineStage(
  many(
    "Extracts values from JSON.",
    {
      arguments: {
        expressions: optional(map(string), "JMESPath expressions, by the names of what they extract; an empty one is the name itself."),
        regex: defaulted(string, "Extracts the values of all keys that match.", ""),
        drop_malformed: defaulted(bool, "Drops lines that are no JSON object.", false),
        source: optional(string, "The extracted value to read, instead of the line.", {
          check: (name) => (name === "" ? "empty source" : undefined),
        }),
      },
    },
    {
      check: (args, report) => {
        if (Object.keys(args.expressions ?? {}).length === 0 && args.regex === "") report("JMES expressions or regex is required");
        for (const [name, expression] of Object.entries(args.expressions ?? {})) {
          const error = jmespathError(expression === "" ? name : expression);
          if (error !== undefined) report(`could not compile JMES expression: ${error}`, "expressions");
        }
        const error = patternError(() => compileRegexp(args.regex));
        if (error !== undefined) report(error, "regex");
      },
    },
  ),
  (args, context): Stage => {
    const input = inputOf(context, args.source);
    const expressions = Object.entries(args.expressions ?? {}).map(([name, expression]) => ({
      slot: context.names.slot(name),
      search: compileJmespath(expression === "" ? name : expression),
    }));
    const regexp = args.regex === "" ? undefined : compileRegexp(args.regex);
    const dropped = args.drop_malformed ? context.counters.dropped.of("malformed_json") : undefined;
    /** False where there is something to read and it is no JSON object. */
    const extract = (frame: Frame, row: number): boolean => {
      const text = input(frame, row);
      if (text === undefined) return true;
      const document = parseObject(text);
      if (document === undefined) return false;
      for (const { slot, search } of expressions) {
        const found = search(document);
        if (found !== undefined) frame.extracted.set(row, slot, simplified(found));
      }
      if (regexp !== undefined)
        for (const [key, value] of Object.entries(document ?? {}))
          if (regexp.test(key)) frame.extracted.setNamed(row, key, simplified(value));
      return true;
    };
    return {
      run(frame, selection) {
        const { rows, count } = selection;
        let kept = 0;
        for (let i = 0; i < count; i++) {
          const row = rows[i] as number;
          if (extract(frame, row) || dropped === undefined) rows[kept++] = row;
          else dropped.add(1);
        }
        selection.count = kept;
      },
    };
  },
);

/** The object, null for `null`, and undefined for anything else. */
function parseObject(text: string): Record<string, unknown> | null | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && !Array.isArray(document) ? (document as Record<string, unknown> | null) : undefined;
  } catch {
    // No JSON: counted where the arguments say so, and otherwise no fault of the line's.
    return undefined;
  }
}

/** Text, numbers, booleans and null as they are; the rest as JSON, with the characters escaped that could be HTML. */
function simplified(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
