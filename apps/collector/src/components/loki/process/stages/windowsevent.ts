import { bool, defaulted, many, string } from "../../../../component/arguments.ts";
import type { Frame } from "../frame.ts";
import { defineStage, filtering, isLabelName, textOf } from "../stage.ts";
import { sanitizedName } from "./eventlogmessage.ts";

interface WindowsEventArguments {
  readonly drop_invalid_labels: boolean;
  readonly overwrite_existing: boolean;
}

export const windowsevent = defineStage(
  many("Extracts the description and the sections of a message of Windows' event log.", {
    arguments: {
      source: defaulted(string, "The extracted value that holds the message.", "message", {
        check: (name) => (isLabelName(name) ? undefined : `invalid label name: ${name}`),
      }),
      drop_invalid_labels: defaulted(bool, "Leaves out keys that are no label names, instead of changing them.", false),
      overwrite_existing: defaulted(bool, "Replaces values that are there, instead of adding `_extracted` to the key.", false),
    },
  }),
  (args, context) => {
    const slot = context.names.reads(args.source);
    return filtering((frame, row) => {
      const value = frame.extracted.get(row, slot);
      if (value === undefined) return true;
      const message = textOf(value);
      if (message === undefined) {
        context.counters.dropped.of("invalid_message").add(1);
        return false;
      }
      const [description = "", ...sections] = message.split("\r\n\r\n");
      extract(frame, row, args, "Description", description);
      for (const section of sections) extractSection(frame, row, args, section);
      return true;
    });
  },
);

//     Subject:                     a first line without a value: the prefix of the keys that follow
//     	Security ID:	S-1-1-1
//     Privileges:	One
//     		Two                 a line without a colon goes on with the value

function extractSection(frame: Frame, row: number, args: WindowsEventArguments, section: string): void {
  const lines = section.split("\r\n");
  let prefix = "";
  for (let at = 0; at < lines.length; ) {
    const line = lines[at++] as string;
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    let key = line.slice(0, colon);
    let value = line.slice(colon + 1);
    if (value === "") {
      if (at === 1) prefix = key;
      continue;
    }
    while (at < lines.length && lines[at] !== "" && !(lines[at] as string).includes(":")) value += `,${lines[at++]}`;
    if (prefix !== "") key = `${prefix}_${key}`;
    extract(frame, row, args, key, value);
  }
}

function extract({ extracted }: Frame, row: number, args: WindowsEventArguments, rawKey: string, rawValue: string): void {
  let key = rawKey.replace(/[\t\r\n ]/g, "");
  if (!isLabelName(key)) {
    if (args.drop_invalid_labels) return;
    key = sanitizedName(key);
  }
  if (extracted.getNamed(row, key) !== undefined && !args.overwrite_existing) key += "_extracted";
  const value = rawValue.replace(/[\t\r\n]/g, "").trim();
  if (value.isWellFormed()) extracted.setNamed(row, key, value);
}
