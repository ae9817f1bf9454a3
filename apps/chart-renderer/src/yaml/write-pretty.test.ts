import assert from "node:assert/strict";
import { test } from "node:test";
import type { GoValue } from "@invar/go-compat";
import { readDocuments } from "./read-documents.ts";
import { compareKeys, writePrettyYaml } from "./write-pretty.ts";

function value(plain: unknown): GoValue {
  if (Array.isArray(plain)) return plain.map(value);
  if (typeof plain !== "object" || plain === null) return plain as GoValue;
  return new Map(Object.entries(plain).map(([key, one]) => [key, value(one)]));
}

// Recorded from yaml.v3 3.0.4 with SetIndent(2).
const CASES: readonly (readonly [unknown, string])[] = [
  [{ a: [1n, { b: 1n, c: [[1n, 2n], []] }] }, "a:\n  - 1\n  - b: 1\n    c:\n      - - 1\n        - 2\n      - []\n"],
  [{ k: "x\ny\n" }, "k: |\n  x\n  y\n"],
  [{ k: "x\n\n", l: 1n }, "k: |+\n  x\n\nl: 1\n"],
  [{ k: "x\n\n\n" }, "k: |+\n  x\n\n\n"],
  [{ k: "\n x" }, "k: |2-\n\n   x\n"],
  [{ y: "yes", n: null }, '"n": null\n"y": "yes"\n'],
  [{ a: "a: b", b: "it's", c: "1e3", d: "" }, 'a: \'a: b\'\nb: it\'s\nc: "1e3"\nd: ""\n'],
  [{ a: "😀", b: "a\tb", c: "a\n\tb\n" }, 'a: "\\U0001F600"\nb: "a\\tb"\nc: |\n  a\n  \tb\n'],
  ["x", "x\n"],
  [{}, "{}\n"],
  [{ f: 1.5, h: {} }, "f: 1.5\nh: {}\n"],
];

test("writes as Go's yaml.v3 does", () => {
  for (const [plain, text] of CASES) assert.equal(writePrettyYaml(value(plain)), text);
});

test("reads what it writes", () => {
  for (const [plain] of CASES) assert.deepEqual(readDocuments(writePrettyYaml(value(plain)))[0], value(plain));
});

test("orders keys by numbers in them, letters behind signs", () => {
  assert.deepEqual(["k10", "k2", "k-1", "ka", "k"].sort(compareKeys), ["k", "k-1", "k2", "k10", "ka"]);
});

test("a key that comes twice is an error with both lines", () => {
  assert.throws(() => readDocuments("a: 1\nb: 2\na: 3\n"), /line 3: mapping key "a" already defined at line 1/);
});

test("only true and false are booleans, whole numbers are whole", () => {
  assert.deepEqual(readDocuments("[yes, true, 1, 1.0, 0755, 0x1F, 2024-01-02, ~]")[0], ["yes", true, 1n, 1, 493n, 31n, "2024-01-02", null]);
});

test("a document of aliases to aliases ends with an error", () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ...[..."bcdefghi"].map((name, at) => `${name}: &${name} [${`*${"abcdefgh"[at]},`.repeat(9)}]`),
  ];
  assert.throws(() => readDocuments(bomb.join("\n")), /excessive aliasing/);
});
