import type { GoMap, GoValue } from "@invar/go-compat";
import { ReadRecorder, type ValueRead } from "../engine/read-recorder.ts";
import type { Finding } from "../finding.ts";
import type { RenderedChart } from "../render-chart.ts";
import { coalesceValues } from "../values/coalesce.ts";
import { keyText } from "../values/key-path.ts";
import { mergeFiles } from "../values/tables.ts";
import type { LintInput, Rule } from "./lint-input.ts";
import { keysIn } from "./values-usage.ts";

/** Fields of values that are not there, looked for with each toggle switched, and with pairs of them as far as renders are left. */
export const nilDereferences: Rule = {
  id: "template/nil-dereference",
  summary: "A template reads a field of a value that is absent, here or with other toggles.",
  check: (input) => {
    const found = new Map<string, Finding>();
    take(found, input.rendered, "");
    const queue: Toggle[][] = toggles(input, input.rendered, input.reads).map((toggle) => [toggle]);
    const known = new Set(queue.map((combination) => idOf(combination)));
    const first = [...queue];
    for (let left = input.toggleRenders, at = 0; left > 0; left--, at++) {
      const combination = queue[at] ?? nextPair(first, known);
      if (combination === undefined) break;
      const values = combination.reduce((all, { path, value }) => mergeFiles(all, nested(path, !value)), input.values);
      const recorder = new ReadRecorder();
      const rendered = input.render({ values, skipsSchemaValidation: true, recorder });
      take(found, rendered, combination.map(({ path, value }) => `${keyText(path)} is ${!value}`).join(" and "));
      // What only this render asks for leads further.
      for (const toggle of toggles(input, rendered, recorder.reads())) {
        if (first.some(([one]) => one !== undefined && keyText(one.path) === keyText(toggle.path))) continue;
        const further = [...combination, toggle];
        if (
          combination.length >= MOST_TOGETHER ||
          combination.some(({ path }) => keyText(path) === keyText(toggle.path)) ||
          known.has(idOf(further))
        )
          continue;
        known.add(idOf(further));
        queue.push(further);
      }
    }
    return [...found.values()];
  },
};

const MOST_TOGETHER = 4;

interface Toggle {
  readonly path: readonly string[];
  readonly value: boolean;
}

function idOf(combination: readonly Toggle[]): string {
  return combination
    .map(({ path }) => keyText(path))
    .sort()
    .join(" ");
}

/** Two of the first render's toggles that were not tried together. */
function nextPair(first: readonly (readonly Toggle[])[], known: Set<string>): Toggle[] | undefined {
  for (const [index, one] of first.entries()) {
    for (const other of first.slice(index + 1)) {
      const pair = [...one, ...other];
      if (known.has(idOf(pair))) continue;
      known.add(idOf(pair));
      return pair;
    }
  }
  return undefined;
}

/** The switches that templates ask for in a render, and those that switch charts on; those that are off first. */
function toggles(input: LintInput, rendered: RenderedChart, reads: readonly ValueRead[]): Toggle[] {
  const values = coalesceValues(rendered.chart, input.values);
  const read = new Set(reads.map(({ key }) => key));
  const conditions = input.chart.declared.flatMap(({ condition }) => condition.split(",").map((path) => path.trim()));
  const found: Toggle[] = [];
  for (const { path, value } of keysIn(values)) {
    if (typeof value === "boolean" && (read.has(keyText(path)) || conditions.includes(path.join(".")))) found.push({ path, value });
  }
  for (const condition of conditions) {
    const path = condition.split(".");
    if (condition !== "" && !found.some((one) => keyText(one.path) === condition))
      found.push({ path, value: valueAt(values, path) !== false });
  }
  return [...found.filter(({ value }) => !value), ...found.filter(({ value }) => value)];
}

function valueAt(values: GoMap, path: readonly string[]): GoValue | undefined {
  let value: GoValue | undefined = values;
  for (const step of path) value = value instanceof Map ? value.get(step) : undefined;
  return value;
}

function nested(path: readonly string[], value: GoValue): GoMap {
  return path.reduceRight<GoValue>((inner, key) => new Map([[key, inner]]), value) as GoMap;
}

const NIL =
  /nil pointer evaluating|can't evaluate field \S+ in type <nil>|index of untyped nil|range can't iterate over <nil>|invalid value; expected/;

function take(found: Map<string, Finding>, { findings }: RenderedChart, circumstances: string): void {
  for (const finding of findings) {
    if (!NIL.test(finding.message) || finding.place === undefined) continue;
    const id = `${finding.place.file}:${finding.place.line}`;
    if (found.has(id)) continue;
    const problem = /(?:<[^>]*>: )(?!.*<[^>]*>: )(.*)$/s.exec(finding.message)?.[1] ?? finding.message;
    found.set(id, {
      ...finding,
      rule: "template/nil-dereference",
      // Whoever switches it on may have to give more values.
      severity: circumstances === "" ? "error" : "warning",
      message: circumstances === "" ? problem : `${problem}, when ${circumstances}`,
      fix: "give the value a default in values.yaml, or read it as (.a).b, with dig, or within {{ with }}",
    });
  }
}
