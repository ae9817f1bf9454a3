import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { cases } from "./cases.ts";
import { ask, askReference, comparableAnswer, namesInAnswer, recordedAnswers } from "./conformance.ts";

const recorded = recordedAnswers();

for (const each of cases)
  test(`answers as the reference does: ${each.name}`, async () => {
    const outSignal = each.kind === "connector" ? "metrics" : each.signal;
    const answer = recorded[each.name] ?? [];
    assert.deepEqual(await ask(each), each.comparesNames ? namesInAnswer(answer) : comparableAnswer(outSignal, answer, each.ignoresTimes));
  });

test("every recorded answer belongs to a case", () => assert.deepEqual(Object.keys(recorded).sort(), cases.map(({ name }) => name).sort()));

const reference = realPart("connectors");
test("the recorded answers are those of the reference", { skip: reference.skip }, () => {
  const answers = askReference(reference.path as string, cases);
  for (const each of cases) {
    const inForm = (answer: readonly unknown[] = []) =>
      each.comparesNames
        ? namesInAnswer(answer)
        : comparableAnswer(each.kind === "connector" ? "metrics" : each.signal, answer, each.ignoresTimes);
    assert.deepEqual(inForm(answers[each.name]), inForm(recorded[each.name]), each.name);
  }
});
