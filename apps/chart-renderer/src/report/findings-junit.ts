import type { Finding } from "../finding.ts";
import { type JunitCase, junitReport } from "./junit.ts";

/** Findings as a JUnit report: a failure each, and a passed case for every rule that found nothing. */
export function findingsJunit(chart: string, rules: readonly string[], findings: readonly Finding[]): string {
  const found = new Set(findings.map(({ rule }) => rule));
  const base = { className: chart, durationMs: 0 };
  const cases: JunitCase[] = [
    ...rules.filter((rule) => !found.has(rule)).map((name): JunitCase => ({ ...base, name, outcome: "passed", message: "", details: "" })),
    ...findings.map(({ rule, severity, message, place, valuesKey, fix }): JunitCase => {
      const where = place === undefined ? "" : `${place.file}:${place.line}`;
      const details = [where, valuesKey === undefined ? "" : `value: ${valuesKey}`, fix === undefined ? "" : `fix: ${fix}`];
      return {
        ...base,
        name: where === "" ? rule : `${rule} ${where}`,
        // What is only advice does not make a build fail.
        outcome: severity === "info" ? "skipped" : "failed",
        message,
        details: details.filter((line) => line !== "").join("\n"),
      };
    }),
  ];
  return junitReport([{ name: chart, cases }]);
}
