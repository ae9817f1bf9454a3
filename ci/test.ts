// npm test: runs every test file of the repository, prints what failed and ends with one line `N passed, N failed`.
//   node ci/test.ts [--fuzz[=SECONDS]] [--root=FOLDER] [--summary=FILE] [PART_OF_PATH...]
//   node ci/test.ts --cluster …    the files *.cluster.ts, one after another; tests/cluster/run.ts calls this within a cluster
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { findTests } from "./find-tests.ts";
import { fuzzTests } from "./fuzz-tests.ts";
import { type FileResult, runTestFile } from "./test-file.ts";
import { closingLine, findingsOf, isRed, sumOf } from "./verdict.ts";

const fileLimitMs = 150_000;
// A cluster's clocks are slow, and one file holds several tests that change it.
const clusterFileLimitMs = 900_000;
const defaultFuzzSeconds = 60;

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = flags.find((flag) => !/^--(fuzz(=\d+)?|root=.+|summary=.+|cluster)$/.test(flag));
if (unknown !== undefined) {
  console.error(
    `test: unknown flag ${unknown}: write --fuzz, --fuzz=SECONDS, --root=FOLDER, --summary=FILE, --cluster or part of a file's path`,
  );
  process.exit(2);
}
const root = resolve(flagValue("root") ?? join(dirname(import.meta.filename), ".."));
const isFuzz = flags.some((flag) => flag.startsWith("--fuzz"));
if (isFuzz) process.env.INVAR_FUZZ_SECONDS = flagValue("fuzz") ?? String(defaultFuzzSeconds);

const isCluster = flags.includes("--cluster");
const found = findTests(root, filters, isCluster ? ".cluster.ts" : ".test.ts");
const files = isFuzz ? fuzzTests(root, found) : found;
const results = await runAll(files);
printSlowest(results);
for (const finding of results.flatMap((result) => findingsOf(result, process.env))) console.log(finding);
const noTest = results.every((result) => result.passed + result.failures.length + result.skips.length === 0);
if (noTest) console.log(filters.length > 0 ? `no test matches ${filters.join(" ")}` : "no test was found");
const summary = flagValue("summary");
const sum = sumOf(results, process.env);
if (summary !== undefined) writeFileSync(summary, JSON.stringify(sum));
console.log(closingLine(sum));
// A runner that ran nothing has proved nothing.
process.exitCode = noTest || results.some((result) => isRed(result, process.env)) ? 1 : 0;

async function runAll(queue: readonly string[]): Promise<FileResult[]> {
  const done: FileResult[] = [];
  // A file of fuzz tests may use its whole time several times over.
  const limitMs = (isCluster ? clusterFileLimitMs : fileLimitMs) + Number(process.env.INVAR_FUZZ_SECONDS ?? 0) * 20_000;
  let next = 0;
  const lane = async () => {
    for (let file = queue[next++]; file !== undefined; file = queue[next++]) {
      const result = await runTestFile(root, file, limitMs);
      done.push(result);
      const word = isRed(result, process.env) ? "FAIL" : "ok  ";
      console.log(`${word} ${result.seconds.toFixed(1).padStart(6)} s  ${file} (${result.passed})`);
    }
  };
  await Promise.all(Array.from({ length: isCluster ? 1 : availableParallelism() }, lane));
  return done.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function printSlowest(all: readonly FileResult[]): void {
  if (all.length < 10) return;
  const slowest = [...all].sort((a, b) => b.seconds - a.seconds).slice(0, 5);
  console.log(`slowest: ${slowest.map((result) => `${result.file} ${result.seconds.toFixed(1)} s`).join(", ")}`);
}

function flagValue(name: string): string | undefined {
  const prefix = `--${name}=`;
  return flags.find((flag) => flag.startsWith(prefix))?.slice(prefix.length);
}
