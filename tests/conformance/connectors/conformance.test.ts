import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "./cases.ts";
import { ask, comparableAnswer, recordedAnswers } from "./conformance.ts";

const recorded = recordedAnswers();

for (const each of cases)
  test(`answers as the reference does: ${each.name}`, async () => {
    const outSignal = each.kind === "connector" ? "metrics" : each.signal;
    assert.deepEqual(await ask(each), comparableAnswer(outSignal, recorded[each.name] ?? [], each.ignoresTimes));
  });

test("every recorded answer belongs to a case", () => assert.deepEqual(Object.keys(recorded).sort(), cases.map(({ name }) => name).sort()));
