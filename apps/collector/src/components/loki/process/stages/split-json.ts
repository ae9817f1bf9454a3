import { many, optional, string } from "../../../../component/arguments.ts";
import type { Frame, Selection } from "../frame.ts";
import { defineStage, inputOf, type Stage } from "../stage.ts";

export const splitJson = defineStage(
  many("Makes one line of each element of a JSON array.", {
    arguments: {
      source: optional(string, "The extracted value to split, instead of the line.", {
        check: (name) => (name === "" ? "source cannot be empty" : undefined),
      }),
    },
  }),
  (args, context): Stage => {
    const input = inputOf(context, args.source);
    return {
      run(frame: Frame, selection: Selection) {
        const out: number[] = [];
        for (let i = 0; i < selection.count; i++) {
          const row = selection.rows[i] as number;
          const text = input(frame, row);
          const elements = text === undefined ? undefined : elementsOf(text);
          if (elements === undefined) {
            out.push(row);
            continue;
          }
          elements.forEach((element, at) => {
            // The last takes the place of the whole.
            const child = at < elements.length - 1 ? frame.copyRow(row) : row;
            frame.setLine(child, element);
            out.push(child);
          });
        }
        selection.rows = Uint32Array.from(out);
        selection.count = out.length;
      },
    };
  },
);

/** The text of each element, as it stands there; undefined where the text is no JSON array. */
export function elementsOf(text: string): string[] | undefined {
  if (!/^[ \t\r\n]*\[/.test(text)) return undefined;
  try {
    JSON.parse(text);
  } catch {
    // No JSON: the line goes on as it is.
    return undefined;
  }
  const elements: string[] = [];
  let depth = 0;
  let start = text.indexOf("[") + 1;
  for (let at = start - 1; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      for (at++; text[at] !== '"'; at++) if (text[at] === "\\") at++;
    } else if (sign === "[" || sign === "{") depth++;
    else if ((sign === "," && depth === 1) || ((sign === "]" || sign === "}") && --depth === 0)) {
      const element = text.slice(start, at).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
      // Only an empty array has an empty element.
      if (element !== "") elements.push(element);
      start = at + 1;
    }
  }
  return elements;
}
