import assert from "node:assert/strict";
import { test } from "node:test";
import { objectsOfText } from "../difference/objects.ts";
import { findingsIn } from "./testing.ts";

function problems(before: string, after: string): string {
  return findingsIn(after, { previous: objectsOfText(before) })
    .filter(({ rule }) => rule === "kubernetes/immutable-field")
    .map(({ message }) => /: (\S+): /.exec(message)?.[1])
    .join(" ");
}

test("fields that cannot change are found, others may change", () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ["Deployment", "spec: {selector: {matchLabels: {a: b}}}", "spec: {selector: {matchLabels: {a: c}}}", "spec.selector"],
    ["Deployment", "spec: {replicas: 1}", "spec: {replicas: 2}", ""],
    ["StatefulSet", "spec: {serviceName: a}", "spec: {serviceName: b}", "spec.serviceName"],
    ["Job", "spec: {template: {spec: {a: 1}}}", "spec: {template: {spec: {a: 2}}}", "spec.template"],
    ["RoleBinding", "roleRef: {name: a}", "roleRef: {name: b}", "roleRef"],
    ["ConfigMap", "data: {a: b}", "data: {a: c}", ""],
    ["ConfigMap", "immutable: true\ndata: {a: b}", "immutable: true\ndata: {a: c}", "data"],
    ["Service", "spec: {clusterIP: None}", "spec: {}", "spec.clusterIP"],
    ["Service", "spec: {}", "spec: {clusterIP: None}", ""],
  ];
  for (const [kind, before, after, expected] of cases) {
    const object = (rest: string): string => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: a}\n${rest}\n`;
    assert.equal(problems(object(before), object(after)), expected, `${kind} ${before}`);
  }
});

test("a new object and one of another name have no past", () => {
  assert.equal(
    problems("apiVersion: v1\nkind: Job\nmetadata: {name: a}\n", "apiVersion: v1\nkind: Job\nmetadata: {name: b}\nspec: {template: {}}\n"),
    "",
  );
});
