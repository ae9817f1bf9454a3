import type { Finding } from "../finding.ts";
import { coalesceValues } from "../values/coalesce.ts";
import { keyText } from "../values/key-path.ts";
import type { ValueLayer } from "../values/origins.ts";
import { yamlLines } from "../yaml/lines.ts";
import type { LintInput } from "./lint-input.ts";
import { keysIn, valueAtPath, valuesUsage } from "./values-usage.ts";

/** A key that somebody set and that this render did not read. */
export interface UnreadKey {
  readonly layer: ValueLayer;
  readonly path: readonly string[];
  /** The names beside it in the chart's own values. */
  readonly siblings: readonly string[];
  /** Whether the chart's own values have it. */
  readonly isDeclared: boolean;
}

const known = new WeakMap<LintInput, readonly UnreadKey[]>();

/** What the user's layers and the root chart's values for its subcharts set in vain; of a tree that nobody reads, only its root. */
export function unreadKeys(input: LintInput): readonly UnreadKey[] {
  const found = known.get(input) ?? findUnread(input);
  known.set(input, found);
  return found;
}

/** Whether nothing was rendered: then nobody can say what is read. Libraries that are missing read values too. */
export function isUnrendered({ rendered }: LintInput): boolean {
  return rendered.findings.some(({ rule }) => rule === "helm/chart" || rule === "helm/parse");
}

function findUnread(input: LintInput): UnreadKey[] {
  if (isUnrendered(input)) return [];
  const usage = valuesUsage(input);
  const defaults = coalesceValues(input.rendered.chart, new Map());
  const children = new Set(input.rendered.chart.dependencies.map(({ name }) => name));
  const declared = input.chart.declared.map(({ name, alias }) => alias || name);
  const present = input.chart.dependencies.map(({ name }) => name);
  const off = new Set([...declared, ...present].filter((name) => !children.has(name)));
  const found: UnreadKey[] = [];
  for (const layer of input.layers) {
    const skipped: string[] = [];
    for (const { path } of keysIn(layer.values)) {
      const name = keyText(path);
      if (skipped.some((root) => name.startsWith(`${root}.`))) continue;
      // What belongs to a chart that is switched off, or to all of them, may be read another time.
      if (off.has(path[0] as string) || path[0] === "global" || path[0] === "tags" || path[1] === "global") continue;
      if (path.length === 1 && children.has(path[0] as string)) continue;
      if (usage.isRead(path)) continue;
      skipped.push(name);
      const around = valueAtPath(defaults, path.slice(0, -1));
      const siblings = path.length === 1 ? [...defaults.keys()] : around instanceof Map ? [...around.keys()] : [];
      const isDeclared = siblings.includes(path.at(-1) as string);
      found.push({ layer, path, siblings, isDeclared });
    }
  }
  return found;
}

/** Where a key stands in its layer. */
export function layerPlace({ source, label }: ValueLayer, path: readonly string[]): Pick<Finding, "place" | "excerpt"> {
  if (source === undefined) return {};
  const line = yamlLines(source).get(path.join("\0")) ?? 1;
  return { place: { file: label, line }, excerpt: source.split("\n")[line - 1]?.trimEnd() ?? "" };
}
