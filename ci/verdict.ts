import type { FileResult } from "./test-file.ts";

/** The one thing that even CI may lack: the folder of large examples beside the repository. */
export const allowedSkip = "../shared is absent";

type Environment = { readonly CI?: string | undefined };

/** In CI every real part is installed, so a test that skips itself there hides a hole. */
function forbiddenSkips(result: FileResult, environment: Environment) {
  return environment.CI === "true" ? result.skips.filter((skip) => skip.reason !== allowedSkip) : [];
}

/** Whether this file makes the run fail. */
export function isRed(result: FileResult, environment: Environment): boolean {
  return result.failures.length > 0 || forbiddenSkips(result, environment).length > 0;
}

/** What a reader has to know of one file: failures with their place, forbidden skips, and why tests were skipped. */
export function findingsOf(result: FileResult, environment: Environment): string[] {
  const failures = result.failures.map((failure) => `\nFAILED ${failure.name}\n  at ${failure.place}\n${indent(failure.message)}`);
  const output = result.failures.length > 0 && result.output !== "" ? [`  the file printed:\n${indent(result.output.trimEnd())}`] : [];
  const forbidden = new Set(forbiddenSkips(result, environment));
  const skips = result.skips.map((skip) => {
    const word = forbidden.has(skip) ? "FAILED (skipped in CI)" : "skipped";
    return `${word} ${result.file}: ${skip.name}: ${skip.reason || "no reason given"}`;
  });
  return [...failures, ...output, ...skips];
}

export type Sum = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** What these files came to together; a forbidden skip is a failure. */
export function sumOf(results: readonly FileResult[], environment: Environment): Sum {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const result of results) {
    const forbidden = forbiddenSkips(result, environment).length;
    passed += result.passed;
    failed += result.failures.length + forbidden;
    skipped += result.skips.length - forbidden;
  }
  return { passed, failed, skipped };
}

/** `N passed, N failed`, and `, N skipped` when some were. */
export function closingLine({ passed, failed, skipped }: Sum): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
