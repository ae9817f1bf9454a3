import { bool, defaulted, many, string } from "../../../../component/arguments.ts";
import { defineStage, filtering, isClassicLabelName, textOf } from "../stage.ts";

export const eventlogmessage = defineStage(
  many(
    "Extracts the `key: value` lines of a message of Windows' event log.",
    {
      arguments: {
        source: defaulted(string, "The extracted value that holds the message.", "message", {
          check: (name) => (isClassicLabelName(name) ? undefined : `invalid label name: ${name}`),
        }),
        drop_invalid_labels: defaulted(bool, "Leaves out keys that are no label names, instead of changing them.", false),
        overwrite_existing: defaulted(bool, "Replaces values that are there, instead of adding `_extracted` to the key.", false),
      },
    },
    { deprecated: "stage.windowsevent reads messages in sections" },
  ),
  (args, context) => {
    const slot = context.names.reads(args.source);
    return filtering(({ extracted }, row) => {
      const value = extracted.get(row, slot);
      if (value === undefined) return true;
      const message = textOf(value);
      // As in the incumbent: what is no text at all goes no further.
      if (message === undefined) {
        context.counters.dropped.of("invalid_message").add(1);
        return false;
      }
      for (const line of message.split("\r\n")) {
        const colon = line.indexOf(":");
        if (colon < 0) continue;
        let key = line.slice(0, colon);
        if (!isClassicLabelName(key)) {
          if (args.drop_invalid_labels) continue;
          key = sanitizedName(key);
        }
        if (extracted.getNamed(row, key) !== undefined && !args.overwrite_existing) key += "_extracted";
        const text = line.slice(colon + 1).trim();
        if (text.isWellFormed()) extracted.setNamed(row, key, text);
      }
      return true;
    });
  },
);

/** Every sign that a label name can't have becomes "_". */
export function sanitizedName(name: string): string {
  if (name === "") return "_";
  return Array.from(name, (sign, at) => (/[a-zA-Z_]/.test(sign) || (at > 0 && /[0-9]/.test(sign)) ? sign : "_")).join("");
}
