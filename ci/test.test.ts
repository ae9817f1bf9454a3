import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { closingLine, isRed, sumOf } from "./verdict.ts";

const header = 'import { describe, test } from "node:test";\n';

// A case: the bodies of test files by path, then what the runner is called with; compared are closing line and exit code.
type Case = { title: string; files: Record<string, string>; flags?: string[]; ci?: boolean; ends: string; code: number; says?: RegExp };

const cases: Case[] = [
  { title: "passes when all tests pass", files: { "tests/a": 'test("x", () => {});' }, ends: "1 passed, 0 failed", code: 0 },
  { title: "fails when there is no test file", files: {}, ends: "0 passed, 0 failed", code: 1, says: /no test was found/ },
  {
    title: "fails when no file matches the filter",
    files: { "tests/a": 'test("x", () => {});' },
    flags: ["nothing"],
    ends: "0 passed, 0 failed",
    code: 1,
    says: /no test matches nothing/,
  },
  {
    title: "runs only the files that contain a filter",
    files: { "tests/a": 'test("x", () => {});', "apps/b/c": 'test("y", () => { throw new Error("no") });' },
    flags: ["tests/"],
    ends: "1 passed, 0 failed",
    code: 0,
  },
  {
    title: "names a failed test, its place and its error",
    files: { "tests/a": 'describe("s", () => { test("adds up", () => { throw new Error("one is not two"); }); test("y", () => {}); });' },
    ends: "1 passed, 1 failed",
    code: 1,
    says: /FAILED adds up\n {2}at tests\/a\.test\.ts:2:\d+\n {4}Error: one is not two/,
  },
  {
    title: "counts a file that cannot be loaded as one failure",
    files: { "tests/a": 'import "./absent.ts";' },
    ends: "0 passed, 1 failed",
    code: 1,
    says: /Cannot find module/,
  },
  {
    title: "counts a file without tests as a failure",
    files: { "tests/a": "" },
    ends: "0 passed, 1 failed",
    code: 1,
    says: /holds no test/,
  },
  {
    title: "counts a test marked todo as a failure",
    files: { "tests/a": 'test("x", { todo: true }, () => {});' },
    ends: "0 passed, 1 failed",
    code: 1,
  },
  {
    title: "counts a temporary file that is left behind as a failure",
    files: {
      "tests/a":
        'import { mkdtempSync } from "node:fs"; import { tmpdir } from "node:os"; test("x", () => { mkdtempSync(tmpdir() + "/forgotten-"); });',
    },
    ends: "1 passed, 1 failed",
    code: 1,
    says: /FAILED leaves no temporary files\n.*\n.*forgotten-/,
  },
  {
    title: "counts an error after the tests have ended as a failure",
    files: { "tests/a": 'test("x", () => {}); process.on("exit", () => { process.exitCode = 7; });' },
    ends: "1 passed, 1 failed",
    code: 1,
  },
  {
    title: "reports a skipped test and its reason",
    files: { "tests/a": 'test("x", () => {}); test("y", { skip: "no loki" }, () => {});' },
    ends: "1 passed, 0 failed, 1 skipped",
    code: 0,
    says: /skipped tests\/a\.test\.ts: y: no loki/,
  },
  {
    title: "counts a skipped suite",
    files: { "tests/a": 'test("x", () => {}); describe("y", { skip: "no loki" }, () => { test("z", () => {}); });' },
    ends: "1 passed, 0 failed, 1 skipped",
    code: 0,
  },
  {
    title: "fails a skipped test in CI",
    files: { "tests/a": 'test("x", () => {}); test("y", { skip: "no loki" }, () => {});' },
    ci: true,
    ends: "1 passed, 1 failed",
    code: 1,
  },
  {
    title: "allows in CI that the folder of examples is absent",
    files: { "tests/a": 'test("x", () => {}); test("y", { skip: "../shared is absent" }, () => {});' },
    ci: true,
    ends: "1 passed, 0 failed, 1 skipped",
    code: 0,
  },
  {
    title: "runs only fuzz tests with --fuzz, and gives them the time asked for",
    files: {
      "tests/a": 'test("x", () => { throw new Error("not a fuzz test"); });',
      "tests/b":
        '// as an import of fuzz-time.ts would\ntest("x", () => { if (process.env.INVAR_FUZZ_SECONDS !== "3") throw new Error("time"); });',
    },
    flags: ["--fuzz=3"],
    ends: "1 passed, 0 failed",
    code: 0,
  },
  { title: "refuses an unknown flag", files: {}, flags: ["--watch"], ends: "", code: 2, says: /unknown flag --watch/ },
];

for (const { title, files, flags = [], ci = false, ends, code, says } of cases) {
  test(title, () => {
    const root = mkdtempSync(join(tmpdir(), "invar-test-run-"));
    try {
      for (const [name, body] of Object.entries(files)) {
        const path = join(root, `${name}.test.ts`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, header + body);
      }
      // Without NODE_TEST_CONTEXT, which makes a runner inside a test run nothing.
      const { NODE_TEST_CONTEXT: _, INVAR_FUZZ_SECONDS: __, ...environment } = process.env;
      const env = { ...environment, CI: String(ci) };
      const runner = join(import.meta.dirname, "test.ts");
      const ran = spawnSync(process.execPath, [runner, `--root=${root}`, ...flags], { env, encoding: "utf8" });
      assert.equal(ran.stdout.trimEnd().split("\n").at(-1), ends, ran.stdout + ran.stderr);
      assert.equal(ran.status, code);
      if (says !== undefined) assert.match(ran.stdout + ran.stderr, says);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

test("adds up several files in one closing line", () => {
  const file = { file: "a", seconds: 1, output: "" };
  const failure = { name: "x", place: "a:1:1", message: "no" };
  const skip = { name: "y", reason: "no loki" };
  const results = [
    { ...file, passed: 3, failures: [failure], skips: [] },
    { ...file, passed: 4, failures: [], skips: [skip] },
  ];
  assert.equal(closingLine(sumOf(results, {})), "7 passed, 1 failed, 1 skipped");
  assert.equal(closingLine(sumOf(results, { CI: "true" })), "7 passed, 2 failed");
  assert.deepEqual(
    results.map((result) => isRed(result, {})),
    [true, false],
  );
});
