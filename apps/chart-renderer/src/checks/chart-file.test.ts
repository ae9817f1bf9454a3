import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn, linesOf } from "./testing.ts";

function problems(rest: string, apiVersion = "v2"): string[] {
  const chart = `apiVersion: ${apiVersion}\nname: shop\nversion: 1.0.0\nicon: https://example.com/i.png\n${rest}`;
  return linesOf("helm/chart-file", findingsIn({ "Chart.yaml": chart }));
}

test("a right Chart.yaml gives nothing", () => {
  assert.deepEqual(
    problems("maintainers: [{name: a, email: a@example.com, url: https://example.com}]\nsources: [https://example.com/x]\n"),
    [],
  );
});

test("each mistake is told with Helm's text and its line", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["appVersion: 1.5\n", "error shop/Chart.yaml:5: appVersion should be of type string but it's of type float64"],
    ["maintainers:\n  - email: a@b.c\n", "error shop/Chart.yaml:5: each maintainer requires a name"],
    ["maintainers: [{name: a, email: nobody}]\n", "error shop/Chart.yaml:5: invalid email 'nobody' for maintainer 'a'"],
    ["sources: [here]\n", "error shop/Chart.yaml:5: invalid source URL 'here'"],
  ];
  for (const [rest, expected] of cases) assert.deepEqual(problems(rest), [expected]);
  assert.deepEqual(problems("type: application\n", "v1"), [
    "error shop/Chart.yaml:5: chart type is not valid in apiVersion 'v1'. It is valid in apiVersion 'v2'",
  ]);
});

test("a missing icon is advice", () => {
  const chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
  assert.deepEqual(linesOf("helm/chart-file", findingsIn({ "Chart.yaml": chart })), ["info shop/Chart.yaml:2: icon is recommended"]);
});
