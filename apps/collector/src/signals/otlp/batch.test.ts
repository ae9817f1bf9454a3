import assert from "node:assert/strict";
import { test } from "node:test";
import { Budget } from "../../delivery/budget.ts";
import { OtlpBatch } from "./batch.ts";

const batch = () => new OtlpBatch({ signal: "traces", chunks: [new Uint8Array(30), new Uint8Array(12)], items: 3 });

test("charges the budget once, from the first keeper to the last", () => {
  const budget = new Budget(1000);
  const kept = batch();
  assert.equal(kept.bytes, 42);
  assert.equal(budget.usedBytes, 0);
  kept.retain(budget);
  kept.retain(budget);
  assert.equal(budget.usedBytes, 42);
  kept.release();
  kept.release();
  assert.equal(budget.usedBytes, 42);
  assert.equal(kept.holders, 1);
  kept.release();
  assert.equal(budget.usedBytes, 0);
});

test("says so when it is held or released after its end", () => {
  const gone = batch();
  gone.release();
  assert.throws(() => gone.release(), /more often/);
  assert.throws(() => gone.retain(new Budget(1)), /after its last holder/);
});

test("a batch with other content keeps origin and receipt", () => {
  const other = batch().with([new Uint8Array(1)], 1);
  assert.deepEqual([other.signal, other.bytes, other.items, other.holders], ["traces", 1, 1, 1]);
});

test("memory is free for something else when neither the batch nor one made of it is held", () => {
  let recycled = 0;
  const origin = new OtlpBatch({ signal: "traces", chunks: [new Uint8Array(3)], items: 1, recycle: () => recycled++ });
  const changed = origin.with(origin.chunks, 1);
  const merged = new OtlpBatch({ signal: "traces", chunks: changed.chunks, items: 1, from: [changed] });
  origin.release();
  changed.release();
  assert.equal(recycled, 0);
  merged.release();
  assert.equal(recycled, 1);
});
