import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonical, type Outcome, RECORDED, readCases } from "./conformance.ts";

// node record.ts: asks the reference implementation (Go builds it) for the outcome of every case and keeps the answers. With --check it only says
// whether the kept ones are still right; a binary that is there already is named by ORACLE.

const cases = readCases();
const input = cases.map(({ signal, context, statements, request }) => JSON.stringify({ signal, context, statements, request })).join("\n");
const folder = mkdtempSync(join(tmpdir(), "ottl-oracle-"));
try {
  const oracle = process.env.ORACLE ?? build(folder);
  const { stdout, stderr, status } = spawnSync(oracle, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`the reference implementation failed: ${stderr}`);
  const answers = stdout.trim().split("\n");
  const outcomes: Record<string, Outcome> = {};
  for (const [i, { text, signal }] of cases.entries()) {
    const answer = JSON.parse(answers[i] ?? "{}") as Outcome;
    outcomes[text] = answer.request === undefined ? { error: answer.error ?? "" } : { request: canonical(signal, answer.request) };
  }
  const content = `{\n${Object.entries(outcomes)
    .map(([text, outcome]) => `${JSON.stringify(text)}: ${JSON.stringify(outcome)}`)
    .join(",\n")}\n}\n`;
  if (!process.argv.includes("--check")) writeFileSync(RECORDED, content);
  else if (withoutNoise(readFileSync(RECORDED, "utf8")) !== withoutNoise(content)) {
    console.error("the recorded outcomes are not those of the reference implementation: run node tests/conformance/ottl/record.ts");
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

function build(into: string): string {
  const target = join(into, "oracle");
  const { status } = spawnSync("go", ["build", "-o", target, "."], { cwd: join(import.meta.dirname, "oracle"), stdio: "inherit" });
  if (status !== 0) throw new Error("the reference implementation could not be built");
  return target;
}

/** Go lists contexts in any order, and puts its own pointers into messages. */
function withoutNoise(content: string): string {
  return content.replace(/"error":"(?:[^"\\]|\\.)*"/g, '"error":""');
}
