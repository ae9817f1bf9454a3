import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { readCases, recordedOutcomes, runAll } from "./conformance.ts";

// Helm takes a tenth of a second a line: CI asks it all of them, everyone else one in ten.
const isThorough = process.env.CI === "true";
const asked = [...readCases("runs.txt"), ...readCases("cases.txt")].filter((_, index) => isThorough || index % 10 === 0);

const helm = realPart("helm");
test("the recorded answers are those of Helm", { skip: helm.skip }, () => {
  const recorded = recordedOutcomes();
  const answers = runAll(helm.path, (line) => asked.includes(line));
  for (const [line, answer] of Object.entries(answers)) assert.deepEqual(inOrder(answer), inOrder(recorded[line]), line);
});

/** Helm goes through the properties of a schema in random order: its findings are compared in the order of their texts. */
function inOrder(outcome: unknown): string {
  const findings: string[] = [];
  const lines = JSON.stringify(outcome, undefined, 1).replaceAll("\\n", "\n").split("\n");
  const others = lines.filter((line) => {
    const isFinding = line.startsWith("- at ");
    if (isFinding) findings.push(line.replace(/[",]+$/, ""));
    return !isFinding;
  });
  return [...others, ...findings.sort()].join("\n");
}
