import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ExecuteOptions } from "./execute.ts";
import { GO_STRING_FUNCTIONS } from "./go-strings.ts";
import { sampleData } from "./sample-data.ts";
import { parseTemplate } from "./template-set.ts";

/** A line of the case files: template, output, and the error if there was one. */
type Case = [template: string, output: string, error?: string];

const functions = new Map(Object.entries(GO_STRING_FUNCTIONS));

function run(template: string, options: ExecuteOptions): string[] {
  try {
    return [parseTemplate("t", template, { functions }).execute("t", sampleData(), options)];
  } catch (error) {
    return [(error as Error).message];
  }
}

function check(file: string, options: ExecuteOptions): void {
  const lines = readFileSync(new URL(`cases/${file}`, import.meta.url), "utf8")
    .trim()
    .split("\n");
  const wrong: string[] = [];
  for (const line of lines) {
    const [template, output, error] = JSON.parse(line) as Case;
    const [got] = run(template, options);
    if (got !== (error ?? output)) wrong.push(`${template}\n   Go: ${JSON.stringify(error ?? output)}\n   we: ${JSON.stringify(got)}`);
  }
  assert.equal(wrong.length, 0, `${wrong.length} of ${lines.length}:\n${wrong.slice(0, 40).join("\n")}`);
}

test("parses, runs and fails as Go does", () => check("language.jsonl", {}));
test("a missing key is the zero value with missingkey=zero", () => check("missing-zero.jsonl", { missingKey: "zero" }));
test("a missing key is an error with missingkey=error", () => check("missing-error.jsonl", { missingKey: "error" }));
test("Go's own string functions keep its order of arguments", () => check("go-strings.jsonl", {}));
