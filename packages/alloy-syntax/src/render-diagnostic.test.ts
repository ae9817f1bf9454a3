import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "./diagnostic.ts";
import { position } from "./position.ts";
import { renderDiagnostic } from "./render-diagnostic.ts";

// The place stands between « and » in the text.
function diagnostic(marked: string, rest: Partial<Diagnostic> = {}): Diagnostic {
  const start = marked.indexOf("«");
  const end = marked.indexOf("»") - 1;
  const text = marked.replace("«", "").replace("»", "");
  return { severity: "error", code: "some.code", message: "wrong", source: { name: "f.alloy", text }, span: { start, end }, ...rest };
}

function excerpt(marked: string): string {
  return renderDiagnostic(diagnostic(marked)).split("\n").slice(2).join("\n");
}

test("names severity, place, message, code and hint", () => {
  assert.equal(
    renderDiagnostic(diagnostic("a = «b»\n", { hint: 'did you mean "c"?' })),
    'Error: f.alloy:1:5: wrong [some.code]\n\n1 | a = b\n  |     ^\n  hint: did you mean "c"?',
  );
  assert.equal(
    renderDiagnostic(diagnostic("a\n«b»", { severity: "warning" }), { context: 0 }),
    "Warning: f.alloy:2:1: wrong [some.code]\n\n2 | b\n  | ^",
  );
  assert.equal(renderDiagnostic(diagnostic("«»", { source: { name: "", text: "" } })), "Error: 1:1: wrong [some.code]");
});

const cases: readonly (readonly [marked: string, excerpt: string])[] = [
  ["a\nb = «ccc»\nd\ne", "1 | a\n2 | b = ccc\n  |     ^^^\n3 | d"],
  ["\t«a»\tb", "1 |     a    b\n  |     ^"],
  ["é «😀x» y", "1 | é 😀x y\n  |   ^^"],
  ["a = «{\n\tb\n}» c", "1 | a = {\n  |     ^\n2 |     b\n  | ^^^^^\n3 | } c\n  | ^"],
  ["a«»", "1 | a\n  |  ^"],
  ["a {\n«»", "1 | a {\n2 |\n  | ^"],
  ["a\r\n«b»\r\nc", "1 | a\n2 | b\n  | ^\n3 | c"],
  ["a \x1b[31m«b» \u202e", "1 | a \ufffd[31mb \ufffd\n  |        ^"],
  [`${"1\n".repeat(8)}«9»\n10`, " 8 | 1\n 9 | 9\n   | ^\n10 | 10"],
  ["«1\n2\n3\n4\n5\n6\n7\n8»", "1 | 1\n  | ^\n2 | 2\n  | ^\n3 | 3\n  | ^\n  | ...\n7 | 7\n  | ^\n8 | 8\n  | ^"],
];

test("shows the lines around the place, and marks it", () => {
  for (const [marked, expected] of cases) assert.equal(excerpt(marked), expected, JSON.stringify(marked));
});

test("cuts long lines around the place", () => {
  const lines = excerpt(`${"x".repeat(1_000_000)}«here»${"y".repeat(1_000_000)}`).split("\n");
  assert.ok(lines.every((line) => line.length < 160));
  assert.match(lines[0] ?? "", /^1 \| \.\.\.x{20}herey+\.\.\.$/);
  assert.equal((lines[1] ?? "").indexOf("^"), (lines[0] ?? "").indexOf("here"));
});

test("colours for terminals", () => {
  assert.equal(
    renderDiagnostic(diagnostic("«a»"), { color: true }),
    "\x1b[1m\x1b[31mError:\x1b[0m \x1b[1mf.alloy:1:1: wrong\x1b[0m [some.code]\n\n1 | a\n  | \x1b[31m^\x1b[0m",
  );
});

test("finds lines and columns, from 1, of any offset", () => {
  const source = { name: "", text: "ab\n\nc\n" };
  const found = Array.from({ length: 9 }, (_, offset) => position(source, offset - 1)).map(({ line, column }) => `${line}:${column}`);
  assert.deepEqual(found, ["1:1", "1:1", "1:2", "1:3", "2:1", "3:1", "3:2", "4:1", "4:1"]);
});
