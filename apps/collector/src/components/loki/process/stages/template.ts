import { many, required, string } from "../../../../component/arguments.ts";
import { changing, defineStage, textOf } from "../stage.ts";
import { compileTemplate, templateFault } from "./line-template.ts";

export const template = defineStage(
  many("Sets an extracted value to what a template makes of all of them.", {
    arguments: {
      source: required(string, "The extracted value.", {
        check: (name) => (name === "" ? "template source value is required" : undefined),
      }),
      template: required(string, "The template: `.Value` is the value itself, `.Entry` the line, `.name` any other.", {
        check: templateFault,
      }),
    },
  }),
  (args, { names }) => {
    const slot = names.slot(args.source);
    const compiled = compileTemplate(args.template);
    if (compiled.readsData) names.readsAll();
    return changing((frame, row) => {
      const data = new Map<string, string>();
      if (compiled.readsData) {
        for (const [name, value] of frame.extracted.entries(row)) {
          const text = textOf(value);
          if (text === undefined) continue;
          data.set(name, text);
          if (name === args.source) data.set("Value", text);
        }
        data.set("Entry", frame.line(row));
      }
      const result = compiled.execute(data);
      if (result === undefined) return;
      if (result === "") frame.extracted.delete(row, slot);
      else frame.extracted.set(row, slot, result);
    });
  },
);
