import { compileRegexp } from "@invar/go-compat";
import { bool, defaulted, many, optional, required, string } from "../../../../component/arguments.ts";
import { changing, defineStage, inputOf, patternError } from "../stage.ts";

export function expressionFault(pattern: string): string | undefined {
  if (pattern === "") return "expression is required";
  const error = patternError(() => compileRegexp(pattern));
  return error === undefined ? undefined : `could not compile regular expression: ${error}`;
}

export const regex = defineStage(
  many("Extracts the named groups of a pattern.", {
    arguments: {
      expression: required(string, "The pattern, with named groups.", { check: expressionFault }),
      source: optional(string, "The extracted value to read, instead of the line.", {
        check: (name) => (name === "" ? "empty source" : undefined),
      }),
      labels_from_groups: defaulted(bool, "Whether the groups become labels, too.", false),
    },
  }),
  (args, context) => {
    const input = inputOf(context, args.source);
    const regexp = compileRegexp(args.expression);
    const groups = regexp.groupNames.flatMap((name, group) => (name === "" ? [] : [{ name, group, slot: context.names.slot(name) }]));
    return changing((frame, row) => {
      const text = input(frame, row);
      const match = text === undefined ? undefined : regexp.exec(text);
      if (match === undefined) return;
      for (const { name, group, slot } of groups) {
        const value = match.groups[group] ?? "";
        frame.extracted.set(row, slot, value);
        if (args.labels_from_groups && value.isWellFormed()) frame.setLabels(row, frame.labels(row).with(name, value));
      }
    });
  },
);
