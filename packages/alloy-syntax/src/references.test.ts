import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, parseExpression } from "./parser.ts";
import { references, referencesIn } from "./references.ts";

const cases: readonly (readonly [text: string, references: string])[] = [
  ["1", ""],
  ["a", "a"],
  ["a.b.c", "a.b.c"],
  ['a.b["x"].c', "a.b"],
  ["a[b.c].d[e]", "a b.c e"],
  ['sys.env("X")', "sys.env"],
  ["a.f(b.c, [d], {e = f.g}).h", "a.f b.c d f.g"],
  ["-a + !b.c", "a b.c"],
  ["(a.b).c", "a.b"],
  ["f(a)(b)", "f a b"],
  ["{a = b}.c", "b"],
  ["a.b + a.b", "a.b a.b"],
  ['"a.b"', ""],
];

test("finds the names that an expression uses, in order", () => {
  for (const [text, expected] of cases) {
    const found = references(parseExpression({ name: "", text }).expression);
    assert.equal(found.map(({ path }) => path.map((part) => part.text).join(".")).join(" "), expected, text);
    for (const { start, end, path } of found) assert.equal(text.slice(start, end), path.map((part) => part.text).join("."), text);
  }
});

test("finds the names used in a body, inner blocks included", () => {
  const { file } = parse({ name: "", text: "a = b.c\nd {\n e = [f]\n g {\n  h = i(j)\n }\n}\nk = l" });
  assert.deepEqual(
    referencesIn(file.body).map(({ path }) => path.map((part) => part.text).join(".")),
    ["b.c", "f", "i", "j", "l"],
  );
});

test("walks a path of a hundred thousand fields", () => {
  const { expression } = parseExpression({ name: "", text: `a${".b".repeat(100_000)}` });
  assert.equal(references(expression)[0]?.path.length, 100_001);
});
