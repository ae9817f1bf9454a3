import type { Finding, Place } from "../finding.ts";

export interface SarifRule {
  readonly id: string;
  readonly summary: string;
}

const LEVELS = { error: "error", warning: "warning", info: "note" } as const;

/** Findings in the format that code hosts show beside the lines. `fileOf` turns a chart's path into one from the repository. */
export function findingsSarif(rules: readonly SarifRule[], findings: readonly Finding[], fileOf: (file: string) => string): string {
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  for (const { rule } of findings) if (!known.has(rule)) known.set(rule, { id: rule, summary: "What Helm itself says." });
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "invar-chart",
            rules: [...known.values()].map(({ id, summary }) => ({ id, shortDescription: { text: summary } })),
          },
        },
        results: findings.map(({ rule, severity, message, place, valuesKey, fix }) => ({
          ruleId: rule,
          level: LEVELS[severity],
          message: { text: fix === undefined ? message : `${message}\n${fix}` },
          ...(place === undefined ? {} : { locations: [location(place, fileOf)] }),
          ...(valuesKey === undefined ? {} : { properties: { valuesKey } }),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function location({ file, line, column }: Place, fileOf: (file: string) => string) {
  const region = { startLine: Math.max(1, line), ...(column === undefined ? {} : { startColumn: column + 1 }) };
  return { physicalLocation: { artifactLocation: { uri: fileOf(file) }, region } };
}
