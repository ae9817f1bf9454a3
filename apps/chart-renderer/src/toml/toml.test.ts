import assert from "node:assert/strict";
import { test } from "node:test";
import { readToml } from "./read.ts";
import { writeToml } from "./write.ts";

const rewritten = (text: string): string => writeToml(readToml(text));

test("tables, arrays of tables and dotted keys come back as Helm's encoder writes them", () => {
  assert.equal(
    rewritten('b.c = 1\na = "x\\"y"\n[[l]]\nn = 1\n[[l]]\nn = 2.0\n'),
    'a = "x\\"y"\n\n[b]\n  c = 1\n\n[[l]]\n  n = 1\n\n[[l]]\n  n = 2.0\n',
  );
});

test("what is wrong is told with its line and the last key", () => {
  assert.throws(() => readToml("a = 1\na = 2"), { message: `toml: line 2 (last key "a"): Key 'a' has already been defined.` });
  assert.throws(() => readToml("[a]\n[a]"), { message: "toml: line 2: Key 'a' has already been defined." });
  assert.throws(() => readToml("a = {b = 1}\n[a.c]"), /was already created as a hash/);
});
