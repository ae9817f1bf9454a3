import { many, required, string } from "../../../../component/arguments.ts";
import { changing, defineStage, textOf } from "../stage.ts";

export const output = defineStage(
  many("Makes an extracted value the line.", {
    arguments: {
      source: required(string, "The extracted value.", {
        check: (name) => (name === "" ? "output source value is required if output is specified" : undefined),
      }),
    },
  }),
  ({ source }, { names }) => {
    const slot = names.reads(source);
    return changing((frame, row) => {
      const text = textOf(frame.extracted.get(row, slot));
      if (text !== undefined) frame.setLine(row, text);
    });
  },
);
