import { basename, dirname } from "node:path";
import { type JunitCase, type JunitSuite, junitReport } from "../report/junit.ts";
import type { ChartResult, SuiteResult } from "./run-suites.ts";
import type { TestResult } from "./run-test.ts";

/** What `invar-chart test` prints, laid out as helm-unittest's users know it. */
export function suiteText(charts: readonly ChartResult[], durationMs: number): string {
  const blocks = charts.map((chart) => {
    if (chart.error !== undefined) return `\n### Error:  ${chart.error}\n\n`;
    return `\n### Chart [ ${chart.name} ] ${chart.path}\n\n${chart.suites.map(suiteLines).join("")}`;
  });
  return blocks.join("") + summary(charts, durationMs);
}

/** The same as a JUnit report. */
export function suiteJunit(charts: readonly ChartResult[]): string {
  return junitReport(charts.flatMap(({ suites }) => suites.map(junitSuite)));
}

function suiteLines(suite: SuiteResult): string {
  const label = suite.isSkipped ? " SKIP " : suite.isPassed ? " PASS " : " FAIL ";
  const lines = [`${label} ${suite.name}\t${dirname(suite.file)}/${basename(suite.file)}`];
  if (suite.error !== undefined) lines.push("\t- Execution Error: ", `\t\t${suite.error}`, "");
  for (const test of suite.tests) lines.push(...testLines(test));
  return `${lines.join("\n")}\n`;
}

function testLines(test: TestResult): string[] {
  if (test.isPassed) return [];
  if (test.isSkipped) return [`\t- SKIPPED '${test.name}'`];
  if (test.error !== undefined) return [`\t- ${test.name}`, `\t\tError: ${test.error}`, ""];
  return [
    `\t- ${test.name}`,
    "",
    ...test.failures.flatMap(({ title, lines }) => [`\t\t${title}`, ...lines.map((line) => `\t\t\t${line}`), ""]),
  ];
}

function summary(charts: readonly ChartResult[], durationMs: number): string {
  const suites = charts.flatMap((chart) => chart.suites);
  const tests = suites.flatMap((suite) => suite.tests);
  const sum = (count: "total" | "failed"): number => suites.reduce((total, { snapshots }) => total + snapshots[count], 0);
  const failedSnapshots = sum("failed");
  const hint =
    failedSnapshots === 0
      ? ""
      : `\nSnapshot Summary: ${failedSnapshots} snapshot failed in ${suites.filter(({ snapshots }) => snapshots.failed > 0).length} test suite. Check changes and use \`-u\` to update snapshot.\n`;
  return [
    hint,
    `Charts:      ${counts(charts.map((chart) => ({ isPassed: isGood(chart), error: chart.error, isSkipped: false })))}`,
    `Test Suites: ${counts(suites.map((suite) => ({ ...suite, isPassed: suite.isPassed && !suite.isSkipped })))}`,
    `Tests:       ${counts(tests)}`,
    `Snapshot:    ${failedSnapshots > 0 ? `${failedSnapshots} failed, ` : ""}${sum("total") - failedSnapshots} passed, ${sum("total")} total`,
    `Time:        ${(durationMs / 1000).toFixed(3)}s`,
    "",
  ].join("\n");
}

/** Whether every suite of a chart held. */
export function isGood(chart: ChartResult): boolean {
  return chart.error === undefined && chart.suites.every(({ isPassed }) => isPassed);
}

function counts(results: readonly { isPassed: boolean; isSkipped: boolean; error: string | undefined }[]): string {
  const passed = results.filter(({ isPassed }) => isPassed).length;
  const skipped = results.filter(({ isPassed, isSkipped }) => isSkipped && !isPassed).length;
  const failed = results.length - passed - skipped;
  const errored = results.filter(({ isPassed, error }) => !isPassed && error !== undefined).length;
  return [
    failed > 0 ? `${failed} failed, ` : "",
    errored > 0 ? `${errored} errored, ` : "",
    skipped > 0 ? `${passed} passed, ${skipped} skipped, ${results.length} total` : `${passed} passed, ${results.length} total`,
  ].join("");
}

function junitSuite({ name, file, tests, error }: SuiteResult): JunitSuite {
  const className = name === "" ? file : name;
  const own: JunitCase[] =
    error === undefined ? [] : [{ name: file, className, durationMs: 0, outcome: "error", message: "Error", details: error }];
  return { name: className, cases: [...own, ...tests.map((test) => junitCase(className, test))] };
}

function junitCase(className: string, test: TestResult): JunitCase {
  const base = { name: test.name, className, durationMs: test.durationMs };
  if (test.isPassed) return { ...base, outcome: "passed", message: "", details: "" };
  if (test.isSkipped) return { ...base, outcome: "skipped", message: "skipped", details: "" };
  if (test.error !== undefined) return { ...base, outcome: "error", message: "Error", details: test.error };
  const details = test.failures.map(({ title, lines }) => [title, ...lines].join("\n")).join("\n");
  return { ...base, outcome: "failed", message: "Failed", details };
}
