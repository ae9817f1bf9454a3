import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { equal } from "./equal.ts";
import { evaluate } from "./evaluate.ts";
import { format } from "./format.ts";
import { toJsonValue } from "./json-value.ts";
import { parseExpression } from "./parser.ts";
import { printValue } from "./print-value.ts";
import { testScope } from "./test-scope.ts";
import { Capsule, objectOf, Secret, type Value } from "./value.ts";

const object = (fields: Record<string, Value>) => objectOf(Object.entries(fields));
const nested = object({ url: "http://x", a_list: [1n, 2n], headers: object({ "X-A": "b", c: null }), z: 1.5, yy: true });

test("prints values in the layout of configurations", () => {
  const expected = `{
	a_list  = [1, 2],
	headers = {
		"X-A" = "b",
		c     = null,
	},
	url = "http://x",
	yy  = true,
	z   = 1.5,
}`;
  assert.equal(printValue(nested), expected);
  assert.equal(format(`x = ${expected}`).text, `x = ${expected}\n`);
});

const cases: readonly (readonly [value: Value, text: string, json: string])[] = [
  [null, "null", '{"type":"null","value":null}'],
  [true, "true", '{"type":"bool","value":true}'],
  [5n, "5", '{"type":"number","value":5}'],
  [2n ** 64n - 1n, "18446744073709551615", '{"type":"number","value":18446744073709552000}'],
  [1e21, "1000000000000000000000", '{"type":"number","value":1e+21}'],
  ['a"b\n', '"a\\"b\\n"', '{"type":"string","value":"a\\"b\\n"}'],
  ["\u00a0é", '"\\u00a0é"', '{"type":"string","value":"\u00a0é"}'],
  ["\udcff", '"\\xff"', '{"type":"string","value":"\ufffd"}'],
  [[], "[]", '{"type":"array","value":[]}'],
  [[1n, "a"], '[1, "a"]', '{"type":"array","value":[{"type":"number","value":1},{"type":"string","value":"a"}]}'],
  [[object({ a: 1n }), object({})], "[{\n\ta = 1,\n}, {}]", ""],
  [object({}), "{}", '{"type":"object","value":[]}'],
  [
    object({ b: 1n, a: null }),
    "{\n\ta = null,\n\tb = 1,\n}",
    '{"type":"object","value":[{"key":"a","value":{"type":"null","value":null}},{"key":"b","value":{"type":"number","value":1}}]}',
  ],
  [object({ "a b": 1n }), '{\n\t"a b" = 1,\n}', ""],
  [new Secret("hush"), "(secret)", '{"type":"capsule","value":"(secret)"}'],
  [new Secret("open", false), '"open"', '{"type":"capsule","value":"\\"open\\""}'],
  [new Capsule("loki.LogsReceiver", {}), 'capsule("loki.LogsReceiver")', '{"type":"capsule","value":"capsule(\\"loki.LogsReceiver\\")"}'],
  [{ kind: "function", name: "f", call: () => null }, "function", '{"type":"function","value":"function"}'],
];

test("prints each type of value, and shows it in the shape of the web API", () => {
  for (const [value, text, json] of cases) {
    assert.equal(printValue(value), text);
    if (json !== "") assert.equal(JSON.stringify(toJsonValue(value)), json);
  }
});

const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    // Between these a number is printed as a whole one that fits into 64 bits without its sign only, as the incumbent does.
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => number > -(2 ** 63) || number <= -(2 ** 64)),
    fc.string({ unit: "grapheme" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z_ .-]{1,8}$/), tie("value"), { maxKeys: 4 }).map((fields) => objectOf(Object.entries(fields))),
  ),
})).value;

test("prints what evaluates to the same value, and is formatted already", () => {
  fc.assert(
    fc.property(values, (value) => {
      const text = printValue(value);
      const { expression, diagnostics } = parseExpression({ name: "", text });
      assert.deepEqual(diagnostics, [], text);
      assert.ok(equal(evaluate(expression, testScope), value), text);
      assert.equal(format(`x = ${text}`).text, `x = ${text}\n`);
    }),
    { numRuns: 500 },
  );
});

test("shows no secret in any depth", () => {
  const value = object({ a: [new Secret("hush"), object({ b: new Secret("hush") })] });
  assert.doesNotMatch(printValue(value) + JSON.stringify(toJsonValue(value)), /hush/);
});
