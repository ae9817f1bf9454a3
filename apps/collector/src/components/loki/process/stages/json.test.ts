import assert from "node:assert/strict";
import { test } from "node:test";
import { extractedFrom, faultsOf, StageRun } from "../pipeline-cases.ts";

const json = (args: string) => `stage.json {\n${args}\n}`;

test("values are extracted by JMESPath", () => {
  const line = '{"app":"loki","n":5,"f":1.5,"t":true,"nil":null,"o":{"a":{"b":"<x>"}},"l":[1,"two"],"a-b":"c"}';
  const cases: [string, Record<string, unknown>][] = [
    ['{ app = "" }', { app: "loki" }],
    ['{ name = "app", n = "", f = "", t = "", nil = "" }', { f: 1.5, n: 5, name: "loki", nil: null, t: true }],
    ['{ b = "o.a.b" }', { b: "<x>" }],
    ['{ o = "" }', { o: '{"a":{"b":"\\u003cx\\u003e"}}' }],
    ['{ l = "", two = "l[1]" }', { l: '[1,"two"]', two: "two" }],
    ['{ none = "" }', { none: null }],
    ['{ c = "\\"a-b\\"" }', { c: "c" }],
    ['{ len = "length(l)", wrong = "length(n)" }', { len: 2 }],
    ['{ constructor = "" }', { constructor: null }],
  ];
  for (const [expressions, expected] of cases)
    assert.deepEqual(extractedFrom(json(`expressions = ${expressions}`), `{} ${line}`), expected, expressions);
});

test("keys are extracted by pattern, and from values that were extracted before", () => {
  assert.deepEqual(extractedFrom(json('regex = "^a"'), '{} {"ab":1,"ac":"x","b":2}'), { ab: 1, ac: "x" });
  const chain = `${json('expressions = { extra = "" }')}\n${json('source = "extra"\nexpressions = { user = "" }')}`;
  assert.deepEqual(extractedFrom(chain, '{} {"extra":"{\\"user\\":\\"alloy\\"}"}'), { extra: '{"user":"alloy"}', user: "alloy" });
  assert.deepEqual(extractedFrom(json('source = "none"\nexpressions = { user = "" }'), '{} {"user":1}'), {});
});

test("what is no JSON object extracts nothing, and is dropped only where that is asked for", async () => {
  for (const text of ["nonsense", "[1]", '"x"', "5", '{"a":1} x', ""]) {
    assert.deepEqual(extractedFrom(json('expressions = { a = "" }'), `{} ${text}`), {}, text);
    const run = new StageRun(json('expressions = { a = "" }\ndrop_malformed = true'));
    assert.deepEqual(await run.send(`{} @1 ${text}`), [], text);
    assert.equal(run.context.metric("loki_process_dropped_lines_total", { reason: "malformed_json" }), 1);
  }
  assert.deepEqual(await new StageRun(json('expressions = { a = "" }\nsource = "x"\ndrop_malformed = true')).send("{} @1 no"), [
    "{} @1 no",
  ]);
  assert.deepEqual(extractedFrom(json('expressions = { a = "" }'), "{} null"), { a: null });
});

test("wrong arguments are refused", () => {
  const cases: [string, RegExp][] = [
    ["", /JMES expressions or regex is required/],
    ['expressions = { a = "foo-bar" }\nsource = ""', /empty source/],
    ['expressions = { a = ".@" }', /could not compile JMES expression/],
    ['regex = "("', /error parsing regexp/],
  ];
  for (const [args, message] of cases) assert.match(faultsOf(json(args)), message, args);
});
