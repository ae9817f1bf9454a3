import assert from "node:assert/strict";
import { test } from "node:test";
import { readYaml } from "../yaml/read.ts";
import { compareObjects, compareValues } from "./compare-objects.ts";
import { differenceJson, differenceText } from "./difference-report.ts";
import { objectsOfText } from "./objects.ts";

/** Each change as `+path`, `-path` or `~path`. */
function changes(before: string, after: string): string {
  const signs = { added: "+", removed: "-", changed: "~" };
  return compareValues(readYaml(before), readYaml(after), "")
    .map(({ change, path }) => signs[change] + path)
    .join(" ");
}

test("fields are compared whatever their order and writing", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["{a: 1, b: 2}", "b: 2\na: 1.0", ""],
    ["{a: 1}", "{a: '1'}", "~a"],
    ["{a: {b: 1}}", "{a: {c: 1}}", "-a.b +a.c"],
    ["{a: {}}", "{}", ""],
    ["{a: {x.y/z: 1}}", "{a: {x.y/z: 2}}", '~a["x.y/z"]'],
    ["[{name: a, v: 1}, {name: b}]", "[{name: b}, {name: a, v: 2}]", "~[name=a].v"],
    ["[{name: a}]", "[{name: a}, {name: b}]", "+[name=b]"],
    ["[a, b, c]", "[a, x, c]", "~[1]"],
    ["[a, b, c]", "[a, c]", "-[1]"],
    ["[a, c]", "[a, b, c]", "+[1]"],
    ["[a, a]", "[a]", "-[1]"],
    ["{l: [1]}", "{l: x}", "~l"],
  ];
  for (const [before, after, expected] of cases) assert.equal(changes(before, after), expected, `${before} ${after}`);
});

const OLD = `# Source: shop/templates/a.yaml
apiVersion: apps/v1beta1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
`;
const NEW = `# Source: shop/templates/a.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {replicas: 2, text: "a\\nb\\n"}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: web}}
`;

test("objects are the same by group, kind, namespace and name", () => {
  const text = differenceText(compareObjects(objectsOfText(OLD), objectsOfText(NEW)));
  assert.equal(
    text,
    [
      "~ Deployment shop/web (apps/v1)  # shop/templates/a.yaml",
      '    ~ apiVersion: "apps/v1beta1" → "apps/v1"',
      "    ~ spec.replicas: 1 → 2",
      "    + spec.text:",
      "        |",
      "          a",
      "          b",
      "+ ConfigMap web (v1)",
      "- Service web (v1)",
      "1 changed, 1 added, 1 removed",
      "",
    ].join("\n"),
  );
});

test("long texts are shown by their changed lines", () => {
  const map = (text: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {f: "${text}"}}`;
  const text = differenceText(compareObjects(objectsOfText(map("a\\nb\\nc\\nd\\n")), objectsOfText(map("a\\nb\\nX\\nd\\n"))));
  assert.match(text, / {4}~ data\.f:\n {8}@@ -2,3 \+2,3 @@\n {9}b\n {8}-c\n {8}\+X\n {9}d\n/);
});

test("programs get the same as JSON", () => {
  const { objects } = JSON.parse(differenceJson(compareObjects(objectsOfText(OLD), objectsOfText(NEW)))) as { objects: unknown[] };
  assert.equal(objects.length, 3);
  assert.deepEqual(objects[0], {
    change: "changed",
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name: "web",
    template: "shop/templates/a.yaml",
    fields: [
      { change: "changed", path: "apiVersion", before: "apps/v1beta1", after: "apps/v1" },
      { change: "changed", path: "spec.replicas", before: 1, after: 2 },
      { change: "added", path: "spec.text", after: "a\nb\n" },
    ],
  });
});

test("nothing is said where nothing changed", () => {
  assert.equal(differenceText(compareObjects(objectsOfText(OLD), objectsOfText(OLD))), "");
});
