import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Budget } from "../../delivery/budget.ts";
import { sortedLabels } from "./label-encoding.ts";
import { RecentSeries } from "./recent-series.ts";
import { SeriesTable } from "./series-table.ts";

const MB = 1024 * 1024;

function see(recent: RecentSeries, table: SeriesTable, name: string): number {
  const epoch = table.openBatch();
  const id = table.internLabels(sortedLabels([["__name__", name]]));
  recent.see(id);
  table.closeBatch(epoch);
  return id;
}

test("a series is kept for one to two turns after it came last", () => {
  const table = new SeriesTable();
  const recent = new RecentSeries(table, new Budget(MB));
  const id = see(recent, table, "a");
  recent.turn();
  assert.equal(see(recent, table, "a"), id);
  recent.turn();
  assert.equal(table.size, 1);
  recent.turn();
  table.collect();
  assert.equal(table.size, 0);
  assert.equal(recent.chargedBytes, 0);
});

test("series are kept within a quarter of the memory, and only while there is room", () => {
  const table = new SeriesTable();
  const budget = new Budget(4000);
  const recent = new RecentSeries(table, budget);
  for (let i = 0; i < 100; i++) see(recent, table, `metric_${i}`);
  assert.ok(recent.chargedBytes > 800 && recent.chargedBytes <= 1000);
  assert.equal(budget.usedBytes, recent.chargedBytes);
  budget.take(4000);
  recent.clear();
  see(recent, table, "late");
  assert.equal(table.size, 0);
});

test("whatever comes, everything is given back in the end", () => {
  const step = fc.oneof(fc.constantFrom("a", "b", "c", "d"), fc.constant("turn"));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new SeriesTable();
      const budget = new Budget(MB);
      const recent = new RecentSeries(table, budget);
      let sinceTurn: string[] = [];
      let turnBefore: string[] = [];
      for (const name of steps) {
        if (name !== "turn") {
          see(recent, table, name);
          sinceTurn.push(name);
          continue;
        }
        recent.turn();
        turnBefore = sinceTurn;
        sinceTurn = [];
      }
      table.collect();
      assert.equal(table.size, new Set([...turnBefore, ...sinceTurn]).size);
      recent.clear();
      assert.deepEqual([table.size, budget.usedBytes, recent.chargedBytes], [0, 0, 0]);
    }),
  );
});
