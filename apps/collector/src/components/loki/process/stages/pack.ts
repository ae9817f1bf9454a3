import { compareTexts } from "@invar/go-compat";
import { bool, defaulted, list, many, required, string } from "../../../../component/arguments.ts";
import { changing, defineStage, textOf } from "../stage.ts";

export const pack = defineStage(
  many("Makes the line a JSON object of itself and of values and labels, which are taken away.", {
    arguments: {
      labels: required(list(string), "The extracted values and labels."),
      ingest_timestamp: defaulted(bool, "Whether the line gets the time of now.", true),
    },
  }),
  (args, { names, clock }) => {
    const packed = [...new Set(args.labels)].sort(compareTexts).map((name) => ({ name, slot: names.reads(name) }));
    return changing((frame, row) => {
      const found = new Set<string>();
      let object = "{";
      for (const { name, slot } of packed) {
        const text = textOf(frame.extracted.get(row, slot));
        if (text === undefined) continue;
        object += `${quoteJson(name)}:${quoteJson(text)},`;
        found.add(name);
      }
      frame.setLine(row, `${object}"_entry":${quoteJson(frame.line(row))}}`);
      frame.setLabels(
        row,
        frame.labels(row).filter((name) => !found.has(name)),
      );
      if (!args.ingest_timestamp) return;
      const now = clock.now();
      frame.seconds[row] = Math.floor(now / 1000);
      frame.nanos[row] = Math.floor((now - Math.floor(now / 1000) * 1000) * 1e6);
    });
  },
);

/** As Go writes a string in JSON: what could be HTML is escaped, and bytes that are no text are replaced. */
function quoteJson(text: string): string {
  let quoted = '"';
  for (const sign of text.toWellFormed()) {
    const short = SHORT[sign];
    if (short !== undefined) quoted += short;
    else if (sign < " " || ESCAPED.has(sign)) quoted += `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
    else quoted += sign;
  }
  return `${quoted}"`;
}

const SHORT: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const ESCAPED = new Set("<>&\u2028\u2029");
