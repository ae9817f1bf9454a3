import assert from "node:assert/strict";
import test from "node:test";
import { SampleBatchBuilder, STALE_HIGH, STALE_LOW } from "./sample-batch.ts";
import { SeriesTable } from "./series-table.ts";

function bitsOf(batch: { valueBits: Uint32Array }, row: number): [number, number] {
  return [batch.valueBits[row * 2] ?? 0, batch.valueBits[row * 2 + 1] ?? 0];
}

test("a staleness marker keeps its exact bits while columns grow", () => {
  const builder = new SampleBatchBuilder(new SeriesTable(), 1);
  builder.addStale(1, 10);
  for (let i = 0; i < 100; i++) builder.add(2, i, i);
  const batch = builder.build();
  assert.deepEqual(bitsOf(batch, 0), [STALE_LOW, STALE_HIGH]);
  assert.equal(batch.isStale(0), true);
  assert.equal(batch.isStale(1), false);
  assert.equal(batch.count, 101);
});

test("every other NaN is the one that Prometheus writes", () => {
  const builder = new SampleBatchBuilder(new SeriesTable(), 1);
  builder.add(1, 10, Number.NaN);
  assert.deepEqual(bitsOf(builder.build(), 0), [1, 0x7ff80000]);
});

test("histograms and exemplars keep their bytes apart", () => {
  const builder = new SampleBatchBuilder(new SeriesTable(), 1);
  builder.addHistogram(1, 10, Buffer.from("abc"));
  builder.addHistogram(2, 20, Buffer.from("xdefx"), 1, 4);
  builder.addExemplar(1, 30, 0.5, Buffer.from("gh"));
  const { histograms, exemplars, items } = builder.build();
  assert.deepEqual([...(histograms?.ends ?? [])].slice(0, 2), [3, 6]);
  assert.equal(Buffer.from(histograms?.bytes ?? []).toString("latin1", 0, 6), "abcdef");
  assert.deepEqual([exemplars?.count, exemplars?.values[0], exemplars?.timestamps[0]], [1, 0.5, 30]);
  assert.equal(items, 2);
});

test("start timestamps belong to the sample before", () => {
  const builder = new SampleBatchBuilder(new SeriesTable(), 1);
  builder.add(1, 10, 1);
  builder.add(2, 10, 1);
  builder.startedAt(5);
  assert.deepEqual([...(builder.build().startTimestamps ?? [])].slice(0, 2), [0, 5]);
});

test("a derived batch shares the columns that stay", () => {
  const builder = new SampleBatchBuilder(new SeriesTable(), 1);
  builder.add(1, 10, 1);
  const batch = builder.build();
  const derived = batch.derive({ series: new Uint32Array([7]) });
  assert.equal(derived.values, batch.values);
  assert.equal(derived.series[0], 7);
});

test("a batch can't be released more often than it was retained", () => {
  const batch = new SampleBatchBuilder(new SeriesTable(), 1).build();
  batch.retain().release();
  batch.release();
  assert.throws(() => batch.release(), /released more often/);
});
