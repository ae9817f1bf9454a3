import assert from "node:assert/strict";
import { test } from "node:test";
import { hottestOf } from "./profile.ts";

test("a profile's hottest functions come first, and waiting is no work", () => {
  const node = (id: number, functionName: string, url = "", lineNumber = 0) => ({ id, callFrame: { functionName, url, lineNumber } });
  const nodes = [
    node(1, "(idle)"),
    node(2, "encode", "file:///a/b.ts", 9),
    node(3, "(garbage collector)"),
    node(4, "encode", "file:///a/b.ts", 9),
  ];
  const profile = { nodes, samples: [1, 2, 3, 4, 2], timeDeltas: [9_000_000, 500_000, 700_000, 500_000, 1_000_000] };
  assert.deepEqual(hottestOf(profile, 5), ["2.00 s encode b.ts:10", "0.70 s (garbage collector)"]);
  assert.deepEqual(hottestOf(profile, 1), ["2.00 s encode b.ts:10"]);
});
