import assert from "node:assert/strict";
import { test } from "node:test";
import { readYaml } from "./read.ts";
import { writeYaml } from "./write.ts";

const rewritten = (text: string): string => writeYaml(readYaml(text));

test("words, octal numbers and underscores are read as YAML 1.1 has them", () => {
  assert.equal(
    rewritten("[yes, off, 0755, 1_000, 0x1F, 0o17, ~, 1:30, 2024-01-02]"),
    '- true\n- false\n- 493\n- 1000\n- 31\n- 15\n- null\n- "1:30"\n- "2024-01-02"\n',
  );
});

test("keys are sorted by their numbers and lists stand under their key", () => {
  assert.equal(
    rewritten("{q10: [1, [2, 3]], q2: {}, q1: [], y: [{a: 1, b: {c: 2}}]}"),
    'q1: []\nq2: {}\nq10:\n- 1\n- - 2\n  - 3\n"true":\n- a: 1\n  b:\n    c: 2\n',
  );
});

test("texts are quoted where they would be read as something else", () => {
  assert.equal(
    rewritten(`['yes', "a: b", "a #b", "- a", " a", "1e3", "<<", "it's", "{{ x }}", "a\\tb", ""]`),
    "- \"yes\"\n- 'a: b'\n- 'a #b'\n- '- a'\n- ' a'\n- \"1e3\"\n- <<\n- it's\n- '{{ x }}'\n- \"a\\tb\"\n- \"\"\n",
  );
});

test("texts of several lines become blocks", () => {
  assert.equal(
    rewritten('{a: "x\\ny\\n", b: "x\\n\\ny", c: " x\\ny\\n\\n", d: 1}'),
    "a: |\n  x\n  y\nb: |-\n  x\n\n  y\nc: |2+\n   x\n  y\n\nd: 1\n",
  );
});

test("long texts break at a space beyond column 80", () => {
  const words = `${"a".repeat(80)} b c`;
  assert.equal(rewritten(`k: ${words}`), `k: ${"a".repeat(80)}\n  b c\n`);
});

test("numbers that are not whole are written as Go prints them", () => {
  assert.equal(rewritten("[1000000, 1234567.5, 1e21]"), "- 1000000\n- 1.2345675e+06\n- 1e+21\n");
});

test("merge keys give way to the map's own", () => {
  assert.equal(rewritten("a: &a {x: 1, y1: 2}\nb: {<<: *a, x: 3}"), "a:\n  x: 1\n  y1: 2\nb:\n  x: 3\n  y1: 2\n");
});

test("a document of aliases to aliases is an error", () => {
  const levels = Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(",")}]`);
  assert.throws(() => readYaml(`a0: &a0 x\n${levels.join("\n")}`), /excessive aliasing/);
});
