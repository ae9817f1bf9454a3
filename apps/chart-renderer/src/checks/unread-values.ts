import type { GoMap } from "@invar/go-compat";
import type { Finding } from "../finding.ts";
import { keyText } from "../values/key-path.ts";
import { yamlLines } from "../yaml/lines.ts";
import type { LintInput, Rule } from "./lint-input.ts";
import { meantName } from "./misspelt-values.ts";
import { isUnrendered, layerPlace, unreadKeys } from "./values-layers.ts";
import { valuesUsage } from "./values-usage.ts";

/** Values that no template reads, whatever is switched on. */
export const unreadValues: Rule = {
  id: "values/unread",
  summary: "A value is set and no template reads it.",
  check: (input) => [...userFindings(input), ...defaultFindings(input)],
};

function userFindings(input: LintInput): Finding[] {
  const usage = valuesUsage(input);
  return unreadKeys(input).flatMap((key) => {
    const { layer, path, isDeclared } = key;
    // A name that some template or default has may be read with other values.
    if (isDeclared || usage.isMentioned(path.at(-1) as string) || meantName(key) !== undefined) return [];
    return [
      {
        rule: "values/unread",
        severity: "warning" as const,
        message: `no template reads the value ${keyText(path)}`,
        ...layerPlace(layer, path),
        valuesKey: keyText(path),
        fix: "remove it, or correct its name and place",
      },
    ];
  });
}

/** Defaults in the root chart's values.yaml that are left from something that is gone. */
function defaultFindings(input: LintInput): Finding[] {
  const { chart } = input;
  const usage = valuesUsage(input);
  const others = new Set([
    ...chart.declared.map(({ name, alias }) => alias || name),
    ...chart.dependencies.map(({ name }) => name),
    "global",
    "tags",
  ]);
  const lines = yamlLines(chart.valuesText);
  const source = chart.valuesText.split("\n");
  const findings: Finding[] = [];
  const walk = (values: GoMap, path: readonly string[]): void => {
    for (const [name, value] of values) {
      const own = [...path, name];
      if (path.length === 0 && others.has(name)) continue;
      // An anchor's holder is read where it is aliased.
      if (path.length === 0 && /^(?:x-|\.)/.test(name)) continue;
      if (!usage.isRead(own) && !usage.isMentioned(name) && canTell(path)) {
        const line = lines.get(own.join("\0")) ?? 1;
        if (/&\w/.test(source[line - 1] ?? "")) continue;
        findings.push({
          rule: "values/unread",
          // What a schema lists may be meant for others than the templates.
          severity: chart.schema?.includes(JSON.stringify(name)) === true ? "info" : "warning",
          message: `no template reads the value ${keyText(own)}`,
          place: { file: `${chart.name}/values.yaml`, line },
          excerpt: source[line - 1]?.trimEnd() ?? "",
          valuesKey: keyText(own),
          fix: "remove it, or read it in a template",
        });
      } else if (value instanceof Map) walk(value, own);
    }
  };
  // Fields of a map that some template hands on as a whole may be read anywhere.
  const canTell = (path: readonly string[]): boolean =>
    path.length === 0 || (usage.isReadByField(path) && !path.some((name) => usage.isHandledWhole(name)));
  // A library's defaults are for the charts that use it.
  if (chart.type !== "library" && !isUnrendered(input)) walk(chart.values, []);
  return findings;
}
