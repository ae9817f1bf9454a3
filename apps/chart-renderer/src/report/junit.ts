import { xmlElement, xmlText } from "./xml.ts";

/** One line of a JUnit report. */
export interface JunitCase {
  readonly name: string;
  readonly className: string;
  readonly durationMs: number;
  readonly outcome: "passed" | "failed" | "error" | "skipped";
  readonly message: string;
  readonly details: string;
}

export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** A report that CI systems read. */
export function junitReport(suites: readonly JunitSuite[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement("testsuites", {}, suites.map(suiteElement))}\n`;
}

function suiteElement({ name, cases }: JunitSuite): string {
  const count = (outcome: JunitCase["outcome"]): number => cases.filter((one) => one.outcome === outcome).length;
  const durationMs = cases.reduce((sum, one) => sum + one.durationMs, 0);
  const attributes = {
    name,
    tests: cases.length,
    failures: count("failed"),
    errors: count("error"),
    skipped: count("skipped"),
    time: seconds(durationMs),
  };
  return xmlElement("testsuite", attributes, cases.map(caseElement));
}

function caseElement({ name, className, durationMs, outcome, message, details }: JunitCase): string {
  const attributes = { classname: className, name, time: seconds(durationMs) };
  if (outcome === "passed") return xmlElement("testcase", attributes);
  const tag = outcome === "failed" ? "failure" : outcome;
  return xmlElement("testcase", attributes, [xmlElement(tag, { message }, details === "" ? [] : [xmlText(details)])]);
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}
