import assert from "node:assert/strict";
import { test } from "node:test";
import { churn } from "./cluster-churn.ts";

test("planned moves between collectors double no sample, miss none and end no series", { timeout: 140_000 }, async () => {
  const { samples, doubled, missed, stale, log } = await churn({
    targets: 300,
    intervalMs: 5_000,
    stepMs: 6_000,
    events: ["+f", "-b", "-a", "+b"],
  });
  assert.deepEqual({ doubled, missed, stale }, { doubled: [], missed: [], stale: 0 }, log.slice(-4000));
  assert.ok(samples > 1_500, `${samples} samples`);
});

test("a kill doubles no sample, and misses one of a target at most", { timeout: 140_000 }, async () => {
  const { doubled, missed, missedInARow, stale, log } = await churn({
    targets: 300,
    intervalMs: 10_000,
    stepMs: 12_000,
    events: ["!c", "+c"],
  });
  assert.deepEqual({ doubled, stale }, { doubled: [], stale: 0 }, log.slice(-4000));
  assert.ok(missedInARow <= 1, `${missedInARow} in a row`);
  assert.ok(missed.length <= 300, `${missed.length} missed`);
});
