import type { Finding } from "../finding.ts";
import type { Rule } from "./lint-input.ts";

/** Helm's rules about the charts that a chart declares and those in its folder. */
export const chartDependencies: Rule = {
  id: "helm/dependencies",
  summary: "Declared dependencies and the charts folder agree.",
  check: ({ chart }) => {
    const declared = new Set(chart.declared.map(({ name }) => name));
    const present = new Set(chart.dependencies.map(({ name }) => name));
    const undeclared = [...present].filter((name) => !declared.has(name));
    const missing = [...declared].filter((name) => !present.has(name));
    const finding = (severity: Finding["severity"], problem: string, list: readonly string[], fix: string): Finding[] =>
      list.length === 0
        ? []
        : [
            {
              rule: "helm/dependencies",
              severity,
              message: `${problem}: ${list.join(",")}`,
              place: { file: `${chart.name}/Chart.yaml`, line: 1 },
              fix,
            },
          ];
    return [
      ...finding(
        "error",
        "chart metadata is missing these dependencies",
        undeclared,
        "list them under dependencies in Chart.yaml, or remove the folders from charts/",
      ),
      ...finding("warning", "chart directory is missing these dependencies", missing, "run `helm dependency build`"),
    ];
  },
};
