import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicatesIn } from "./duplicate-keys.ts";

test("keys that stand twice are found with both lines, in any depth and document", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a: 1\nb: 2\n", ""],
    ["a: 1\na: 2\n", "a 2 1"],
    ["a:\n  b: 1\n  c: 1\n  b: 2\n", "a.b 4 2"],
    ["- a: 1\n  a: 2\n- a: 1\n", "0.a 2 1"],
    ["a: 1\n---\na: 2\na: 3\n", "a 4 3"],
    ["a: {b: 1, b: 2}\n", "a.b 1 1"],
    ["x: &x {a: 1}\ny: &y {b: 1}\nz:\n  <<: *x\n  <<: *y\n", ""],
    ['"a": 1\na: 2\n', "a 2 1"],
  ];
  for (const [text, expected] of cases) {
    assert.equal(
      duplicatesIn(text)
        .map(({ path, line, firstLine }) => `${path.join(".")} ${line} ${firstLine}`)
        .join(),
      expected,
      text,
    );
  }
});
