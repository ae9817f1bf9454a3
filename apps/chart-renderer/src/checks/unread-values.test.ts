import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn } from "./testing.ts";

/** Unread and misspelt values as `?key` and `key>meant`. */
function found(values: string, template: string, user = ""): string {
  return findingsIn({ "values.yaml": values, "templates/a.yaml": template }, { user })
    .filter(({ rule }) => rule.startsWith("values/"))
    .map(({ rule, valuesKey, fix }) =>
      rule === "values/unread" ? `?${valuesKey}` : `${valuesKey}>${/^write (\S+)$/.exec(fix ?? "")?.[1]}`,
    )
    .join(" ");
}

test("values that the user sets in vain", () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ["a: 1", "{{ .Values.a }}", "a: 2", ""],
    ["size: 1", "{{ .Values.size }}", "sise: 2", "sise>size"],
    ["pullPolicy: x", "{{ .Values.pullPolicy }}", "pull-policy: y", "pull-policy>pullPolicy"],
    ["replicaCount: 1", "{{ .Values.replicaCount }}", "replicas: 2", "replicas>replicaCount"],
    ["a: {b: 1}", "{{ .Values.a.b }}", "a: {zzz: 1}", "?a.zzz"],
    ["a: {}", "{{ toYaml .Values.a }}", "a: {any: {thing: 1}}", ""],
    ["a: {}", "{{ range $k, $v := .Values.a }}{{ $k }}{{ end }}", "a: {any: 1}", ""],
    ["a: []", "{{ range .Values.a }}{{ .b }}{{ end }}", "a: [{b: 1}]", ""],
    ["on1: false\na: 1", "{{ if .Values.on1 }}{{ .Values.a }}{{ end }}", "a: 2", ""],
    ["", "{{ .Values.b | default 1 }}", "b: 2", ""],
    ["", '{{ dig "x" "z" 1 .Values.AsMap }}', "x: {z: 2}", ""],
    ["a: 1", '{{ tpl "{{ .Values.a }}" . }}', "a: 2", ""],
    ["a: 1", "{{ .Values.a }}", "global: {x: 1}", ""],
  ];
  for (const [values, template, user, expected] of cases) assert.equal(found(values, template, user), expected, `${template} ${user}`);
});

test("defaults that are left over", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["a: 1\nold: 2", "{{ .Values.a }}", "?old"],
    ["a: {b: 1, old: 2}", "{{ .Values.a.b }}", "?a.old"],
    ["a: {b: 1, c: 2}", "{{ .Values.a.b }}{{ if .Values.a.b }}{{ toYaml .Values.a }}{{ end }}", ""],
    ["a: 1\nlater: 2", "{{ .Values.a }}{{ if false }}{{ .Values.later }}{{ end }}", ""],
    ["x-base: &base {b: 1}\na: *base", "{{ toYaml .Values.a }}", ""],
  ];
  for (const [values, template, expected] of cases) assert.equal(found(values, template), expected, `${values} ${template}`);
});

test("nothing is said of values where nothing was rendered", () => {
  assert.equal(found("left: 1", "{{ if }}", "sise: 1"), "");
});
