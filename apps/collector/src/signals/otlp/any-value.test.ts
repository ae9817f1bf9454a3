import assert from "node:assert/strict";
import { test } from "node:test";
import { AnyValueReader } from "./any-value.ts";
import { AttributeCursor } from "./attribute-cursor.ts";
import { Resource } from "./schema.ts";
import { attributes, encode, type PlainValue } from "./testing.ts";

function text(value: PlainValue): string {
  const bytes = encode(Resource, { attributes: attributes({ key: value }) });
  const cursor = new AttributeCursor().reset(bytes, 0, bytes.length, 1);
  assert.equal(cursor.find(Buffer.from("key")), true);
  return new AnyValueReader().reset(bytes, cursor.valueStart, cursor.valueEnd).text();
}

for (const [value, expected] of [
  ["plain", "plain"],
  [true, "true"],
  [-42, "-42"],
  [9007199254740993n, "9007199254740993"],
  [0.1, "0.1"],
  [1.5e-7, "1.5e-7"],
  [1.5e21, "1.5e+21"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
  [Buffer.from("hello"), "aGVsbG8="],
  [[1, "a", true, 1.5, []], '[1,"a",true,1.5,[]]'],
  [{ b: 1, a: { c: "<\u2028>" } }, '{"a":{"c":"<\\u2028>"},"b":1}'],
  [{}, "{}"],
] as [PlainValue, string][])
  test(`prints ${expected}`, () => {
    assert.equal(text(value), expected);
  });

test("an empty value is the empty text, and null in a list", () => {
  assert.equal(new AnyValueReader().reset(new Uint8Array(0), 0, 0).text(), "");
  assert.equal(new AnyValueReader().reset(Buffer.from([0x2a, 2, 0x0a, 0]), 0, 4).text(), "[null]");
});

test("of several values the last one counts", () => {
  assert.equal(new AnyValueReader().reset(Buffer.from([0x0a, 1, 0x61, 0x18, 7]), 0, 5).text(), "7");
});
