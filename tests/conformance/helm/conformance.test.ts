import assert from "node:assert/strict";
import { test } from "node:test";
import { recordedDifferences, recordedOutcomes, runAll } from "./conformance.ts";

const recorded = recordedOutcomes();
const ours = runAll({ as: "3.22" });

for (const [line, outcome] of Object.entries(recorded)) {
  test(`answers as Helm does: ${line}`, () => assert.deepEqual(ours[line], outcome));
}

test("every case has an answer of Helm", () => assert.deepEqual(Object.keys(ours).sort(), Object.keys(recorded).sort()));

for (const version of ["4.1", "4.2"] as const) {
  const differences = recordedDifferences(version);
  const answers = runAll({ as: version });
  for (const [line, outcome] of Object.entries(differences)) {
    test(`answers as Helm ${version} does: ${line}`, () => assert.deepEqual(answers[line], outcome));
  }
  test(`answers all else as Helm ${version} does`, () => assert.deepEqual({ ...answers, ...differences }, { ...recorded, ...differences }));
}
