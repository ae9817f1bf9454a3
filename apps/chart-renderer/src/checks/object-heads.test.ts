import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn, linesOf } from "./testing.ts";

function problems(kind: string, name: string): string[] {
  return linesOf("helm/objects", findingsIn(`apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n`));
}

test("names are checked by the rules of their kind", () => {
  const right: readonly (readonly [string, string])[] = [
    ["ConfigMap", "a.b-c"],
    ["ClusterRole", "system:Node"],
    ["CertificateSigningRequest", "A_B"],
  ];
  for (const [kind, name] of right) assert.deepEqual(problems(kind, name), [], `${kind} ${name}`);
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ["ConfigMap", "Big", /a lowercase RFC 1123 subdomain must consist of/],
    ["Service", "1a", /a DNS-1035 label must consist of/],
    ["Namespace", "a.b", /a lowercase RFC 1123 label must consist of/],
    ["Role", "a/b", /may not contain '\/'/],
    ["Service", "a".repeat(64), /must be no more than 63 characters/],
  ];
  for (const [kind, name, message] of wrong) assert.match(problems(kind, name).join(), message, `${kind} ${name}`);
});

test("a name that the server makes is none to check", () => {
  assert.deepEqual(linesOf("helm/objects", findingsIn("apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n")), []);
});

test("a policy on an object within a list is ignored by Helm", () => {
  const list =
    'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a, annotations: {"helm.sh/resource-policy": keep}}\n';
  assert.equal(findingsIn(list).filter(({ rule }) => rule === "helm/objects").length, 1);
});
