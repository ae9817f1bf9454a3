import { compileRegexp } from "@invar/go-compat";
import { defaulted, many, map, optional, string } from "../../../../component/arguments.ts";
import { readLogfmt } from "../../../../signals/loki/logfmt.ts";
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
