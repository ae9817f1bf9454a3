import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SequenceSet } from "./sequence-set.ts";

test("counts as a plain set does", () => {
  const numbers = fc.array(fc.oneof(fc.nat(50), fc.nat(100_000)));
  fc.assert(
    fc.property(numbers, (sequence) => {
      const set = new SequenceSet();
      for (const n of sequence) set.add(n);
      const plain = new Set(sequence);
      const highest = Math.max(-1, ...sequence);
      assert.deepEqual(set.counts(), { unique: plain.size, duplicates: sequence.length - plain.size, missing: highest + 1 - plain.size });
      for (const n of [...sequence, 7, 31, 32]) assert.equal(set.has(n), plain.has(n));
      const gaps = set.gaps(highest + 1, 5);
      assert.deepEqual(
        gaps.filter((n) => plain.has(n)),
        [],
      );
      assert.equal(gaps.length, Math.min(5, highest + 1 - plain.size));
    }),
  );
});

test("refuses what is no sequence number", () => {
  for (const wrong of [-1, 1.5, Number.NaN, 2 ** 31]) assert.throws(() => new SequenceSet().add(wrong), /out of range/);
});
