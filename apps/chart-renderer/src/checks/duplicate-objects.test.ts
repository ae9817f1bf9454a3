import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn, linesOf } from "./testing.ts";

function object(kind: string, name: string, rest = ""): string {
  return `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${rest}---\n`;
}

function problems(...objects: readonly string[]): string[] {
  return linesOf("kubernetes/duplicate-object", findingsIn(objects.join("")));
}

test("objects of the same kind, namespace and name are found, hooks and others are not", () => {
  assert.deepEqual(problems(object("ConfigMap", "a"), object("Secret", "a"), object("ConfigMap", "b")), []);
  assert.deepEqual(problems(object("ConfigMap", "a"), object("ConfigMap", "a", "  namespace: b\n")), []);
  const hook = "  annotations: {helm.sh/hook: pre-install}\n";
  assert.deepEqual(problems(object("ConfigMap", "a", hook), object("ConfigMap", "a", hook)), []);
  assert.deepEqual(problems(object("ConfigMap", "a"), object("ConfigMap", "a")), [
    "error shop/templates/a.yaml:9: ConfigMap a: metadata.name: shop/templates/a.yaml:4 writes an object of the same kind and name",
  ]);
});
