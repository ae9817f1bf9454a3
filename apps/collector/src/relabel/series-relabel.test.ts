import assert from "node:assert/strict";
import test from "node:test";
import { Budget } from "../delivery/budget.ts";
import { sortedLabels } from "../signals/prometheus/label-encoding.ts";
import { type SampleBatch, SampleBatchBuilder } from "../signals/prometheus/sample-batch.ts";
import { SeriesTable } from "../signals/prometheus/series-table.ts";
import type { Rule } from "./rule.ts";
import { compileRules } from "./rules.ts";
import { SeriesRelabel } from "./series-relabel.ts";

const defaults: Rule = {
  action: "replace",
  source_labels: undefined,
  separator: ";",
  regex: "(.*)",
  modulus: 0,
  target_label: "",
  replacement: "$1",
};

function relabelling(table: SeriesTable, rules: Partial<Rule>[], budget?: Budget): SeriesRelabel {
  const compiled = compileRules(rules.map((rule) => ({ ...defaults, ...rule })));
  return new SeriesRelabel(table, (labels) => compiled.apply(labels, "legacy"), budget);
}

function series(table: SeriesTable, name: string): number {
  return table.internLabels(sortedLabels([["__name__", name]]));
}

/** A batch of one sample a name; `!x` is the end of x. */
function batchOf(table: SeriesTable, names: string): SampleBatch {
  const builder = new SampleBatchBuilder(table, 8);
  for (const [i, name] of names.split(" ").entries())
    if (name.startsWith("!")) builder.addStale(series(table, name.slice(1)), i);
    else builder.add(series(table, name), i, i);
  return builder.build();
}

function textOf(batch: SampleBatch | undefined): string {
  if (batch === undefined) return "nothing";
  return Array.from({ length: batch.count }, (_, row) => {
    const value = batch.isStale(row) ? "stale" : batch.values[row];
    return `${batch.table.textOf(batch.series[row] ?? 0)}=${value}@${batch.timestamps[row]}`;
  }).join(" ");
}

function settle(table: SeriesTable): void {
  for (let i = 0; i < 4; i++) table.closeBatch(table.openBatch());
}

const cases: [names: string, rules: Partial<Rule>[], expected: string][] = [
  ["a b", [], '{__name__="a"}=0@0 {__name__="b"}=1@1'],
  ["a", [{ target_label: "x", replacement: "y" }], '{__name__="a", x="y"}=0@0'],
  ["a b a", [{ source_labels: ["__name__"], regex: "a", action: "drop" }], '{__name__="b"}=1@1'],
  ["a a", [{ source_labels: ["__name__"], regex: "a", action: "drop" }], "nothing"],
  ["!a b", [{ source_labels: ["__name__"], regex: "b", action: "drop" }], '{__name__="a"}=stale@0'],
  ["!a", [{ target_label: "x", replacement: "y" }], '{__name__="a", x="y"}=stale@0'],
  ["a", [{ regex: ".*", action: "labeldrop" }], "nothing"],
];

for (const [names, rules, expected] of cases)
  test(`${names} after ${JSON.stringify(rules)}`, () => {
    const table = new SeriesTable();
    const relabel = relabelling(table, rules);
    const batch = batchOf(table, names);
    assert.equal(textOf(relabel.apply(batch)), expected);
    // Once more, out of the cache.
    assert.equal(textOf(relabel.apply(batch)), expected);
  });

test("a series that is known is not relabelled again", () => {
  const table = new SeriesTable();
  let calls = 0;
  const relabel = new SeriesRelabel(table, () => {
    calls++;
    return true;
  });
  const batch = batchOf(table, "a b a");
  relabel.apply(batch);
  relabel.apply(batch);
  assert.equal(calls, 2);
  assert.deepEqual({ ...relabel.counts }, { hits: 4, misses: 2, deletes: 0, evictions: 0 });
});

test("results leave with their series, and nothing stays behind", () => {
  const table = new SeriesTable();
  const budget = new Budget(1e6);
  const relabel = relabelling(table, [{ target_label: "x", replacement: "y" }], budget);
  const batch = batchOf(table, "a b");
  const derived = relabel.apply(batch);
  assert.equal(table.size, 4);
  assert.ok(budget.usedBytes > 0);
  derived?.release();
  batch.release();
  settle(table);
  settle(table);
  assert.equal(relabel.size, 0);
  assert.equal(table.size, 0);
  assert.equal(budget.usedBytes, 0);
});

test("a series that stays as it is does not keep itself", () => {
  const table = new SeriesTable();
  const relabel = relabelling(table, []);
  const batch = batchOf(table, "a");
  relabel.apply(batch)?.release();
  batch.release();
  settle(table);
  assert.equal(table.size, 0);
});

test("new rules begin with nothing known", () => {
  const table = new SeriesTable();
  const relabel = relabelling(table, [{ target_label: "x", replacement: "y" }]);
  const batch = batchOf(table, "a");
  relabel.apply(batch)?.release();
  relabel.reset((labels) => {
    labels.set("z", "1");
    return true;
  });
  assert.equal(textOf(relabel.apply(batch)), '{__name__="a", z="1"}=0@0');
});

test("results that were not used for some turns are forgotten", () => {
  const table = new SeriesTable();
  const relabel = relabelling(table, [{ target_label: "x", replacement: "y" }]);
  const both = batchOf(table, "a b");
  const one = batchOf(table, "a");
  relabel.apply(both)?.release();
  for (let turn = 0; turn < 300; turn++) {
    relabel.nextTurn(2);
    relabel.apply(one)?.release();
  }
  assert.equal(relabel.size, 1);
  assert.equal(relabel.counts.evictions, 1);
});

test("histograms, exemplars and metadata follow their series", () => {
  const table = new SeriesTable();
  const relabel = relabelling(table, [
    { source_labels: ["__name__"], regex: "dropped", action: "drop" },
    { target_label: "x", replacement: "y" },
  ]);
  const builder = new SampleBatchBuilder(table, 8);
  for (const name of ["kept", "dropped"]) {
    const id = series(table, name);
    builder.addHistogram(id, 1, Buffer.from(name));
    builder.addExemplar(id, 2, 0.5, Buffer.from(`e-${name}`));
    builder.addMetadata(id, { family: name, type: "counter", help: "", unit: "" });
  }
  const derived = relabel.apply(builder.build());
  assert.equal(derived?.histograms?.count, 1);
  assert.equal(Buffer.from(derived.histograms.bytes).toString("latin1", 0, derived.histograms.ends[0]), "kept");
  assert.equal(table.textOf(derived.histograms.series[0] ?? 0), '{__name__="kept", x="y"}');
  assert.equal(Buffer.from(derived.exemplars?.bytes ?? []).toString("latin1", 0, derived.exemplars?.ends[0]), "e-kept");
  assert.deepEqual(
    derived.metadata?.metadata.map(({ family }) => family),
    ["kept"],
  );
});
