import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn, linesOf } from "./testing.ts";

function problems(apiVersion: string, kind: string, kubeVersion: string): string[] {
  return linesOf("helm/deprecated-version", findingsIn(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`, { kubeVersion }));
}

test("a version is advice against while it is deprecated, an error when it is gone", () => {
  const text = "batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob";
  assert.deepEqual(problems("batch/v1beta1", "CronJob", "1.20"), []);
  assert.deepEqual(problems("batch/v1beta1", "CronJob", "1.24"), [`warning shop/templates/a.yaml:1: CronJob a: apiVersion: ${text}`]);
  assert.deepEqual(problems("batch/v1beta1", "CronJob", "1.25"), [`error shop/templates/a.yaml:1: CronJob a: apiVersion: ${text}`]);
  assert.deepEqual(problems("batch/v1", "CronJob", "1.35"), []);
});
