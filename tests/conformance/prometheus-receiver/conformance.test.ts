import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { cases } from "./cases.ts";
import { askOracle, convert, recordedOutcomes } from "./conformance.ts";

const recorded = recordedOutcomes();

test("pages become the metrics that the incumbent's receiver makes of them", async (t) => {
  // All at the same time: each takes a few scrapes.
  const outcomes = await Promise.all(cases.map(convert));
  for (const [i, { name, differs }] of cases.entries())
    await t.test(differs === undefined ? name : `${name}, but: ${differs}`, () => {
      if (differs === undefined) assert.deepEqual(outcomes[i], recorded[name]);
      else assert.notDeepEqual(outcomes[i], recorded[name]);
    });
});

const oracle = realPart("prometheus-receiver");

test("the record is what the receiver answers now", { skip: oracle.skip }, () => {
  assert.deepEqual(askOracle(oracle.path ?? "", cases), recorded);
});
