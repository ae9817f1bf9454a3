import { compileRegexp, quoteMeta } from "@invar/go-compat";
import { bytes, defaulted, duration, many, string } from "../../../../component/arguments.ts";
import type { Frame } from "../frame.ts";
import { defineStage, filtering, patternError, textOf } from "../stage.ts";

export const drop = defineStage(
  many(
    "Drops lines for which all conditions hold.",
    {
      arguments: {
        drop_counter_reason: defaulted(string, "The reason under which drops are counted.", "drop_stage"),
        source: defaulted(string, "Names of extracted values, with commas between; empty means the line.", ""),
        separator: defaulted(string, "What comes between the values of several names.", ";"),
        expression: defaulted(string, "The pattern that the line or the values match.", ""),
        value: defaulted(string, "What the values are.", ""),
        older_than: defaulted(duration, "The line is older.", "0s"),
        longer_than: defaulted(bytes, "The line has more bytes.", 0),
      },
    },
    {
      check: (args, report) => {
        if (args.source === "" && args.expression === "" && args.older_than === 0 && args.longer_than === 0)
          report("drop stage config must contain at least one of `source`, `expression`, `older_than` or `longer_than`");
        if (args.value !== "" && args.expression !== "")
          report("drop stage config error, `value` and `expression` cannot both be defined at the same time", "value");
        if (args.value !== "" && args.source === "") report("drop stage config must contain `source` if `value` is specified", "value");
        const error = patternError(() => compileRegexp(args.expression));
        if (error !== undefined) report(`drop stage regex compilation error: ${error}`, "expression");
      },
    },
  ),
  (args, context) => {
    const dropped = context.counters.dropped.of(args.drop_counter_reason === "" ? "drop_stage" : args.drop_counter_reason);
    const separator = args.separator === "" ? ";" : args.separator;
    const slots = args.source === "" ? [] : args.source.split(",").map((name) => context.names.reads(name));
    const pattern = args.value !== "" ? `^${quoteMeta(args.value)}$` : args.expression;
    const regexp = pattern === "" ? undefined : compileRegexp(pattern);
    /** Undefined where a value is no text. */
    const joined = (frame: Frame, row: number): string | undefined => {
      if (slots.length === 0) return frame.line(row);
      const parts: string[] = [];
      for (const slot of slots) {
        const value = frame.extracted.get(row, slot);
        if (value === undefined) continue;
        const text = textOf(value);
        if (text === undefined) return undefined;
        parts.push(text);
      }
      return parts.join(separator);
    };
    const isDropped = (frame: Frame, row: number): boolean => {
      if (args.longer_than > 0 && frame.lineLength(row) <= args.longer_than) return false;
      if (args.older_than > 0) {
        const ageMs = context.clock.now() - (frame.seconds[row] as number) * 1000 - (frame.nanos[row] as number) / 1e6;
        if (ageMs <= args.older_than) return false;
      }
      if (regexp === undefined) return slots.every((slot) => frame.extracted.get(row, slot) !== undefined);
      const text = joined(frame, row);
      return text !== undefined && regexp.test(text);
    };
    return filtering((frame, row) => {
      if (!isDropped(frame, row)) return true;
      dropped.add(1);
      return false;
    });
  },
);
