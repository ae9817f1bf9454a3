import assert from "node:assert/strict";
import { test } from "node:test";
import { recordedOutcomes, runAll } from "./conformance.ts";

const recorded = recordedOutcomes();
const ours = runAll();

for (const [line, outcome] of Object.entries(recorded)) {
  test(`answers as Helm does: ${line}`, () => assert.deepEqual(ours[line], outcome));
}

test("every case has an answer of Helm", () => assert.deepEqual(Object.keys(ours).sort(), Object.keys(recorded).sort()));
