import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "./cases.ts";
import { ask, comparableAnswer, namesInAnswer, recordedAnswers } from "./conformance.ts";

const recorded = recordedAnswers();

for (const each of cases)
  test(`answers as the reference does: ${each.name}`, async () => {
    const outSignal = each.kind === "connector" ? "metrics" : each.signal;
    const answer = recorded[each.name] ?? [];
    assert.deepEqual(await ask(each), each.comparesNames ? namesInAnswer(answer) : comparableAnswer(outSignal, answer, each.ignoresTimes));
  });

test("every recorded answer belongs to a case", () => assert.deepEqual(Object.keys(recorded).sort(), cases.map(({ name }) => name).sort()));
