import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { askOracle, canonical, type Outcome, readCases, recordedOutcomes, run } from "./conformance.ts";

/** What the incumbent refuses, for reasons of its own types, and ours answers as its documentation lets expect. */
const accepted = [
  'log: set(attributes["r"], attributes["list"][1 + 1])',
  'log: set(attributes["r"], Sort([{"a": 1}, 2]))',
  'log: set(attributes["r"], SliceToMap([{"k": "a", "v": 1}, {"k": "b", "v": 2}], ["k"], ["v"]))',
  'spanevent: set(attributes["i"], event_index)',
  'datapoint: set(attributes["b"], bucket_counts) ;; set(attributes["e"], explicit_bounds)',
  'datapoint: set(negative.offset, 4) where metric.name == "e" ;; set(attributes["n"], negative.bucket_counts) where metric.name == "e"',
];

const cases = readCases();
const recorded = recordedOutcomes();

for (const each of cases) {
  const recordedOutcome = recorded[each.text] as Outcome;
  if (accepted.includes(each.text))
    test(`answers what the incumbent refuses: ${each.text}`, async () => {
      assert.notEqual(recordedOutcome.error, undefined);
      assert.equal((await run(each)).error, undefined);
    });
  else if (recordedOutcome.error !== undefined)
    test(`refuses as the incumbent does: ${each.text}`, async () => assert.notEqual((await run(each)).error, undefined));
  else
    test(`changes telemetry as the incumbent does: ${each.text}`, async () => {
      const { request, error } = await run(each);
      assert.equal(error, undefined);
      assert.deepEqual(canonical(each.signal, request), recordedOutcome.request);
    });
}

test("every case has an answer of the incumbent", () =>
  assert.deepEqual(
    cases.map(({ text }) => text),
    Object.keys(recorded),
  ));

const oracle = realPart("ottl");
test("the recorded answers are those of the incumbent", { skip: oracle.skip }, () =>
  assert.deepEqual(withoutTexts(askOracle(oracle.path as string, cases)), withoutTexts(recorded)),
);

/** The incumbent lists contexts in any order, and puts addresses of its memory into messages. */
function withoutTexts(outcomes: Readonly<Record<string, Outcome>>): unknown {
  return Object.fromEntries(
    Object.entries(outcomes).map(([text, { request, error }]) => [text, { request, isRefused: error !== undefined }]),
  );
}
