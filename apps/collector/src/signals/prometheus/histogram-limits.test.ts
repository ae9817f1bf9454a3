import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { HistogramLimits } from "./histogram-limits.ts";
import {
  type Buckets,
  coarser,
  compact,
  emptyHistogram,
  histogramFinding,
  type NativeHistogram,
  readHistogram,
  writeHistogram,
} from "./native-histogram.ts";

function histogram(schema: number, positive: Buckets, others: Partial<NativeHistogram> = {}): NativeHistogram {
  const count = positive.counts.reduce((total, each) => total + each, 0);
  return { ...emptyHistogram(), schema, positive, count, ...others };
}

function fit(limits: HistogramLimits, given: NativeHistogram): NativeHistogram | undefined {
  const writer = new ProtobufWriter(64);
  writeHistogram(writer, given);
  const fitted = limits.fit({ bytes: writer.bytes, start: 0, end: writer.length });
  return fitted && readHistogram(fitted.bytes, fitted.start, fitted.end);
}

const eight: Buckets = { spans: [{ offset: 1, length: 8 }], counts: [1, 1, 1, 1, 1, 1, 1, 1] };

test("buckets are merged until they fit", () => {
  const fitted = fit(new HistogramLimits(4, 0), histogram(2, eight));
  assert.deepEqual([fitted?.schema, fitted?.positive], [1, { spans: [{ offset: 1, length: 4 }], counts: [2, 2, 2, 2] }]);
});

test("a histogram that can't get coarser is refused", () => {
  assert.equal(fit(new HistogramLimits(1, 0), histogram(-4, eight)), undefined);
  const custom = histogram(-53, { spans: [{ offset: 0, length: 2 }], counts: [1, 1] }, { customValues: [1] });
  assert.equal(fit(new HistogramLimits(1, 0), custom), undefined);
});

const factors: [factor: number, schema: number][] = [
  [0, 8],
  [1.1, 2],
  [2, 0],
  [4, -1],
  [1e10, -4],
];

for (const [factor, schema] of factors)
  test(`buckets that grow by at least ${factor} have at most schema ${schema}`, () => {
    assert.equal(fit(new HistogramLimits(0, factor), histogram(8, eight))?.schema, schema);
  });

test("what does not add up is refused", () => {
  assert.throws(
    () => fit(new HistogramLimits(0, 0), histogram(0, eight, { count: 7 })),
    /8 observations found in buckets, but the Count field is 7/,
  );
  assert.throws(() => fit(new HistogramLimits(0, 0), histogram(9, eight)), /invalid schema/);
});

const findings: [given: NativeHistogram, finding: RegExp | undefined][] = [
  [histogram(0, eight), undefined],
  [histogram(0, eight, { count: 9, sum: Number.NaN }), undefined],
  [histogram(0, { spans: [{ offset: 0, length: 2 }], counts: [1] }), /spans need 2 buckets, have 1/],
  [
    histogram(0, {
      spans: [
        { offset: 0, length: 1 },
        { offset: -1, length: 0 },
      ],
      counts: [1],
    }),
    /span number 2 with offset -1/,
  ],
  [histogram(0, { spans: [{ offset: 0, length: 1 }], counts: [-1] }), /observation count of -1/],
  [histogram(-53, eight, { customValues: [1, 1] }), /strictly increasing/],
  [histogram(-53, eight, { customValues: [1] }), /only 1 custom bounds/],
  [histogram(-53, eight, { customValues: [1, 2, 3, 4, 5, 6, 7, 8, 9], zeroCount: 1 }), /zero count of 0/],
  [histogram(0, eight, { customValues: [1] }), /must not have custom bounds/],
  [histogram(0, eight, { isFloat: true, count: -1 }), /observation count is {2}-1/],
];

for (const [given, finding] of findings)
  test(`finds ${finding ?? "nothing"}`, () => {
    const found = histogramFinding(given);
    if (finding === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", finding);
  });

const buckets = fc.array(fc.tuple(fc.nat(5), fc.array(fc.nat(3), { maxLength: 5 })), { maxLength: 5 }).map(
  (parts): Buckets => ({
    spans: parts.map(([offset, counts]) => ({ offset, length: counts.length })),
    counts: parts.flatMap(([, counts]) => counts),
  }),
);

function byIndex({ spans, counts }: Buckets): Map<number, number> {
  const found = new Map<number, number>();
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) {
      const count = counts[at++] ?? 0;
      if (count !== 0) found.set(index, count);
      index++;
    }
  }
  return found;
}

test("compacting keeps every observation in its bucket", () => {
  fc.assert(
    fc.property(buckets, fc.nat(3), (given, maxEmpty) => {
      const compacted = compact(given, maxEmpty);
      assert.deepEqual(byIndex(compacted), byIndex(given));
      if (maxEmpty === 0) assert.ok(compacted.counts.every((count) => count > 0));
    }),
  );
});

test("coarser buckets hold what the finer ones held", () => {
  fc.assert(
    fc.property(buckets, fc.integer({ min: 1, max: 4 }), (given, steps) => {
      const expected = new Map<number, number>();
      for (const [index, count] of byIndex(given)) {
        const target = Math.floor((index - 1) / 2 ** steps) + 1;
        expected.set(target, (expected.get(target) ?? 0) + count);
      }
      assert.deepEqual(byIndex(coarser(given, 4, 4 - steps)), expected);
    }),
  );
});

test("a histogram is read back as it was written", () => {
  const side = buckets.map((given) => compact(given));
  const any = fc.record(
    {
      isFloat: fc.boolean(),
      resetHint: fc.nat(3),
      schema: fc.integer({ min: -53, max: 8 }),
      zeroThreshold: fc.double({ noNaN: true, min: 0 }),
      zeroCount: fc.nat(),
      count: fc.nat(),
      sum: fc.double({ noNaN: true }),
      positive: side,
      negative: side,
      customValues: fc.array(fc.double({ noNaN: true })),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(any, (given) => {
      const writer = new ProtobufWriter(16);
      writeHistogram(writer, given);
      assert.deepEqual(readHistogram(writer.bytes, 0, writer.length), { ...given });
    }),
  );
});
