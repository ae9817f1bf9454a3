import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sampleData } from "../sample-data.ts";
import { parseTemplate } from "../template-set.ts";
import { sprigFunctions } from "./sprig.ts";

const functions = sprigFunctions({ environment: (name) => (name === "HOME" ? "/root" : "") });

function run(template: string): string {
  try {
    return parseTemplate("t", template, { functions }).execute("t", sampleData());
  } catch (error) {
    return (error as Error).message;
  }
}

test("every function gives what sprig gives", () => {
  const lines = readFileSync(new URL("../cases/sprig.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n");
  const wrong: string[] = [];
  for (const line of lines) {
    const [template, output, error] = JSON.parse(line) as [string, string, string?];
    const got = run(template);
    if (got !== (error ?? output)) wrong.push(`${template}\n   Go: ${JSON.stringify(error ?? output)}\n   we: ${JSON.stringify(got)}`);
  }
  assert.equal(wrong.length, 0, `${wrong.length} of ${lines.length}:\n${wrong.slice(0, 200).join("\n")}`);
});
