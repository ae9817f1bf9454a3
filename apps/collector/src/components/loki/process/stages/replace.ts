import { compileRegexp } from "@invar/go-compat";
import { defaulted, many, required, string } from "../../../../component/arguments.ts";
import { changing, defineStage, inputOf, textOf } from "../stage.ts";
import { compileTemplate, templateFault } from "./line-template.ts";
import { expressionFault } from "./regex.ts";

export const replace = defineStage(
  many("Replaces what the groups of a pattern match.", {
    arguments: {
      expression: required(string, "The pattern, with groups.", { check: expressionFault }),
      replace: defaulted(string, "The replacement: a template, in which `.Value` is what the group matched.", "", {
        check: (template) => {
          const fault = templateFault(template);
          return fault === undefined ? undefined : `failed to compile template: ${fault}`;
        },
      }),
      source: defaulted(string, "The extracted value to change, instead of the line.", ""),
    },
  }),
  (args, context) => {
    const input = inputOf(context, args.source);
    const regexp = compileRegexp(args.expression);
    const groups = regexp.groupNames.flatMap((name, group) => (name === "" ? [] : [{ group, slot: context.names.slot(name) }]));
    const template = compileTemplate(args.replace);
    const target = args.source === "" ? undefined : context.names.slot(args.source);
    if (template.readsData) context.names.readsAll();
    return changing((frame, row) => {
      const text = input(frame, row);
      if (text === undefined) return;
      const matches = regexp.findAllPositions(text);
      if (matches.length === 0) return;
      const data = new Map<string, string>();
      if (template.readsData)
        for (const [name, value] of frame.extracted.entries(row)) {
          const valueText = textOf(value);
          if (valueText !== undefined) data.set(name, valueText);
        }
      const replacements = new Map<string, string>();
      let result = "";
      let copied = 0;
      for (const positions of matches)
        for (const position of positions.slice(1)) {
          if (position === undefined) continue;
          const [start, end] = position;
          const captured = text.slice(start, end);
          data.set("Value", captured);
          const replacement = template.execute(data);
          // A template that fails leaves the line as it is.
          if (replacement === undefined) return;
          // A group inside of one that was replaced is gone.
          if (copied === 0 || copied <= start) {
            result += text.slice(copied, start) + replacement;
            copied = end;
          }
          replacements.set(captured, replacement);
        }
      result += text.slice(copied);
      if (target === undefined) frame.setLine(row, result);
      else frame.extracted.set(row, target, result);
      for (const { group, slot } of groups) {
        const position = matches[0]?.[group];
        const value = replacements.get(position === undefined ? "" : text.slice(...position));
        if (value !== undefined) frame.extracted.set(row, slot, value);
      }
    });
  },
);
