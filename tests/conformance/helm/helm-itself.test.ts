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
  assert.deepEqual(answers, Object.fromEntries(Object.keys(answers).map((line) => [line, recorded[line]])));
});
