import { compileRegexp } from "@invar/go-compat";
import { defaulted, list, many, map, optional, required, string } from "../../../../component/arguments.ts";
import { changing, defineStage, patternError, textOf } from "../stage.ts";
import { invalidNames } from "./labels.ts";

export const structuredMetadata = defineStage(
  many("Puts extracted values and labels into the structured metadata; labels are taken away.", {
    arguments: {
      values: optional(map(string), "The names in the metadata, and of the values they get; an empty one is the same name.", {
        check: (values) => (values === undefined ? undefined : invalidNames(values)),
      }),
      regex: defaulted(string, "Puts all values and labels there whose names match.", "", {
        check: (pattern) => patternError(() => compileRegexp(pattern)),
      }),
    },
  }),
  (args, { names }) => {
    const sources = Object.entries(args.values ?? {}).map(([name, source]) => {
      const from = source === "" ? name : source;
      return { name, from, slot: names.reads(from) };
    });
    const regexp = args.regex === "" ? undefined : compileRegexp(args.regex);
    if (regexp !== undefined) names.readsAll();
    return changing((frame, row) => {
      const metadata = new Map(frame.metadata(row));
      const before = metadata.size;
      let isChanged = false;
      const put = (name: string, value: string) => {
        metadata.set(name, value);
        isChanged = true;
      };
      for (const { name, slot } of sources) {
        const text = textOf(frame.extracted.get(row, slot));
        if (text?.isWellFormed() === true) put(name, text);
      }
      if (regexp !== undefined)
        for (const [name, value] of frame.extracted.entries(row)) {
          const text = regexp.test(name) ? textOf(value) : undefined;
          if (text?.isWellFormed() === true) put(name, text);
        }
      const labels = frame.labels(row);
      const moved = new Set<string>();
      for (const { name, from } of sources) {
        const value = labels.get(from);
        if (value === undefined) continue;
        put(name, value);
        moved.add(from);
      }
      if (regexp !== undefined)
        labels.names.forEach((name, at) => {
          if (!regexp.test(name) || moved.has(name)) return;
          put(name, labels.values[at] as string);
          moved.add(name);
        });
      if (moved.size > 0)
        frame.setLabels(
          row,
          labels.filter((name) => !moved.has(name)),
        );
      if (isChanged || metadata.size !== before) frame.setMetadata(row, [...metadata]);
    });
  },
);

export const structuredMetadataDrop = defineStage(
  many(
    "Takes values out of the structured metadata.",
    { arguments: { values: required(list(string), "Their names.") } },
    { check: (args, report) => (args.values.length === 0 ? report("structured_metadata_drop stage config cannot be empty") : undefined) },
  ),
  (args) => {
    const dropped = new Set(args.values);
    return changing((frame, row) => {
      const metadata = frame.metadata(row);
      if (metadata.some(([name]) => dropped.has(name)))
        frame.setMetadata(
          row,
          metadata.filter(([name]) => !dropped.has(name)),
        );
    });
  },
);
