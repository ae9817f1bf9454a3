import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { LabelCursor, labelsText, readLabels, sortedLabels, writeLabels } from "./label-encoding.ts";
import { MAX_LABEL_BYTES } from "./label-pairs.ts";
import { SampleBatchBuilder } from "./sample-batch.ts";
import { NO_SERIES, SeriesTable } from "./series-table.ts";

/** The number of `a=1 b=2`. */
function intern(table: SeriesTable, labels: string): number {
  return table.internLabels(sortedLabels(labels.split(" ").map((pair) => pair.split("=") as [string, string])));
}

/** Opens and closes enough batches for everything that waits to be taken back. */
function settle(table: SeriesTable): void {
  for (let i = 0; i < 4; i++) table.closeBatch(table.openBatch());
}

test("equal labels have the same number, whatever their order", () => {
  const table = new SeriesTable();
  const id = intern(table, "a=1 b=2");
  assert.equal(intern(table, "b=2 a=1"), id);
  assert.notEqual(intern(table, "a=1 b=3"), id);
  assert.equal(table.textOf(id), '{a="1", b="2"}');
});

test("no labels are no series", () => {
  const table = new SeriesTable();
  assert.equal(table.internLabels(sortedLabels([["a", ""]])), NO_SERIES);
  assert.equal(table.size, 0);
});

test("a name that comes twice is refused", () => {
  assert.throws(
    () =>
      sortedLabels([
        ["a", "1"],
        ["a", "2"],
      ]),
    { message: 'label name "a" is not unique: invalid sample' },
  );
});

test("labels beyond the bound are refused", () => {
  const table = new SeriesTable();
  assert.throws(() => intern(table, `a=${"x".repeat(MAX_LABEL_BYTES + 1)}`), /longer than/);
  const long = "x".repeat(MAX_LABEL_BYTES);
  assert.throws(() => intern(table, `a=${long} b=${long} c=${long} d=${long}`), /longer than/);
  const many = Array.from({ length: 5000 }, (_, i) => `a${i}=1`).join(" ");
  assert.throws(() => intern(table, many), /more than 4096/);
  settle(table);
  assert.deepEqual([table.size, table.pairs.size], [0, 0]);
});

test("a number that nobody retains is taken back when the batches that may hold it are closed", () => {
  const table = new SeriesTable();
  const takenBack: number[] = [];
  table.watch((id) => takenBack.push(id));
  const batch = table.openBatch();
  const id = intern(table, "a=1");
  settle(table);
  assert.deepEqual(takenBack, []);
  table.closeBatch(batch);
  settle(table);
  assert.deepEqual(takenBack, [id]);
  assert.equal(table.size, 0);
});

test("a retained number stays until it is released", () => {
  const table = new SeriesTable();
  const id = intern(table, "a=1");
  table.retain(id);
  settle(table);
  assert.equal(intern(table, "a=1"), id);
  table.release(id);
  settle(table);
  assert.equal(table.size, 0);
  assert.throws(() => table.release(id), /released more often/);
});

test("a number that is given out again while it waits stays for the batch that got it", () => {
  const table = new SeriesTable();
  const id = intern(table, "a=1");
  const early = table.openBatch();
  const late = table.openBatch();
  table.closeBatch(early);
  assert.equal(intern(table, "a=1"), id);
  settle(table);
  assert.equal(table.textOf(id), '{a="1"}');
  table.closeBatch(late);
  settle(table);
  assert.equal(table.size, 0);
});

test("a derived batch protects the numbers of the one it was made of", () => {
  const table = new SeriesTable();
  const builder = new SampleBatchBuilder(table, 1);
  builder.add(intern(table, "a=1"), 1, 2);
  const batch = builder.build();
  settle(table);
  const derived = batch.derive({});
  batch.release();
  settle(table);
  assert.equal(table.textOf(derived.series[0] ?? 0), '{a="1"}');
  derived.release();
  settle(table);
  assert.equal(table.size, 0);
});

test("memory does not grow while series come and go", () => {
  const table = new SeriesTable();
  const padding = "x".repeat(100);
  const alive: number[] = [];
  let early = 0;
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 2000; i++) {
      const id = intern(table, `round=${round} i=${i} padding=${padding}`);
      // Every hundredth series lives on, so that slabs have to be emptied and not only dropped.
      if (i % 100 === 0) {
        table.retain(id);
        alive.push(id);
      }
    }
    settle(table);
    if (round === 10) early = table.byteLength;
  }
  assert.equal(table.size, alive.length);
  assert.ok(table.byteLength <= early + 1_000_000, `${table.byteLength} after ${early}`);
  assert.equal(table.textOf(alive[25] ?? 0), `{i="500", padding="${padding}", round="1"}`);
});

test("the table agrees with a map under random use", () => {
  const step = fc.tuple(fc.constantFrom("intern", "retain", "release", "settle", "open", "close"), fc.nat(30));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new SeriesTable();
      const retained = new Map<number, number>();
      const ids = new Map<number, number>();
      const batches: { epoch: number; seen: Map<number, number> }[] = [];
      for (const [what, n] of steps) {
        const id = ids.get(n);
        if (what === "intern" || what === "retain") {
          const given = intern(table, `n=${n} padding=x${"y".repeat(n)}`);
          ids.set(n, given);
          for (const batch of batches) batch.seen.set(n, given);
          if (what === "retain") {
            table.retain(given);
            retained.set(n, (retained.get(n) ?? 0) + 1);
          }
        } else if (what === "release" && id !== undefined && (retained.get(n) ?? 0) > 0) {
          table.release(id);
          retained.set(n, (retained.get(n) ?? 0) - 1);
        } else if (what === "open") batches.push({ epoch: table.openBatch(), seen: new Map() });
        else if (what === "close") {
          const batch = batches.shift();
          if (batch !== undefined) table.closeBatch(batch.epoch);
        } else settle(table);
        for (const [key, count] of retained) if (count > 0) assert.equal(table.labelsOf(ids.get(key) ?? 0).values[0], String(key));
        for (const batch of batches) for (const [key, given] of batch.seen) assert.equal(table.labelsOf(given).values[0], String(key));
      }
      for (const batch of batches) table.closeBatch(batch.epoch);
      settle(table);
      const left = [...retained.values()].filter((count) => count > 0).length;
      assert.equal(table.size, left);
      assert.equal(table.pairs.size, left * 2);
    }),
    { numRuns: 200 },
  );
});

test("labels come back as they were written", () => {
  const labels = fc.dictionary(fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "grapheme", maxLength: 300 }));
  fc.assert(
    fc.property(labels, (given) => {
      const writer = new ProtobufWriter(16);
      const pairs = sortedLabels(Object.entries(given));
      writeLabels(writer, pairs);
      assert.deepEqual(readLabels(writer.bytes, 0, writer.length), pairs);
      const cursor = new LabelCursor().reset(writer.bytes, 0, writer.length);
      for (const name of pairs.names) {
        cursor.next();
        assert.ok(cursor.nameIs(Buffer.from(name)));
      }
      assert.equal(cursor.next(), false);
      assert.equal(labelsText(pairs).startsWith("{"), true);
    }),
  );
});
