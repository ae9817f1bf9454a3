import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import type { Finding } from "../finding.ts";
import { templateLinesOf } from "../manifests/manifests.ts";
import type { LintInput, Rule } from "./lint-input.ts";
import { valuesKeyOf } from "./values-key.ts";

/** Keys that stand twice in one mapping: the first is lost without a word. */
export const duplicateKeys: Rule = {
  id: "yaml/duplicate-key",
  summary: "A key stands twice in one mapping.",
  check: (input) => [...fileFindings(input), ...manifestFindings(input)],
};

interface Duplicate {
  readonly path: readonly string[];
  readonly line: number;
  readonly firstLine: number;
}

function fileFindings({ chart, chartText, layers }: LintInput): Finding[] {
  const files = [
    { file: `${chart.name}/Chart.yaml`, text: chartText, isValues: false },
    { file: `${chart.name}/values.yaml`, text: chart.valuesText, isValues: true },
    ...layers.flatMap(({ label, source }) => (source === undefined ? [] : [{ file: label, text: source, isValues: true }])),
  ];
  return files.flatMap(({ file, text, isValues }) =>
    duplicatesIn(text).map(({ path, line, firstLine }) => ({
      rule: "yaml/duplicate-key",
      severity: "error" as const,
      message: `the key ${path.join(".")} stands in line ${firstLine} too: only the last one counts`,
      place: { file, line },
      excerpt: text.split("\n")[line - 1]?.trimEnd() ?? "",
      ...(isValues ? { valuesKey: path.join(".") } : {}),
      fix: "remove one of the two",
    })),
  );
}

function manifestFindings(input: LintInput): Finding[] {
  const { documents, hooks } = input.rendered;
  return [...documents, ...hooks].flatMap((manifest) => {
    const duplicates = duplicatesIn(manifest.content);
    if (duplicates.length === 0) return [];
    const lines = templateLinesOf(manifest);
    return duplicates.map(({ path, line, firstLine }) => {
      const own = lines[line - 1] ?? 1;
      const first = lines[firstLine - 1] ?? 1;
      const file = manifest.path;
      const valuesKey = valuesKeyOf(input, { file, line: own }, path, undefined);
      return {
        rule: "yaml/duplicate-key",
        severity: "error" as const,
        message: `${manifest.kind} ${manifest.name}: the key ${path.join(".")} is written by line ${first} too: only the last one counts`,
        place: { file, line: own },
        excerpt: manifest.rendered.source.split("\n")[own - 1]?.trimEnd() ?? "",
        ...(valuesKey === undefined ? {} : { valuesKey }),
        fix: "write it once, or merge the two",
      };
    });
  });
}

/** The second and further keys of each mapping of a text that has them already. */
export function duplicatesIn(text: string): Duplicate[] {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    version: "1.1",
    uniqueKeys: false,
    lineCounter: counter,
    logLevel: "silent",
  });
  const found: Duplicate[] = [];
  const walk = (node: unknown, path: readonly string[]): void => {
    if (isSeq(node)) node.items.forEach((item, index) => void walk(item, [...path, String(index)]));
    if (!isMap(node)) return;
    const lines = new Map<string, number>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value ?? "") : "";
      const line = counter.linePos((key as Node | null)?.range?.[0] ?? 0).line;
      const firstLine = lines.get(name);
      // Several merges may stand in one mapping.
      if (firstLine !== undefined && name !== "<<") found.push({ path: [...path, name], line, firstLine });
      lines.set(name, firstLine ?? line);
      walk(value, [...path, name]);
    }
  };
  if (!("empty" in documents)) for (const document of documents) if (document.errors.length === 0) walk(document.contents, []);
  return found;
}
