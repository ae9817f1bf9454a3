import assert from "node:assert/strict";
import { test } from "node:test";
import { MatchedTargets } from "./matched-targets.ts";

const targets: readonly Record<string, string>[] = [
  { ns: "a", pod: "p", team: "x" },
  { ns: "a", pod: "p", team: "y", empty: "" },
  { ns: "b", pod: "", team: "z" },
];
const looked = (labels: Record<string, string>, match: Record<string, string>, copied: string[] = []) =>
  new MatchedTargets(targets, match, copied).labelsFor((name) => labels[name] ?? "");

test("copies the labels of the last target whose values all match", () => {
  const match = { ns: "namespace", pod: "pod" };
  assert.deepEqual(looked({ namespace: "a", pod: "p" }, match), Object.entries(targets[1] ?? {}));
  assert.deepEqual(looked({ namespace: "a", pod: "p" }, match, ["team", "none", "empty"]), [
    ["team", "y"],
    ["empty", ""],
  ]);
  assert.equal(looked({ namespace: "a", pod: "q" }, match), undefined);
});

test("matches nothing by a value that is missing on either side", () => {
  assert.equal(looked({ namespace: "b", pod: "" }, { ns: "namespace", pod: "pod" }), undefined);
  assert.equal(looked({}, { ns: "namespace" }), undefined);
  assert.equal(looked({ namespace: "a" }, {}), undefined);
  assert.equal(new MatchedTargets(targets, { ns: "n", pod: "p" }, []).size, 1);
});
