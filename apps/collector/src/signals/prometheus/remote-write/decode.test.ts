import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { encode, protos } from "../../../../../../tests/destinations/protos.ts";
import { fuzzParameters } from "../../../../../../tests/fuzz-time.ts";
import { MalformedInput } from "../../../bytes/malformed-input.ts";
import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { readLabels } from "../label-encoding.ts";
import type { SampleBatch } from "../sample-batch.ts";
import { SeriesTable } from "../series-table.ts";
import { RequestDecoder } from "./decode.ts";
import { Version2Decoder } from "./decode-v2.ts";
import type { Received } from "./received.ts";

const LATE = 1e15;

interface Sample {
  readonly value: number;
  readonly timestamp: number;
  readonly startTimestamp?: number;
  /** Instead of the value's. */
  readonly bits?: string;
}
interface Exemplar extends Sample {
  readonly labels: Readonly<Record<string, string>>;
}
interface Series {
  readonly labels: readonly (readonly [string, string])[];
  readonly samples?: readonly Sample[];
  readonly histograms?: readonly Record<string, unknown>[];
  readonly exemplars?: readonly Exemplar[];
  readonly metadata?: { readonly type?: number; readonly help?: string; readonly unit?: string };
}

function bits(value: number): string {
  return String(Buffer.from(new Float64Array([value]).buffer).readBigUInt64LE());
}

const sampleMessage = ({ value, timestamp, startTimestamp = 0, bits: exact }: Sample) => ({
  value: exact ?? bits(value),
  timestamp,
  startTimestamp,
});

/** The request in version 1, encoded independently. */
function request(series: readonly Series[]): Uint8Array {
  const labels = (pairs: Series["labels"]) => pairs.map(([name, value]) => ({ name, value }));
  return encode(protos.remoteWrite1, {
    timeseries: series.map((each) => ({
      labels: labels(each.labels),
      samples: (each.samples ?? []).map(sampleMessage),
      histograms: each.histograms ?? [],
      exemplars: (each.exemplars ?? []).map(({ value, timestamp, labels: own }) => ({
        value,
        timestamp,
        labels: labels(Object.entries(own)),
      })),
    })),
  });
}

/** The same in version 2. */
function request2(series: readonly Series[]): Uint8Array {
  const symbols = [""];
  const ref = (text: string) => {
    const known = symbols.indexOf(text);
    return known >= 0 ? known : symbols.push(text) - 1;
  };
  const labelsRefs = (pairs: Series["labels"]) => pairs.flatMap(([name, value]) => [ref(name), ref(value)]);
  const timeseries = series.map((each) => ({
    labelsRefs: labelsRefs(each.labels),
    samples: (each.samples ?? []).map(sampleMessage),
    histograms: each.histograms ?? [],
    exemplars: (each.exemplars ?? []).map(({ value, timestamp, labels }) => ({
      value,
      timestamp,
      labelsRefs: labelsRefs(Object.entries(labels)),
    })),
    ...(each.metadata && {
      metadata: { type: each.metadata.type ?? 0, helpRef: ref(each.metadata.help ?? ""), unitRef: ref(each.metadata.unit ?? "") },
    }),
  }));
  return encode(protos.remoteWrite2, { symbols, timeseries });
}

/** `{a="1"} 2 @3`, a line a row. */
function rowsOf(batch: SampleBatch): string[] {
  const rows: string[] = [];
  for (let row = 0; row < batch.count; row++) {
    const started = batch.startTimestamps?.[row] ?? 0;
    rows.push(
      `${batch.table.textOf(batch.series[row] ?? 0)} ${batch.values[row]} @${batch.timestamps[row]}${started === 0 ? "" : ` since ${started}`}`,
    );
  }
  const { exemplars } = batch;
  for (let row = 0; exemplars !== undefined && row < exemplars.count; row++) {
    const { names, values } = readLabels(exemplars.bytes, exemplars.ends[row - 1] ?? 0, exemplars.ends[row] ?? 0);
    rows.push(
      `${batch.table.textOf(exemplars.series[row] ?? 0)} # {${names.map((name, i) => `${name}=${values[i]}`)}} ${exemplars.values[row]} @${exemplars.timestamps[row]}`,
    );
  }
  return rows;
}

const decoders: Record<string, (series: readonly Series[], maxTimeMs?: number) => Received> = {
  "version 1": (series, maxTimeMs = LATE) => new RequestDecoder(new SeriesTable()).decode(request(series), maxTimeMs),
  "version 2": (series, maxTimeMs = LATE) =>
    new Version2Decoder(new SeriesTable(), { appendsMetadata: false, typeAndUnitLabels: false }).decode(request2(series), maxTimeMs),
};

for (const [version, decode] of Object.entries(decoders)) {
  test(`${version}: what an independent encoder wrote is read, in any order of labels`, () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 });
    const time = fc.integer({ min: -1e12, max: 4e12 });
    const sample = fc.record({ value: fc.double(), timestamp: time });
    const series = fc.record({
      labels: fc.dictionary(text, text, { noNullPrototype: true }),
      name: text,
      samples: fc.array(sample, { minLength: 1, maxLength: 3 }),
      exemplars: fc.array(
        fc.record({ value: fc.double({ noNaN: true }), timestamp: time, labels: fc.dictionary(text, text, { noNullPrototype: true }) }),
        {
          maxLength: 2,
        },
      ),
    });
    fc.assert(
      fc.property(fc.array(series, { maxLength: 10 }), (all) => {
        const sorted = (labels: Record<string, string>) =>
          Object.entries(labels).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const given = all.map(({ labels, name, ...rest }) => ({ ...rest, labels: Object.entries({ ...labels, __name__: name }) }));
        const { batch, samples, exemplars, problems } = decode(given);
        const labelsText = (pairs: readonly (readonly [string, string])[]) =>
          `{${sorted(Object.fromEntries(pairs))
            .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
            .join(", ")}}`;
        const expected = [
          ...given.flatMap(({ labels, samples: own }) => own.map(({ value, timestamp }) => `${labelsText(labels)} ${value} @${timestamp}`)),
          ...given.flatMap(({ labels, exemplars: own }) =>
            own.map(
              (each) =>
                `${labelsText(labels)} # {${sorted(each.labels).map(([name, value]) => `${name}=${value}`)}} ${each.value} @${each.timestamp}`,
            ),
          ),
        ];
        assert.deepEqual(rowsOf(batch), expected);
        assert.deepEqual([samples + exemplars, problems], [expected.length, []]);
        batch.release();
        assert.equal(batch.table.size, 0);
      }),
      { numRuns: 150 },
    );
  });

  test(`${version}: labels without a value are as good as none, staleness markers keep their bits`, () => {
    const { batch } = decode([
      {
        labels: [
          ["__name__", "a"],
          ["b", ""],
        ],
        samples: [{ value: 0, bits: String(0x7ff0000000000002n), timestamp: 1 }],
      },
    ]);
    assert.equal(batch.table.textOf(batch.series[0] ?? 0), '{__name__="a"}');
    assert.ok(batch.isStale(0));
  });

  test(`${version}: series whose labels are not those of a series are left out and counted`, () => {
    const cases: [Series["labels"], RegExp][] = [
      [[], /invalid metric name or labels, got \{\}/],
      [[["a", "b"]], /invalid metric name or labels, got \{a="b"\}/],
      [
        [
          ["__name__", ""],
          ["a", "b"],
        ],
        /invalid metric name/,
      ],
      [
        [
          ["__name__", "a"],
          ["", "b"],
        ],
        /invalid metric name or labels/,
      ],
      [
        [
          ["__name__", "a"],
          ["b", "1"],
          ["b", "2"],
        ],
        /duplicated label b/,
      ],
      [
        [
          ["b", "1"],
          ["__name__", "a"],
          ["b", ""],
        ],
        /duplicated label b/,
      ],
      [
        [
          ["__name__", "a"],
          ["b", "x".repeat(70_000)],
        ],
        /a label of 70000 bytes is longer than/,
      ],
      [[["__name__", "a"], ...Array.from({ length: 4096 }, (_, i): [string, string] => [`l${i}`, "x"])], /4097 labels/],
    ];
    for (const [labels, problem] of cases) {
      const good: Series = { labels: [["__name__", "good"]], samples: [{ value: 1, timestamp: 1 }] };
      const { batch, samples, invalidLabels, problems } = decode([good, { labels, samples: [{ value: 2, timestamp: 2 }] }, good]);
      assert.deepEqual([batch.count, samples, invalidLabels], [2, 2, 1], String(problem));
      assert.match(problems.join(), problem);
    }
  });
}

test("a text that is no UTF-8 makes a series invalid", () => {
  const body = Buffer.from(
    request([
      {
        labels: [
          ["__name__", "a"],
          ["b", "xyz"],
        ],
        samples: [{ value: 2, timestamp: 2 }],
      },
    ]),
  );
  body[body.indexOf("xyz")] = 0xff;
  assert.equal(new RequestDecoder(new SeriesTable()).decode(body, LATE).invalidLabels, 1);
});

const soundHistogram = { countInt: 3, sum: bits(1.5), positiveSpans: [{ offset: 1, length: 2 }], positiveDeltas: [1, 1], timestamp: 7 };

test("histograms keep all but their time; too fine buckets are merged", () => {
  for (const decode of Object.values(decoders)) {
    const { batch, histograms } = decode([
      { labels: [["__name__", "h"]], histograms: [soundHistogram, { ...soundHistogram, schema: 9, timestamp: 8 }] },
    ]);
    assert.equal(histograms, 2);
    assert.deepEqual([...(batch.histograms?.timestamps ?? [])].slice(0, 2), [7, 8]);
    const [first = 0, second] = batch.histograms?.ends ?? [];
    const plain = encode(protos.remoteWrite1.root.lookupType("remotewrite.Histogram"), { ...soundHistogram, timestamp: 0 });
    assert.deepEqual(Buffer.from(batch.histograms?.bytes.subarray(0, first) ?? []), plain.subarray(0, first));
    // At schema 8 the buckets 1 and 2 of schema 9 are one.
    const merged = batch.histograms?.bytes.subarray(first, second) ?? new Uint8Array(0);
    const decoded = protos.remoteWrite1.root.lookupType("remotewrite.Histogram").decode(merged).toJSON();
    assert.deepEqual([decoded.schema, decoded.positiveDeltas], [8, ["3"]]);
  }
});

test("version 1 refuses a request as a whole for one sample from the future or one histogram that does not add up", () => {
  const good: Series = { labels: [["__name__", "good"]], samples: [{ value: 1, timestamp: 1 }] };
  const cases: [Series, RegExp][] = [
    [{ labels: [["__name__", "a"]], samples: [{ value: 1, timestamp: 101 }] }, /too far in the future for series \{__name__="a"\}/],
    [{ labels: [["__name__", "a"]], histograms: [{ ...soundHistogram, timestamp: 101 }] }, /too far in the future/],
    [
      { labels: [["__name__", "a"]], histograms: [{ ...soundHistogram, countInt: 4 }] },
      /3 observations found in buckets, but the Count field is 4/,
    ],
  ];
  for (const [series, message] of cases)
    assert.throws(
      () => decoders["version 1"]?.([good, series], 100),
      (error) => error instanceof MalformedInput && message.test(error.message),
    );
});

test("version 2 takes what is sound and names the rest", () => {
  const all: Series[] = [
    {
      labels: [["__name__", "a"]],
      samples: [
        { value: 1, timestamp: 100, startTimestamp: 5 },
        { value: 1, timestamp: 101 },
      ],
    },
    { labels: [["__name__", "b"]], histograms: [{ ...soundHistogram, countInt: 4 }, soundHistogram] },
    { labels: [["__name__", "c"]], exemplars: [{ value: 1, timestamp: 1, labels: {} }] },
    { labels: [["__name__", "d"]], samples: [{ value: 1, timestamp: 1 }], exemplars: [{ value: 1, timestamp: 101, labels: {} }] },
  ];
  const received = decoders["version 2"]?.(all, 100);
  assert.deepEqual(rowsOf(received?.batch as SampleBatch), ['{__name__="a"} 1 @100 since 5', '{__name__="d"} 1 @1']);
  assert.deepEqual(
    [received?.samples, received?.histograms, received?.exemplars, received?.exemplarsDropped, received?.invalidLabels],
    [2, 1, 0, 1, 0],
  );
  assert.equal(received?.problems.length, 3);
  assert.match(received?.problems[0] ?? "", /timestamp is too far in the future for series \{__name__="a"\}/);
  assert.match(received?.problems[1] ?? "", /observations found in buckets/);
  assert.match(received?.problems[2] ?? "", /TimeSeries must contain at least one sample or histogram for series \{__name__="c"\}/);
});

test("version 2 refuses references beyond the table of texts", () => {
  const sample = [{ value: bits(1), timestamp: 1 }];
  const cases: [object, string, number][] = [
    [{ labelsRefs: [1, 2, 1], samples: sample }, "parsing labels for series [1 2 1]: invalid labelRefs length 3", 1],
    [
      { labelsRefs: [1, 9], samples: sample },
      "parsing labels for series [1 9]: labelRefs 1 (name) = 9 (value) outside of symbols table (size 3)",
      1,
    ],
    [
      { labelsRefs: [1, 2], samples: sample, metadata: { unitRef: 3 } },
      "parsing metadata for series [1 2]: metadata unit_ref 3 outside of symbols table (size 3)",
      0,
    ],
    [
      { labelsRefs: [1, 2], samples: sample, metadata: { helpRef: 4 } },
      "parsing metadata for series [1 2]: metadata help_ref 4 outside of symbols table (size 3)",
      0,
    ],
    [
      { labelsRefs: [1, 2], samples: sample, exemplars: [{ labelsRefs: [3, 3] }] },
      'parsing exemplar for series {__name__="a"}: labelRefs 3 (name) = 3 (value) outside of symbols table (size 3)',
      0,
    ],
  ];
  for (const [series, problem, invalidLabels] of cases) {
    const body = encode(protos.remoteWrite2, { symbols: ["", "__name__", "a"], timeseries: [series] });
    const received = new Version2Decoder(new SeriesTable(), { appendsMetadata: false, typeAndUnitLabels: false }).decode(body, LATE);
    assert.deepEqual([received.problems, received.invalidLabels], [[problem], invalidLabels]);
  }
});

test("version 2: type and unit become labels where that is wanted, metadata go on where that is", () => {
  const options = { appendsMetadata: true, typeAndUnitLabels: true };
  const own: Series["labels"] = [
    ["__name__", "x_bucket"],
    ["__type__", "mine"],
    ["__unit__", "mine"],
    ["a", "1"],
  ];
  const samples = [{ value: 1, timestamp: 1 }];
  const body = request2([
    { labels: own, samples, metadata: { type: 3, help: "Help.", unit: "seconds" } },
    { labels: own, samples, metadata: { unit: "seconds" } },
    { labels: own, samples, metadata: { type: 1 } },
    { labels: own, samples },
  ]);
  const { batch } = new Version2Decoder(new SeriesTable(), options).decode(body, LATE);
  assert.deepEqual(rowsOf(batch), [
    '{__name__="x_bucket", __type__="histogram", __unit__="seconds", a="1"} 1 @1',
    '{__name__="x_bucket", __unit__="seconds", a="1"} 1 @1',
    '{__name__="x_bucket", __type__="counter", a="1"} 1 @1',
    '{__name__="x_bucket", __type__="mine", __unit__="mine", a="1"} 1 @1',
  ]);
  assert.deepEqual(batch.metadata?.metadata[0], { family: "x", type: "histogram", help: "Help.", unit: "seconds" });
  assert.equal(batch.metadata?.metadata.length, 4);
});

test("any bytes are read or refused, and nothing is left behind", () => {
  const valid = request([
    {
      labels: [
        ["__name__", "a"],
        ["b", "c"],
      ],
      samples: [{ value: 1, timestamp: 1 }],
      histograms: [soundHistogram],
      exemplars: [{ value: 1, timestamp: 1, labels: { t: "1" } }],
    },
  ]);
  const valid2 = request2([
    {
      labels: [
        ["__name__", "a"],
        ["b", "c"],
      ],
      samples: [{ value: 1, timestamp: 1 }],
      exemplars: [{ value: 1, timestamp: 1, labels: { t: "1" } }],
      metadata: { type: 3, help: "h", unit: "u" },
    },
  ]);
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(valid, valid2), damage, fc.nat(), (body, changes, cut) => {
      const damaged = Buffer.from(body);
      for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
      const bytes = damaged.subarray(0, cut % 5 === 0 ? cut % damaged.length : damaged.length);
      const table = new SeriesTable();
      const options = { appendsMetadata: true, typeAndUnitLabels: true };
      for (const decoder of [new RequestDecoder(table), new Version2Decoder(table, options)])
        try {
          decoder.decode(bytes, LATE).batch.release();
        } catch (error) {
          if (!(error instanceof MalformedInput)) throw error;
        }
      assert.deepEqual([table.size, table.pairs.size], [0, 0]);
    }),
    fuzzParameters(),
  );
});

test("requests that would take far more memory than they have bytes are refused", () => {
  const repeat = (count: number, ...bytes: number[]) => Buffer.alloc(count * bytes.length, Uint8Array.from(bytes));
  const message = (tag: number, ...parts: Uint8Array[]) => {
    const writer = new ProtobufWriter(64);
    writer.copy(tag, Buffer.concat(parts));
    return writer.toBytes();
  };
  const options = { appendsMetadata: false, typeAndUnitLabels: false };
  const v1 = (body: Uint8Array) => new RequestDecoder(new SeriesTable()).decode(body, LATE);
  const v2 = (body: Uint8Array) => new Version2Decoder(new SeriesTable(), options).decode(body, LATE);
  const name = Buffer.from("0a0d0a085f5f6e616d655f5f120161", "hex");
  const millions = 4 * 1024 * 1024 + 1;
  assert.throws(() => v2(repeat(millions, 0x22, 0)), /more than 4194304 symbols/);
  assert.throws(() => v1(message(1, name, repeat(millions, 0x12, 0))), /more than 4194304 samples/);
  assert.throws(() => v1(message(1, name, message(3, repeat(5000, 0x0a, 0)))), /an exemplar has more than 4096 labels/);
  assert.throws(() => v2(message(5, message(1, repeat(50_000, 1)))), /more than 4096 labels/);
  assert.throws(() => v2(message(5, repeat(10_000, 0x08, 1))), /more than 4096 labels/);
  assert.throws(() => v1(message(1, name, message(4, repeat(600_000, 0x5a, 0)))), /histogram of 1200000 bytes is longer/);
});
