import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { sortedLabels, writeLabels } from "../label-encoding.ts";
import { SampleBatchBuilder } from "../sample-batch.ts";
import { SeriesTable } from "../series-table.ts";
import { encodeExemplars, encodeHistograms, encodeSamples, type LabelSource, ownLabels, ShardBuffer } from "./encode.ts";
import { WithExternalLabels } from "./external-labels.ts";

const { root } = protobuf.parse(`syntax = "proto3";
message Label { string name = 1; string value = 2; }
message Sample { double value = 1; int64 timestamp = 2; }
message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
message Histogram { uint64 count_int = 1; double sum = 3; int64 timestamp = 15; }
message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3; repeated Histogram histograms = 4; }
message WriteRequest { repeated TimeSeries timeseries = 1; }`);
const WriteRequest = root.lookupType("WriteRequest");

interface Decoded {
  timeseries: {
    labels: { name: string; value: string }[];
    samples: { value: number; timestamp: string }[];
    exemplars: { labels: { name: string; value: string }[]; value: number; timestamp: string }[];
    histograms: { countInt: string; sum: number; timestamp: string }[];
  }[];
}

function decode(shards: readonly ShardBuffer[]): Decoded {
  const decoded = WriteRequest.decode(Buffer.concat(shards.map((shard) => shard.written())));
  return WriteRequest.toObject(decoded, { longs: String, arrays: true, defaults: true }) as Decoded;
}

function labelsText(labels: { name: string; value: string }[]): string {
  return labels.map(({ name, value }) => `${name}=${value}`).join(",");
}

function series(table: SeriesTable, labels: Record<string, string>): number {
  return table.internLabels(sortedLabels(Object.entries(labels)));
}

test("what is encoded is what an independent decoder reads", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
  const row = fc.record({
    labels: fc.dictionary(text, text, { minKeys: 1 }),
    value: fc.double(),
    time: fc.integer({ min: -1e12, max: 4e12 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const table = new SeriesTable();
      const builder = new SampleBatchBuilder(table, 1);
      for (const { labels, value, time } of rows) builder.add(series(table, labels), time, value);
      const shards = [new ShardBuffer(), new ShardBuffer()];
      assert.equal(encodeSamples(builder.build(), ownLabels(table), Number.NEGATIVE_INFINITY, shards), 0);
      const found = decode(shards).timeseries.map(
        ({ labels, samples }) => `${labelsText(labels)} ${samples[0]?.value} ${samples[0]?.timestamp} ${samples.length}`,
      );
      const expected = rows.map(({ labels, value, time }) => `${labelsText(sortedPairs(labels))} ${value} ${time} 1`);
      assert.deepEqual(found.sort(), expected.sort());
    }),
    { numRuns: 200 },
  );
});

function sortedPairs(labels: Record<string, string>): { name: string; value: string }[] {
  const { names, values } = sortedLabels(Object.entries(labels));
  return names.map((name, i) => ({ name, value: values[i] ?? "" }));
}

test("a staleness marker arrives with its exact bits", () => {
  const table = new SeriesTable();
  const builder = new SampleBatchBuilder(table, 1);
  builder.addStale(series(table, { a: "1" }), 5);
  const shards = [new ShardBuffer()];
  encodeSamples(builder.build(), ownLabels(table), 0, shards);
  assert.ok(Buffer.from(shards[0]?.written() ?? []).includes(Buffer.from("09020000000000f07f", "hex")));
});

test("samples beyond the age limit are left out and counted", () => {
  const table = new SeriesTable();
  const builder = new SampleBatchBuilder(table, 1);
  const id = series(table, { a: "1" });
  builder.add(id, 99, 1);
  builder.add(id, 100, 2);
  const shards = [new ShardBuffer()];
  assert.equal(encodeSamples(builder.build(), ownLabels(table), 100, shards), 1);
  assert.equal(shards[0]?.items, 1);
});

test("a series is in one shard only", () => {
  const table = new SeriesTable();
  const builder = new SampleBatchBuilder(table, 1);
  for (let i = 0; i < 100; i++) for (const time of [1, 2]) builder.add(series(table, { i: String(i) }), time, i);
  const shards = Array.from({ length: 4 }, () => new ShardBuffer());
  encodeSamples(builder.build(), ownLabels(table), 0, shards);
  const seen = shards.map((shard) => new Set(decode([shard]).timeseries.map(({ labels }) => labelsText(labels))));
  assert.equal(
    seen.reduce((total, each) => total + each.size, 0),
    100,
  );
  assert.ok(seen.every(({ size }) => size > 5));
});

test("exemplars and histograms carry labels, values and times", () => {
  const table = new SeriesTable();
  const builder = new SampleBatchBuilder(table, 1);
  const id = series(table, { __name__: "m" });
  // count_int 3, sum 1.5
  builder.addHistogram(id, 7, Buffer.from("080319000000000000f83f", "hex"));
  const encoded = new ProtobufWriter(16);
  writeLabels(encoded, sortedLabels([["trace_id", "t"]]));
  builder.addExemplar(id, 8, 0.25, encoded.bytes, 0, encoded.length);
  const batch = builder.build();
  const shards = [new ShardBuffer()];
  encodeHistograms(batch, ownLabels(table), 0, shards);
  encodeExemplars(batch, ownLabels(table), shards);
  const [histogram, withExemplar] = decode(shards).timeseries;
  assert.deepEqual(histogram?.histograms, [{ countInt: "3", sum: 1.5, timestamp: "7" }]);
  assert.deepEqual(withExemplar?.exemplars, [{ labels: [{ name: "trace_id", value: "t" }], value: 0.25, timestamp: "8" }]);
  assert.equal(labelsText(withExemplar?.labels ?? []), "__name__=m");
});

test("external labels are merged in order, and never replace a series' own", () => {
  const name = fc.constantFrom("a", "b", "bb", "c", "__name__", "z", "Z", "é");
  const labels = fc.dictionary(name, fc.constantFrom("1", "2"), { minKeys: 1 });
  fc.assert(
    fc.property(labels, labels, (own, external) => {
      const table = new SeriesTable();
      const builder = new SampleBatchBuilder(table, 1);
      builder.add(series(table, own), 1, 1);
      const source: LabelSource = new WithExternalLabels(table, external);
      const shards = [new ShardBuffer()];
      encodeSamples(builder.build(), source, 0, shards);
      assert.equal(labelsText(decode(shards).timeseries[0]?.labels ?? []), labelsText(sortedPairs({ ...external, ...own })));
    }),
  );
});
