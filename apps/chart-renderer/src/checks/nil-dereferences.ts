import type { GoMap, GoValue } from "@invar/go-compat";
import type { Finding } from "../finding.ts";
import type { RenderedChart } from "../render-chart.ts";
import { coalesceValues } from "../values/coalesce.ts";
import { mergeFiles } from "../values/tables.ts";
import type { LintInput, Rule } from "./lint-input.ts";
import { dotted, keysIn } from "./values-usage.ts";

/** Fields of values that are not there, looked for with each toggle switched, and with pairs of them as far as renders are left. */
export const nilDereferences: Rule = {
  id: "template/nil-dereference",
  summary: "A template reads a field of a value that is absent, here or with other toggles.",
  check: (input) => {
    const found = new Map<string, Finding>();
    take(found, input.rendered, "");
    let left = input.toggleRenders;
    for (const combination of combinations(toggles(input))) {
      if (left-- <= 0) break;
      const values = combination.reduce((all, { path, value }) => mergeFiles(all, nested(path, !value)), input.values);
      const text = combination.map(({ path, value }) => `${dotted(path)} is ${!value}`).join(" and ");
      take(found, input.render({ values, skipsSchemaValidation: true }), text);
    }
    return [...found.values()];
  },
};

interface Toggle {
  readonly path: readonly string[];
  readonly value: boolean;
}

/** The switches that templates ask for in this render, and those that switch charts on. */
function toggles(input: LintInput): Toggle[] {
  const values = coalesceValues(input.rendered.chart, input.values);
  const read = new Set(input.reads.map(({ key }) => key));
  const conditions = input.chart.declared.flatMap(({ condition }) => condition.split(",").map((path) => path.trim()));
  const found: Toggle[] = [];
  for (const { path, value } of keysIn(values)) {
    if (typeof value === "boolean" && (read.has(dotted(path)) || conditions.includes(path.join(".")))) found.push({ path, value });
  }
  for (const condition of conditions) {
    const path = condition.split(".");
    if (condition !== "" && !found.some((one) => dotted(one.path) === condition))
      found.push({ path, value: valueAt(values, path) !== false });
  }
  return found;
}

function valueAt(values: GoMap, path: readonly string[]): GoValue | undefined {
  let value: GoValue | undefined = values;
  for (const step of path) value = value instanceof Map ? value.get(step) : undefined;
  return value;
}

/** Each alone, those that are off first; then each pair. */
function* combinations(all: readonly Toggle[]): Generator<readonly Toggle[]> {
  const ordered = [...all.filter(({ value }) => !value), ...all.filter(({ value }) => value)];
  for (const toggle of ordered) yield [toggle];
  for (let first = 0; first < ordered.length; first++) {
    for (let second = first + 1; second < ordered.length; second++) yield [ordered[first] as Toggle, ordered[second] as Toggle];
  }
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
      severity: "error",
      message: circumstances === "" ? problem : `${problem}, when ${circumstances}`,
      fix: "give the value a default in values.yaml, or read it as (.a).b, with dig, or within {{ with }}",
    });
  }
}
