import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";

export type Failure = { readonly name: string; readonly place: string; readonly message: string };

/** What one test file came to. `output` is what it printed, shown when it failed. */
export type FileResult = {
  readonly file: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skips: readonly { readonly name: string; readonly reason: string }[];
  readonly seconds: number;
  readonly output: string;
};

const outputLimit = 20_000;

/**
 * Runs one test file in a process of its own, with a folder for temporary files of its own; when the limit passes the process is killed and the file has
 * failed. What it leaves in the folder is a failure, too: a thousand such runs fill a disk.
 */
export async function runTestFile(root: string, file: string, limitMs: number): Promise<FileResult> {
  const begin = performance.now();
  const limit = new AbortController();
  const late = new Error(`the file did not end within ${limitMs / 1000} s: a test hangs, or a handle (server, timer, child) is left open`);
  const timer = setTimeout(() => limit.abort(late), limitMs);
  const failures: Failure[] = [];
  const skips: { name: string; reason: string }[] = [];
  let passed = 0;
  let output = "";
  const path = join(root, file);
  const temporary = mkdtempSync(join(tmpdir(), "invar-tests-"));
  const env = { ...process.env, TMPDIR: temporary };
  try {
    for await (const event of run({ files: [path], concurrency: 1, isolation: "process", signal: limit.signal, cwd: root, env })) {
      switch (event.type) {
        case "test:stdout":
        case "test:stderr":
          if (output.length < outputLimit) output += event.data.message;
          break;
        case "test:pass": {
          const { name, details, skip, todo } = event.data;
          if (skip !== undefined && skip !== false) skips.push({ name, reason: typeof skip === "string" ? skip : "" });
          else if (todo !== undefined && todo !== false)
            failures.push({ name, place: placeOf(event.data, file), message: "a test marked todo" });
          // A suite only sums up its tests, and a file is reported as a test when it holds none.
          else if (details.type !== "suite" && name !== path) passed++;
          break;
        }
        case "test:fail": {
          const { name, details } = event.data;
          const error: FailureError = details.error;
          // Its failed subtests are reported by themselves.
          if (error.failureType === "subtestsFailed") break;
          failures.push({ name: name === path ? file : name, place: placeOf(event.data, file), message: explain(error) });
          break;
        }
      }
    }
  } finally {
    clearTimeout(timer);
    const left = readdirSync(temporary);
    rmSync(temporary, { recursive: true, force: true });
    // A file that failed or was killed had no chance.
    if (left.length > 0 && failures.length === 0)
      failures.push({
        name: "leaves no temporary files",
        place: file,
        message: `left in the folder for temporary files: ${left.join(", ")}`,
      });
  }
  if (passed + failures.length + skips.length === 0) failures.push({ name: file, place: file, message: "the file holds no test" });
  return { file, passed, failures, skips, seconds: (performance.now() - begin) / 1000, output };
}

type FailureError = Error & { failureType?: string };

function explain(error: FailureError): string {
  const cause: unknown = error.cause ?? error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.stack?.includes(cause.message) ? cause.stack : `${cause.message}\n${cause.stack ?? ""}`;
}

function placeOf(data: { line?: number; column?: number }, file: string): string {
  return data.line === undefined ? file : `${file}:${data.line}:${data.column ?? 1}`;
}
