import { runPart } from "./run-part.ts";

export type H2specResult = { readonly tests: number; readonly passed: number; readonly failed: readonly string[]; readonly output: string };

/** Runs h2spec against a server of HTTP/2 on loopback; `sections` like `generic/3` or `http2/6.5` narrow it. */
export async function runH2spec({
  port = 0,
  strict = true,
  sections = [] as readonly string[],
  timeoutSeconds = 2,
}): Promise<H2specResult> {
  const args = ["--host=127.0.0.1", `--port=${port}`, `--timeout=${timeoutSeconds}`, ...(strict ? ["--strict"] : []), ...sections];
  const { output } = await runPart("h2spec", args, { timeoutMs: 300_000 });
  const sum = /(\d+) tests, (\d+) passed, \d+ skipped, (\d+) failed/.exec(output);
  if (sum === null) throw new Error(`h2spec did not get to its end:\n${output.slice(-2000)}`);
  return { tests: Number(sum[1]), passed: Number(sum[2]), failed: failuresOf(output), output };
}

// A failed case is marked with a cross; the list at the end repeats it below its section.
function failuresOf(output: string): string[] {
  const failures = output.split("\n").flatMap((line) => /× (\d+: .*)$/.exec(line)?.[1] ?? []);
  return [...new Set(failures.map((failure) => failure.trim()))];
}
