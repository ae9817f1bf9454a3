import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { allCases } from "./cases.ts";
import { askOracle, convert, recordedOutcomes } from "./conformance.ts";

const recorded = recordedOutcomes();

for (const each of allCases)
  test(`translates as the incumbent does: ${each.name}`, () => assert.deepEqual(convert(each), recorded[each.name]));

test("every recorded answer belongs to a case", () =>
  assert.deepEqual(
    Object.keys(recorded),
    allCases.map(({ name }) => name),
  ));

const oracle = realPart("ways-in");
test("the recorded answers are those of the incumbent", { skip: oracle.skip }, () => {
  assert.deepEqual(askOracle(oracle.path as string, allCases), recorded);
});
