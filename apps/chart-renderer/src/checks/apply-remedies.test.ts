import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../finding.ts";
import { applyRemedies } from "./apply-remedies.ts";

/** The text after mending one finding in it. */
function mended(text: string, finding: Partial<Finding> & { readonly rule: string; readonly line: number }): string {
  let after = text;
  applyRemedies([{ severity: "warning", message: "", ...finding, place: { file: "f", line: finding.line } }], {
    read: () => text,
    write: (_, written) => {
      after = written;
    },
  });
  return after;
}

test("a misspelt key gets its name, comments and value stay", () => {
  const finding = { rule: "values/misspelt", line: 2, valuesKey: "image.pulPolicy", fix: "write pullPolicy" };
  assert.equal(mended("image:\n  pulPolicy: Never # ours\n", finding), "image:\n  pullPolicy: Never # ours\n");
  assert.equal(mended("image: {pulPolicy: Never}\n", { ...finding, line: 1 }), "image: {pulPolicy: Never}\n");
});

test("a version gets quotes", () => {
  const finding = { rule: "helm/chart-file", line: 2, message: "appVersion should be of type string but it's of type float64" };
  assert.equal(mended("name: a\nappVersion: 1.5 # x\n", finding), 'name: a\nappVersion: "1.5" # x\n');
});

test("a key that stands twice goes only where both say the same in a line each", () => {
  const finding = { rule: "yaml/duplicate-key", line: 2, message: "the key a stands in line 1 too: only the last one counts" };
  assert.equal(mended("a: 1\na: 1\nb: 2\n", finding), "a: 1\nb: 2\n");
  assert.equal(mended("a: 1\na: 2\n", finding), "a: 1\na: 2\n");
  assert.equal(mended("a: |\na: |\n  x\n", finding), "a: |\na: |\n  x\n");
});

test("an assignment goes only where nothing else is on its line and nothing can happen in it", () => {
  const finding = { rule: "template/unused-variable", line: 1 };
  assert.equal(mended("{{- $a := .Values.b }}\nx\n", finding), "x\n");
  assert.equal(mended('{{- $a := required "x" .b }}\nx\n', finding), '{{- $a := required "x" .b }}\nx\n');
  assert.equal(mended("{{- $a := .b }}text\n", finding), "{{- $a := .b }}text\n");
});

test("several places of one file are mended together", () => {
  const finding = (line: number): Finding => ({
    rule: "template/unused-variable",
    severity: "warning",
    message: "",
    place: { file: "f", line },
  });
  let text = "{{- $a := 1 }}\nx\n{{- $b := 2 }}\ny\n";
  const count = applyRemedies([finding(1), finding(3)], {
    read: () => text,
    write: (_, written) => {
      text = written;
    },
  });
  assert.equal(count, 2);
  assert.equal(text, "x\ny\n");
});
