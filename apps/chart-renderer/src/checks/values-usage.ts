import type { GoMap, GoValue } from "@invar/go-compat";
import type { Chart } from "../chart/chart.ts";
import { textOf } from "../chart/load-chart.ts";
import { keySteps } from "../values/key-path.ts";
import type { LintInput } from "./lint-input.ts";
import { parsedTemplates, visit } from "./template-nodes.ts";

/** What the templates do, or could do, with values. */
export interface ValuesUsage {
  /** Whether this render read a value, the whole that it is in, or something in it. */
  readonly isRead: (path: readonly string[]) => boolean;
  /** Whether this render read fields of a value one by one. */
  readonly isReadByField: (path: readonly string[]) => boolean;
  /** Whether a name stands anywhere in a chart: as a field, in a text, in a file. */
  readonly isMentioned: (name: string) => boolean;
  /** Whether a template somewhere handles what bears this name as one value, so that any field of it may be read. */
  readonly isHandledWhole: (name: string) => boolean;
}

const known = new WeakMap<LintInput, ValuesUsage>();

/** Reads and names, for one lint run. */
export function valuesUsage(input: LintInput): ValuesUsage {
  const found = known.get(input) ?? usageOf(input);
  known.set(input, found);
  return found;
}

function usageOf(input: LintInput): ValuesUsage {
  const tree = readTree(input);
  const words = new Set<string>();
  collectWords(input.chart, new Set(input.layers.map(({ source }) => source)), words);
  const whole = wholeNames(input.chart);
  const nodeAt = (path: readonly string[]): { node: ReadNode | undefined; isCovered: boolean } => {
    let node: ReadNode | undefined = tree;
    let isCovered = tree.isWhole;
    for (const step of path) {
      if (node === undefined) break;
      isCovered ||= node.isWhole;
      node = node.fields.get(step);
    }
    return { node, isCovered: isCovered || node?.isWhole === true };
  };
  return {
    isRead: (path) => {
      const { node, isCovered } = nodeAt(path);
      return isCovered || node !== undefined;
    },
    isReadByField: (path) => (nodeAt(path).node?.fields.size ?? 0) > 0,
    isMentioned: (name) => words.has(name),
    isHandledWhole: (name) => whole.has(name),
  };
}

interface ReadNode {
  readonly fields: Map<string, ReadNode>;
  isWhole: boolean;
}

function readTree(input: LintInput): ReadNode {
  const root: ReadNode = { fields: new Map(), isWhole: false };
  const add = (steps: readonly string[], isWhole: boolean): void => {
    let node = root;
    for (const step of steps) {
      const next = node.fields.get(step) ?? { fields: new Map(), isWhole: false };
      node.fields.set(step, next);
      node = next;
    }
    node.isWhole ||= isWhole;
  };
  for (const { key, isWhole } of input.reads) add(keySteps(key), isWhole);
  for (const steps of conditionKeys(input.chart, [])) add(steps, true);
  return root;
}

/** Values that Helm itself reads: conditions, tags, what is imported. */
function conditionKeys(chart: Chart, prefix: readonly string[]): string[][] {
  const own = chart.declared.flatMap(({ condition, tags, importValues, name, alias }) => [
    ...condition
      .split(",")
      .filter((path) => path !== "")
      .map((path) => [...prefix, ...path.trim().split(".")]),
    ...tags.map((tag) => ["tags", tag]),
    ...importValues.map((entry) => [
      ...prefix,
      alias || name,
      ...(entry instanceof Map ? String(entry.get("child")).split(".") : ["exports", String(entry)]),
    ]),
  ]);
  return [...own, ...chart.dependencies.flatMap((child) => conditionKeys(child, [...prefix, child.name]))];
}

const WORD = /[A-Za-z_$][\w$/-]*/g;
const MOST_FILE_BYTES = 1 << 20;

function collectWords(chart: Chart, ownFiles: ReadonlySet<string | undefined>, words: Set<string>): void {
  const templates = chart.templates.map(textOf);
  // Other files count where a template can read them; the user's own may lie among them.
  const files = templates.some((text) => text.includes(".Files"))
    ? chart.files.filter(({ data }) => data.length <= MOST_FILE_BYTES).map(textOf)
    : [];
  for (const text of [...templates, ...files]) if (!ownFiles.has(text)) for (const word of text.match(WORD) ?? []) words.add(word);
  for (const child of chart.dependencies) collectWords(child, ownFiles, words);
}

/** Last names of paths that stand for a value as such, beyond the question whether it is there; and all short texts. */
function wholeNames(chart: Chart): Set<string> {
  const names = new Set<string>();
  for (const { trees } of parsedTemplates(chart)) {
    for (const { root } of trees) {
      const asked = new Set<unknown>();
      visit(root, (node) => {
        if (node.kind === "if" && node.pipe.commands.length === 1 && node.pipe.commands[0]?.words.length === 1)
          asked.add(node.pipe.commands[0].words[0]);
        if (asked.has(node)) return;
        if (node.kind === "field") names.add(node.names.at(-1) ?? "");
        else if (node.kind === "variable" || node.kind === "chain") names.add(node.fields.at(-1) ?? "");
        else if (node.kind === "string") names.add(node.value);
      });
    }
  }
  return names;
}

/** Every key of a tree of values with its path, parents before what is in them. */
export function* keysIn(values: GoMap, path: readonly string[] = []): Generator<{ path: readonly string[]; value: GoValue }> {
  for (const [key, value] of values) {
    const own = [...path, key];
    yield { path: own, value };
    if (value instanceof Map) yield* keysIn(value, own);
  }
}

/** The value at a path. */
export function valueAtPath(values: GoMap, path: readonly string[]): GoValue | undefined {
  let value: GoValue | undefined = values;
  for (const step of path) value = value instanceof Map ? value.get(step) : undefined;
  return value;
}
