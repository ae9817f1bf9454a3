import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { operatorCases } from "./operator-cases.ts";
import { askOperators, operate, recordedOperators } from "./operators.ts";

const recorded = recordedOperators();

for (const each of operatorCases)
  test(`operates as the incumbent does: ${each.name}`, () => assert.deepEqual(operate(each), recorded[each.name]));

test("every recorded answer of operators belongs to a case", () =>
  assert.deepEqual(
    Object.keys(recorded),
    operatorCases.map(({ name }) => name),
  ));

const oracle = realPart("ways-in");
test("the recorded answers of operators are those of the incumbent", { skip: oracle.skip }, () => {
  assert.deepEqual(askOperators(oracle.path as string, operatorCases), recorded);
});
