import { bool, defaulted, many, optional, required, string } from "../../../../component/arguments.ts";
import { changing, defineStage, inputOf, isClassicLabelName } from "../stage.ts";

export const pattern = defineStage(
  many("Extracts values by a pattern of LogQL.", {
    arguments: {
      pattern: required(string, "Text with `<name>` where a value is, and `<_>` where something is passed over.", { check: patternFault }),
      source: optional(string, "The extracted value to read, instead of the line.", {
        check: (name) => (name === "" ? "empty source" : undefined),
      }),
      labels_from_groups: defaulted(bool, "Whether the values become labels, too.", false),
    },
  }),
  (args, context) => {
    const input = inputOf(context, args.source);
    const parts = parsePattern(args.pattern).map((part) =>
      "literal" in part ? part : { ...part, slot: part.name === "_" ? undefined : context.names.slot(part.name) },
    );
    return changing((frame, row) => {
      const text = input(frame, row);
      if (text === undefined || text === "") return;
      let at = 0;
      for (const [index, part] of parts.entries()) {
        if ("literal" in part) {
          if (index > 0) continue;
          if (!text.startsWith(part.literal)) return;
          at = part.literal.length;
          continue;
        }
        const next = parts[index + 1];
        const end = next !== undefined && "literal" in next ? text.indexOf(next.literal, at) : -1;
        const value = end < 0 ? text.slice(at) : text.slice(at, end);
        if (part.slot !== undefined) {
          frame.extracted.set(row, part.slot, value);
          if (args.labels_from_groups && value.isWellFormed()) frame.setLabels(row, frame.labels(row).with(part.name, value));
        }
        if (end < 0) return;
        at = end + (next as { literal: string }).literal.length;
      }
    });
  },
);

type Part = { readonly literal: string } | { readonly name: string };

function parsePattern(source: string): Part[] {
  const parts: Part[] = [];
  let copied = 0;
  for (const match of source.matchAll(/<([a-zA-Z_][a-zA-Z0-9_]*)>/g)) {
    if (match.index > copied) parts.push({ literal: source.slice(copied, match.index) });
    parts.push({ name: match[1] as string });
    copied = match.index + match[0].length;
  }
  if (copied < source.length) parts.push({ literal: source.slice(copied) });
  return parts;
}

function patternFault(source: string): string | undefined {
  if (source === "") return "pattern is required";
  const parts = parsePattern(source);
  const names = parts.flatMap((part) => ("name" in part && part.name !== "_" ? [part.name] : []));
  if (names.length === 0) return `failed to parse pattern: at least one capture is required`;
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) return `failed to parse pattern: duplicate capture name (${twice}): invalid expression`;
  for (const [at, part] of parts.entries()) {
    const next = parts[at + 1];
    if (next !== undefined && "name" in part && "name" in next)
      return `failed to parse pattern: found consecutive capture '<${part.name}><${next.name}>': invalid expression`;
  }
  const wrong = names.find((name) => !isClassicLabelName(name));
  return wrong === undefined ? undefined : `invalid capture label name '${wrong}'`;
}
