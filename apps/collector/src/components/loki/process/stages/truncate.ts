import { byteLength, sliceByBytes } from "@invar/go-compat";
import { bytes, defaulted, list, many, oneOf, required, string } from "../../../../component/arguments.ts";
import type { Frame } from "../frame.ts";
import { changing, defineStage } from "../stage.ts";

interface TruncateRule {
  readonly limit: number;
  readonly suffix: string;
  readonly sources: readonly string[];
  readonly source_type: "line" | "label" | "structured_metadata" | "extracted";
}

export const truncate = defineStage(
  {
    doc: "Cuts lines and values that are too long.",
    occurs: "many",
    blocks: {
      rule: many(
        "What is cut.",
        {
          arguments: {
            limit: required(bytes, "The most bytes that are left, the suffix among them.", {
              check: (limit) => (limit > 0 ? undefined : "limit must be greater than zero"),
            }),
            suffix: defaulted(string, "What marks the end of what was cut.", ""),
            sources: defaulted(list(string), "The names of what is cut; empty means all.", []),
            source_type: defaulted(oneOf("line", "label", "structured_metadata", "extracted"), "The line, or the kind of values.", "line"),
          },
        },
        {
          check: (rule, report) => {
            if (rule.source_type === "line" && rule.sources.length > 0)
              report("sources cannot be set when source_type is 'line'", "sources");
            if (rule.suffix !== "" && rule.limit <= byteLength(rule.suffix))
              report("suffix length cannot be greater than or equal to limit", "suffix");
          },
        },
      ),
    },
  },
  (args, context) => {
    const slot = context.names.slot("truncated");
    for (const { sources, source_type } of args.rule) {
      if (source_type !== "extracted") continue;
      if (sources.length === 0) context.names.readsAll();
      for (const name of sources) context.names.reads(name);
    }
    const rules = args.rule.map((rule) => ({ ...rule, cut: cutter(rule) }));
    return changing((frame, row) => {
      const fields = new Set<string>();
      for (const rule of rules) {
        const count = rule.source_type === "line" ? cutLine(frame, row, rule.cut) : cutValues[rule.source_type](frame, row, rule);
        if (count > 0) {
          context.counters.truncated.of(rule.source_type).add(count);
          fields.add(rule.source_type);
        }
        if (fields.size === 0) continue;
        const before = frame.extracted.get(row, slot);
        if (typeof before === "string") for (const field of before.split(",")) fields.add(field);
        frame.extracted.set(row, slot, [...fields].sort().join(","));
      }
    });
  },
);

/** The shortened text, or undefined where it is short enough. */
type Cut = (text: string) => string | undefined;

function cutter({ limit, suffix }: TruncateRule): Cut {
  const left = limit - byteLength(suffix);
  return (text) => {
    // No UTF-16 unit has more than three bytes.
    if (text.length * 3 <= left || byteLength(text) <= left) return undefined;
    return sliceByBytes(text, 0, left) + suffix;
  };
}

function cutLine(frame: Frame, row: number, cut: Cut): number {
  const shorter = cut(frame.line(row));
  if (shorter === undefined) return 0;
  frame.setLine(row, shorter);
  return 1;
}

/** How many values were cut. */
type CutValues = (frame: Frame, row: number, rule: TruncateRule & { cut: Cut }) => number;

const cutValues: Readonly<Record<"label" | "structured_metadata" | "extracted", CutValues>> = {
  label(frame, row, { sources, cut }) {
    let labels = frame.labels(row);
    let count = 0;
    for (const name of sources.length > 0 ? sources : labels.names) {
      const shorter = cut(labels.get(name) ?? "");
      if (shorter === undefined) continue;
      labels = labels.with(name, shorter);
      count++;
    }
    if (count > 0) frame.setLabels(row, labels);
    return count;
  },
  structured_metadata(frame, row, { sources, cut }) {
    let count = 0;
    const pairs = frame.metadata(row).map(([name, value]) => {
      const shorter = sources.length === 0 || sources.includes(name) ? cut(value) : undefined;
      if (shorter !== undefined) count++;
      return [name, shorter ?? value] as const;
    });
    if (count > 0) frame.setMetadata(row, pairs);
    return count;
  },
  extracted(frame, row, { sources, cut }) {
    let count = 0;
    for (const name of sources.length > 0 ? sources : frame.extracted.entries(row).keys()) {
      const value = frame.extracted.getNamed(row, name);
      const shorter = typeof value === "string" ? cut(value) : undefined;
      if (shorter === undefined) continue;
      frame.extracted.setNamed(row, name, shorter);
      count++;
    }
    return count;
  },
};
