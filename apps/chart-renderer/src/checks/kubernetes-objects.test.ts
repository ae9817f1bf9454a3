import assert from "node:assert/strict";
import { test } from "node:test";
import { readYamlMap } from "../yaml/read.ts";
import { kindState, knownVersions, nearestVersion } from "./kubernetes/schemas.ts";
import { findingsIn, linesOf } from "./testing.ts";

function problems(version: string, object: string): string[] {
  const content = readYamlMap(object);
  const state = kindState(version, String(content.get("apiVersion")), String(content.get("kind")));
  if (state.state !== "served") return [state.state];
  return state.check(content).map(({ path, message, fix }) => `${path.join(".")}: ${message}${fix === undefined ? "" : ` (${fix})`}`);
}

test("versions from 1.28 on are known, others are taken for the nearest", () => {
  assert.equal(knownVersions()[0], "1.28");
  assert.ok(knownVersions().length >= 10);
  assert.deepEqual(["1.20", "1.30", "1.99"].map(nearestVersion), ["1.28", "1.30", knownVersions().at(-1)]);
});

test("fields are checked as the API server does", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}", []],
    ["{apiVersion: v1, kind: ConfigMap, data: {a: 1}}", ["data.a: must be text, not a number (put it between quotes: {{ … | quote }})"]],
    ["{apiVersion: v1, kind: ConfigMap, dta: {}}", ["dta: there is no such field (write data)"]],
    [
      "{apiVersion: v1, kind: Service, spec: {ports: [{port: '80'}]}}",
      ["spec.ports.0.port: must be a whole number, not text (take the quotes away, or convert it: {{ … | int }})"],
    ],
    ["{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 81}]}}", []],
    ["{apiVersion: v1, kind: Service, spec: {ports: {port: 80}}}", ["spec.ports: must be a list, not a mapping"]],
    ["{apiVersion: v1, kind: Service, spec: {ports: [{}]}}", ["spec.ports.0: the field port is required (write port)"]],
    ["{apiVersion: v1, kind: Service, spec: null, metadata: {creationTimestamp: null}}", []],
    ["{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, resources: {limits: {cpu: 1, memory: 1Gi}}}]}}", []],
    [
      "{apiVersion: v1, kind: Pod, spec: {containers: [], hostNetwork: 'true'}}",
      ["spec.hostNetwork: must be a boolean, not text (take the quotes away, or convert it: {{ … | int }})"],
    ],
    ["{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor}", ["foreign"]],
  ];
  for (const [object, expected] of cases) assert.deepEqual(problems("1.35", object), expected, object);
});

test("kinds of other versions and misspelt kinds are told", () => {
  assert.deepEqual(problems("1.35", "{apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, kind: FlowSchema}"), ["elsewhere"]);
  assert.deepEqual(problems("1.28", "{apiVersion: flowcontrol.apiserver.k8s.io/v1beta3, kind: FlowSchema}"), []);
  const wrong = linesOf("kubernetes/object", findingsIn("apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: a}\n"));
  assert.deepEqual(wrong, ["error shop/templates/a.yaml:2: Deploymnt a: kind: Kubernetes 1.35 knows no apps/v1 Deploymnt"]);
});
