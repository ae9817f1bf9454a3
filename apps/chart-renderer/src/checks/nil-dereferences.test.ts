import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn } from "./testing.ts";

function found(values: string, template: string, toggleRenders = 20): string[] {
  return findingsIn({ "values.yaml": values, "templates/a.yaml": template }, { toggleRenders })
    .filter(({ rule }) => rule === "template/nil-dereference")
    .map(({ message, valuesKey }) => `${valuesKey} ${message}`);
}

test("toggles that other toggles uncover are tried too", () => {
  const template = "{{ if .Values.a }}{{ if .Values.b }}{{ if .Values.c }}{{ .Values.no.where }}{{ end }}{{ end }}{{ end }}";
  assert.deepEqual(found("a: false\nb: false\nc: false\n", template), [
    "no.where nil pointer evaluating interface {}.where, when a is true and b is true and c is true",
  ]);
});

test("the toggle that is off instead of on may be the one", () => {
  assert.deepEqual(found("a: true\n", "{{ if not .Values.a }}{{ .Values.no.where }}{{ end }}"), [
    "no.where nil pointer evaluating interface {}.where, when a is false",
  ]);
});

test("pairs of toggles are tried when renders are left, none without", () => {
  const template = "{{ $both := and .Values.a .Values.b }}{{ .Values.b }}{{ if $both }}{{ .Values.no.where }}{{ end }}";
  assert.equal(found("a: false\nb: false\n", template).length, 1);
  assert.equal(found("a: false\nb: false\n", template, 0).length, 0);
});

test("what fails now is told without circumstances", () => {
  assert.deepEqual(found("", "{{ .Values.no.where }}"), ["no.where nil pointer evaluating interface {}.where"]);
});
