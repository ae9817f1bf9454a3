import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { cases } from "./cases.ts";
import { askOracle, ourAnswers, recordedAnswers } from "./conformance.ts";

const recorded = recordedAnswers();
const ours = ourAnswers(cases);

for (const [what, list] of Object.entries(cases) as [keyof typeof cases, readonly unknown[]][])
  test(`converts ${what} as the OpenTelemetry Collector's translators do`, () => {
    assert.equal(recorded[what].length, list.length, "a case has no recorded answer: record anew");
    for (const [i, given] of list.entries()) assert.deepEqual(ours[what][i], recorded[what][i], JSON.stringify(given));
  });

const oracle = realPart("bridges");
test("the recorded answers are those of the translators", { skip: oracle.skip }, () =>
  assert.deepEqual(askOracle(oracle.path as string, cases), recorded),
);
