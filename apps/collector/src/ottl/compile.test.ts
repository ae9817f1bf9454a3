import assert from "node:assert/strict";
import { test } from "node:test";
import { ItemCursor } from "../signals/otlp/item-cursor.ts";
import { encodeRequest, typicalSpans } from "../signals/otlp/testing.ts";
import { compileConditions, compileStatements } from "./compile.ts";
import { Frame } from "./telemetry/frame.ts";
import { StatementError } from "./value.ts";

test("evaluates conditions on the items that a cursor goes through", () => {
  const { diagnostics, evaluate } = compileConditions("span", ['resource.attributes["service.name"] == "checkout" and kind > 0']);
  assert.deepEqual(diagnostics, []);
  const cursor = new ItemCursor("traces").reset(encodeRequest("traces", typicalSpans(5)));
  const frame = new Frame("traces").begin(undefined);
  let count = 0;
  while (cursor.next()) if (evaluate(frame.at(cursor))) count++;
  assert.equal(count, 5);
});

const onFirst = (texts: readonly string[], options: Parameters<typeof compileConditions>[2]) => {
  const { diagnostics, evaluate } = compileConditions("span", texts, options);
  assert.deepEqual(diagnostics, []);
  const cursor = new ItemCursor("traces").reset(encodeRequest("traces", typicalSpans(1)));
  cursor.next();
  return evaluate(new Frame("traces").begin(undefined).at(cursor));
};

for (const [texts, combine, expected] of [
  [[], "or", false],
  [["false", "true"], "or", true],
  [["false", "true"], "and", false],
  [["true", "true"], "and", true],
  [["1/0 == 1", "true"], "or", true],
  [["1/0 == 1", "true"], "and", true],
  [["1/0 == 1"], "and", false],
] as const)
  test(`${combine} of ${JSON.stringify(texts)} is ${expected}, errors passed over`, () => {
    const errors: string[] = [];
    const result = onFirst(texts, { combine, errorMode: "ignore", onError: (error) => errors.push(error.message) });
    assert.equal(result, expected);
    assert.deepEqual(errors, texts[0] === "1/0 == 1" ? ["attempted to divide by 0"] : []);
  });

test("ends the batch with the condition and the reason where errors are handed on", () => {
  assert.throws(() => onFirst(["1/0 == 1"], {}), new StatementError("failed to eval condition: 1/0 == 1, attempted to divide by 0"));
});

test("says nothing of errors that are silent", () => {
  assert.equal(onFirst(["1/0 == 1"], { errorMode: "silent", onError: () => assert.fail() }), false);
});

for (const [text, place, message] of [
  ['set(attributes["a"], "b" where true', "where", 'statement has invalid syntax: 1:26: unexpected token "where"'],
  ["set(nowhere, 1)", "nowhere", 'segment "nowhere" from path "nowhere" is not a valid path'],
  ["set(status.nowhere, 1)", "nowhere", 'segment "nowhere" from path "status.nowhere" is not a valid path'],
  ["sett(name, 1)", "sett", 'undefined function "sett"'],
  ["set(name)", "set(name)", "incorrect number of arguments. Expected: 2 Received: 1"],
  ["set(name, ToLowerCase(5))", "5", "expected string but got int64"],
  ['set(name, "x") where IsMatch(name, "(")', 'IsMatch(name, "(")', `the regex pattern supplied to IsMatch '"("' is not a valid pattern`],
  ["set(name, NO_SUCH)", "NO_SUCH", "enum symbol, NO_SUCH, not found"],
  ["Concat([name], name)", "Concat", "editor names must start with a lowercase letter but got 'Concat'"],
  ['set(name, concat(["a"], ""))', "concat", "converter names must start with an uppercase letter but got 'concat'"],
  ['set(name["x"], 1)', "name", 'the keys indexing "name" were not used by the context'],
  ["set(1, 1)", "1", "must be a path"],
  ['set(name, "a"', "", 'unexpected token "<EOF>"'],
  ['set(name, "a\\q")', '"a\\q"', "invalid quoted string"],
  ["set(name, 9223372036854775808)", "9223372036854775808", "value out of range"],
  ["set(name, 0x1)", "0x1", "odd length hex string"],
  ["set(log.cache, 1)", "log", "is not a valid path"],
  ["set(resource.cache, 1)", "resource.cache", 'please replace "resource.cache" with "span.cache"'],
] as const)
  test(`says what is wrong with ${text}, and where`, () => {
    const [problem] = compileStatements("span", [text]).diagnostics;
    assert.ok(problem?.message.includes(message), problem?.message ?? "no finding");
    assert.equal(text.slice(problem?.start, problem?.end), place);
  });

test("wants the context before every path where it is inferred", () => {
  const { diagnostics } = compileStatements("span", ["set(name, 1)", "set(log.body, 1)"], { needsContext: true });
  assert.match(
    diagnostics[0]?.message ?? "",
    /missing context name for path "name", possibly valid options are: "span.name", "resource.name"/,
  );
  assert.match(
    diagnostics[1]?.message ?? "",
    /context "log" from path "log.body" is not valid, it must be replaced by one of: "span", "resource"/,
  );
});

test("refuses what is nested too deep, too long or too complex, at once", () => {
  const deep = `${"(".repeat(5000)}1${")".repeat(5000)} == 1`;
  const lambdas = `${"All(cache, (a, b) => (".repeat(30)}true${") and true)".repeat(30)}`;
  for (const text of [deep, lambdas, "x".repeat(100_000), "[".repeat(3000), "not ".repeat(3000), "-".repeat(3000)]) {
    const { diagnostics } = compileConditions("span", [text]);
    assert.equal(diagnostics.length, 1);
  }
});
