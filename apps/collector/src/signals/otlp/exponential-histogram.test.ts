import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ExponentialHistogram } from "./exponential-histogram.ts";

test("counts every value in a bucket that holds it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 2, max: 20 }),
      (values, maxSize) => {
        const histogram = new ExponentialHistogram(maxSize);
        for (const value of values) histogram.observe(value);
        assert.ok(histogram.size <= maxSize);
        assert.equal(
          histogram.counts.reduce((sum, count) => sum + count, 0),
          values.length,
        );
        const base = 2 ** (2 ** -histogram.scale);
        const expected = new Array<number>(histogram.size).fill(0);
        for (const value of values) {
          // Near a boundary either neighbour is right for floating point.
          const exact = Math.log(value) / Math.log(base);
          if (Math.abs(exact - Math.round(exact)) < 1e-6) return;
          const at = Math.floor(exact) - histogram.offset;
          expected[at] = (expected[at] ?? 0) + 1;
        }
        assert.deepEqual([...histogram.counts], expected);
      },
    ),
  );
});

test("puts powers of two at the upper end of their buckets", () => {
  const histogram = new ExponentialHistogram(4);
  for (const value of [1, 2, 4, 8]) histogram.observe(value);
  assert.deepEqual([histogram.scale, histogram.offset, [...histogram.counts]], [0, -1, [1, 1, 1, 1]]);
});

test("keeps zeros apart, and knows sum, least and greatest", () => {
  const histogram = new ExponentialHistogram(160);
  histogram.observe(0);
  histogram.observe(3, 2);
  assert.deepEqual([histogram.zeroCount, histogram.count, histogram.sum, histogram.min, histogram.max], [1, 3, 6, 0, 3]);
});
