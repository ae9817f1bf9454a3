import assert from "node:assert/strict";
import { test } from "node:test";
import { IdentityWriter } from "./identity.ts";
import { Resource } from "./schema.ts";
import { attributes, encode, type PlainValue } from "./testing.ts";

type Pair = readonly [string, PlainValue];

function identityOf(pairs: readonly Pair[]): string {
  const content = encode(Resource, { attributes: pairs.flatMap(([key, value]) => attributes({ [key]: value })) });
  const identity = new IdentityWriter();
  identity.attributes(content, 0, content.length, 1);
  return Buffer.from(identity.writer.toBytes()).toString("hex");
}

const same: readonly (readonly [readonly Pair[], readonly Pair[]])[] = [
  [
    [
      ["a", 1],
      ["b", "x"],
    ],
    [
      ["b", "x"],
      ["a", 1],
    ],
  ],
  [
    [
      ["a", 1],
      ["a", 2],
    ],
    [["a", 1]],
  ],
  [[["m", { x: 1, y: [1, 2] }]], [["m", { y: [1, 2], x: 1 }]]],
];
for (const [one, two] of same)
  test(`${JSON.stringify(one)} means the same as ${JSON.stringify(two)}`, () => assert.equal(identityOf(one), identityOf(two)));

const different: readonly (readonly [readonly Pair[], readonly Pair[]])[] = [
  [[["a", 1]], [["a", "1"]]],
  [[["a", 1]], [["a", 1.5]]],
  [[["a", "bc"]], [["ab", "c"]]],
  [[["a", [[1], 2]]], [["a", [[1, 2]]]]],
  [[["a", ""]], []],
  [
    [
      ["ab", 1],
      ["b", 1],
    ],
    [
      ["a", 1],
      ["bb", 1],
    ],
  ],
];
for (const [one, two] of different)
  test(`${JSON.stringify(one)} does not mean the same as ${JSON.stringify(two)}`, () => assert.notEqual(identityOf(one), identityOf(two)));

test("takes any number of attributes", () => {
  const pairs: Pair[] = Array.from({ length: 100 }, (_, i) => [`k${(i * 37) % 100}`, i]);
  assert.equal(identityOf(pairs), identityOf([...pairs].reverse()));
});
