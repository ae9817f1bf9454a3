import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn, linesOf } from "./testing.ts";

const CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\nicon: https://example.com/i.png\n";
const CHILD = "apiVersion: v2\nname: child\nversion: 1.0.0\n";

function problems(dependencies: string, files: Readonly<Record<string, string>> = {}): string[] {
  return linesOf("helm/dependencies", findingsIn({ "Chart.yaml": `${CHART}dependencies: ${dependencies}\n`, ...files }));
}

test("declared and present dependencies agree", () => {
  const child = { "charts/child/Chart.yaml": CHILD };
  assert.deepEqual(problems("[{name: child, version: 1.x, repository: ''}]", child), []);
  assert.deepEqual(problems("[]", child), ["error shop/Chart.yaml:1: chart metadata is missing these dependencies: child"]);
  assert.deepEqual(problems("[{name: gone, version: 1.x, repository: ''}]"), [
    "warning shop/Chart.yaml:1: chart directory is missing these dependencies: gone",
  ]);
});
