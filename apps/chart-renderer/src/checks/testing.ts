import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadChart } from "../chart/load-chart.ts";
import type { Finding } from "../finding.ts";
import { readYamlMap } from "../yaml/read.ts";
import { type LintRequest, lintChart } from "./lint-chart.ts";

export interface LintCase extends Partial<Omit<LintRequest, "path" | "layers" | "options">> {
  readonly kubeVersion?: string;
  /** The user's values file. */
  readonly user?: string;
}

const CHART_FILE = "apiVersion: v2\nname: shop\nversion: 1.0.0\nicon: https://example.com/icon.png\n";

/** What lint finds in a chart of these files; `templates/a.yaml` where only one text is given. */
export function findingsIn(
  files: string | Readonly<Record<string, string>>,
  { kubeVersion = "1.35", user, ...request }: LintCase = {},
): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "lint-"));
  try {
    const all = { "Chart.yaml": CHART_FILE, "values.yaml": "", ...(typeof files === "string" ? { "templates/a.yaml": files } : files) };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const values = readYamlMap(user ?? "");
    const layers = user === undefined ? [] : [{ label: "user.yaml", values, source: user }];
    return lintChart({ ...request, path: folder, layers, options: { chart: loadChart(folder), values, kubeVersion } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The findings of one rule as `severity file:line: message`. */
export function linesOf(rule: string, findings: readonly Finding[]): string[] {
  return findings
    .filter((finding) => finding.rule === rule)
    .map(({ severity, place, message }) => `${severity} ${place === undefined ? "-" : `${place.file}:${place.line}`}: ${message}`);
}
