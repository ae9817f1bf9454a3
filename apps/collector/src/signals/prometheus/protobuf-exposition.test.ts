import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { readHistogram } from "./native-histogram.ts";
import { ProtobufExpositionParser, type ProtobufOptions } from "./protobuf-exposition.ts";

const { root } = protobuf.parse(
  `syntax = "proto3";
message LabelPair { string name = 1; string value = 2; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message Gauge { double value = 1; }
message Untyped { double value = 1; }
message Exemplar { repeated LabelPair label = 1; double value = 2; Timestamp timestamp = 3; }
message Counter { double value = 1; Exemplar exemplar = 2; Timestamp start_timestamp = 3; }
message Quantile { double quantile = 1; double value = 2; }
message Summary { uint64 sample_count = 1; double sample_sum = 2; repeated Quantile quantile = 3; Timestamp start_timestamp = 4; }
message Bucket { uint64 cumulative_count = 1; double cumulative_count_float = 4; double upper_bound = 2; Exemplar exemplar = 3; }
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
message Histogram {
  uint64 sample_count = 1; double sample_count_float = 4; double sample_sum = 2; repeated Bucket bucket = 3; Timestamp start_timestamp = 15;
  sint32 schema = 5; double zero_threshold = 6; uint64 zero_count = 7; double zero_count_float = 8;
  repeated BucketSpan negative_span = 9; repeated sint64 negative_delta = 10; repeated double negative_count = 11;
  repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13; repeated double positive_count = 14;
  repeated Exemplar exemplars = 16;
}
message Metric {
  repeated LabelPair label = 1; Gauge gauge = 2; Counter counter = 3; Summary summary = 4; Untyped untyped = 5; Histogram histogram = 7;
  int64 timestamp_ms = 6;
}
message MetricFamily { string name = 1; string help = 2; int32 type = 3; repeated Metric metric = 4; string unit = 5; }`,
  { keepCase: true },
);
const MetricFamily = root.lookupType("MetricFamily");

const plain: ProtobufOptions = {
  typeAndUnitLabels: false,
  scrapesNativeHistograms: true,
  scrapesClassicHistograms: false,
  convertsToNhcb: false,
};

function encode(...families: object[]): Buffer {
  return Buffer.concat(families.map((family) => MetricFamily.encodeDelimited(MetricFamily.fromObject(family)).finish()));
}

/** All entries, one a line: `name{label=value} value @timestamp since start # exemplar`. */
function entries(page: Buffer, options: Partial<ProtobufOptions> = {}): string[] {
  const parser = new ProtobufExpositionParser(page, page.length, { ...plain, ...options });
  const found: string[] = [];
  const keys = new Set<string>();
  for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
    if (entry === "type" || entry === "help" || entry === "unit") {
      found.push(`${entry} ${parser.family()} ${entry === "type" ? parser.type : parser[entry]()}`);
      continue;
    }
    const key = Buffer.from(parser.keyBytes).toString("latin1", parser.keyStart, parser.keyEnd);
    assert.equal(keys.has(key), false, "every series has a key of its own");
    keys.add(key);
    const [name, ...labels] = parser.labels();
    let text = `${name?.[1]}{${labels.map(([label, value]) => `${label}=${value}`).join(",")}} `;
    text += entry === "series" ? String(parser.value) : histogramText(parser);
    if (parser.hasTimestamp) text += ` @${parser.timestamp}`;
    if (parser.startTimestamp() !== 0) text += ` since ${parser.startTimestamp()}`;
    while (parser.nextExemplar()) {
      const { labels: own, value, hasTimestamp, timestamp } = parser.exemplar;
      text += ` # ${own.map(([label, of]) => `${label}=${of}`).join(",")} ${value}${hasTimestamp ? ` @${timestamp}` : ""}`;
    }
    found.push(text);
  }
  return found;
}

function histogramText(parser: ProtobufExpositionParser): string {
  const { bytes, start, end } = parser.histogram();
  const { isFloat, resetHint, schema, zeroCount, count, sum, positive, negative, customValues } = readHistogram(bytes, start, end);
  const side = ({ spans, counts }: typeof positive) =>
    `${spans.map(({ offset, length }) => `${offset}+${length}`).join(" ")}:${counts.join(" ")}`;
  const hint = resetHint === 0 ? "" : ` hint ${resetHint}`;
  const bounds = customValues.length === 0 ? "" : ` bounds ${customValues.join(" ")}`;
  return `${isFloat ? "float" : "int"} ${schema}${hint} count ${count} sum ${sum} zero ${zeroCount} [${side(positive)}] [${side(negative)}]${bounds}`;
}

const exemplar = { label: [{ name: "trace_id", value: "t" }], value: 0.5, timestamp: { seconds: 2, nanos: 5e6 } };

test("counters, gauges and untyped are one series each", () => {
  const page = encode(
    {
      name: "c",
      help: "h",
      type: 0,
      unit: "s",
      metric: [{ label: [{ name: "a", value: "1" }], counter: { value: 5, exemplar, start_timestamp: { seconds: 7 } }, timestamp_ms: 9 }],
    },
    { name: "g", type: 1, metric: [{ gauge: { value: 1.5 } }, { label: [{ name: "a", value: "2" }], gauge: { value: -1 } }] },
    { name: "u", type: 3, metric: [{ untyped: { value: Number.NaN } }] },
    { name: "empty", type: 0, metric: [] },
  );
  assert.deepEqual(entries(page), [
    "help c h",
    "unit c s",
    "type c counter",
    "c{a=1} 5 @9 since 7000 # trace_id=t 0.5 @2005",
    "help g ",
    "type g gauge",
    "g{} 1.5",
    "g{a=2} -1",
    "help u ",
    "type u unknown",
    "u{} NaN",
  ]);
});

test("a summary is its count, sum and quantiles", () => {
  const summary = {
    sample_count: 3,
    sample_sum: 1.5,
    quantile: [
      { quantile: 0.5, value: 1 },
      { quantile: 1, value: 2 },
    ],
  };
  assert.deepEqual(entries(encode({ name: "s", type: 2, metric: [{ summary }] })).slice(2), [
    "s_count{} 3",
    "s_sum{} 1.5",
    "s{quantile=0.5} 1",
    "s{quantile=1.0} 2",
  ]);
});

const classic = {
  sample_count: 4,
  sample_sum: 2.5,
  bucket: [
    { cumulative_count: 1, upper_bound: 1, exemplar },
    { cumulative_count: 3, upper_bound: 2 },
  ],
};
const classicLines = [
  "h_count{} 4",
  "h_sum{} 2.5",
  "h_bucket{le=1.0} 1 # trace_id=t 0.5 @2005",
  "h_bucket{le=2.0} 3",
  "h_bucket{le=+Inf} 4",
];
const nhcb = "h{} int -53 count 4 sum 2.5 zero 0 [0+3:1 2 1] [:] bounds 1 2 # trace_id=t 0.5 @2005";

const native = {
  ...classic,
  schema: 3,
  zero_threshold: 0.001,
  zero_count: 1,
  positive_span: [
    { offset: 1, length: 2 },
    { offset: 1, length: 2 },
  ],
  positive_delta: [1, 0, -1, 1],
};
const nativeLine = "h{} int 3 count 4 sum 2.5 zero 1 [1+2 2+1:1 1 1] [:] # trace_id=t 0.5 @2005";

const histograms: [what: string, histogram: object, options: Partial<ProtobufOptions>, lines: string[]][] = [
  ["a classic histogram has an infinite bucket at the end", classic, {}, classicLines],
  ["a classic histogram becomes a native one", classic, { convertsToNhcb: true }, [nhcb]],
  [
    "a classic histogram stays beside the one it becomes",
    classic,
    { convertsToNhcb: true, scrapesClassicHistograms: true },
    [...classicLines, nhcb],
  ],
  ["a native histogram loses its empty buckets", native, {}, [nativeLine]],
  ["a native histogram may keep its classic one", native, { scrapesClassicHistograms: true }, [nativeLine, ...classicLines]],
  ["a native histogram is never converted", native, { convertsToNhcb: true }, [nativeLine]],
  ["without native histograms the classic one is taken", native, { scrapesNativeHistograms: false }, classicLines],
  ["and converted where that is wanted", native, { scrapesNativeHistograms: false, convertsToNhcb: true }, [nhcb]],
  [
    "an empty span makes a histogram without observations native",
    { positive_span: [{ offset: 0, length: 0 }] },
    {},
    ["h{} int 0 count 0 sum 0 zero 0 [:] [:]"],
  ],
  [
    "float histograms",
    {
      sample_count_float: 2.5,
      sample_sum: 1,
      zero_count_float: 0.5,
      negative_span: [{ offset: -2, length: 2 }],
      negative_count: [1.5, 0.5],
    },
    {},
    ["h{} float 0 count 2.5 sum 1 zero 0.5 [:] [-2+2:1.5 0.5]"],
  ],
  [
    "what stands behind an infinite bucket is not looked at",
    {
      sample_count: 1,
      bucket: [
        { cumulative_count: 1, upper_bound: Number.POSITIVE_INFINITY },
        { cumulative_count: 9, upper_bound: 5 },
      ],
    },
    {},
    ["h_count{} 1", "h_sum{} 0", "h_bucket{le=+Inf} 1"],
  ],
];

for (const [what, histogram, options, lines] of histograms)
  test(`histograms: ${what}`, () => {
    const page = encode({ name: "h", type: 4, metric: [{ histogram }] });
    // A native histogram is known by float zero counts only together with something else.
    const isFloat = "sample_count_float" in histogram;
    assert.deepEqual(entries(page, options).slice(2), lines, isFloat ? "as float" : "as integer");
  });

test("gauge histograms say that they have no resets", () => {
  const page = encode({ name: "h", type: 5, metric: [{ histogram: { zero_count: 1, sample_count: 1 } }] });
  assert.deepEqual(entries(page).slice(1), ["type h gaugehistogram", "h{} int 0 hint 3 count 1 sum 0 zero 1 [:] [:]"]);
});

test("type and unit become labels where that is wanted", () => {
  const page = encode({ name: "c_s", type: 0, unit: "s", metric: [{ label: [{ name: "__type__", value: "x" }], counter: { value: 1 } }] });
  assert.equal(entries(page, { typeAndUnitLabels: true }).at(-1), "c_s{__type__=counter,__unit__=s} 1");
});

const refused: [what: string, page: Buffer, message: RegExp][] = [
  [
    "a family that ends too early",
    encode({ name: "c", type: 0, metric: [{ counter: { value: 1 } }] }).subarray(0, -3),
    /insufficient length of buffer/,
  ],
  ["a length that does not end", Buffer.from([0xff, 0xff]), /invalid varint/],
  ["an unknown type", encode({ name: "c", type: 9, metric: [{ counter: { value: 1 } }] }), /unknown metric type for metric "c": 9/],
  ["a family without a name", encode({ type: 0, metric: [{ counter: { value: 1 } }] }), /invalid metric name/],
  [
    "spans that do not fit their buckets",
    encode({ name: "h", type: 4, metric: [{ histogram: { positive_span: [{ offset: 0, length: 3 }], positive_delta: [1] } }] }),
    /histogram "h": positive side: spans require 3 buckets, have 1/,
  ],
  [
    "a label without a name",
    encode({ name: "c", type: 0, metric: [{ label: [{ name: "", value: "x" }], counter: { value: 1 } }] }),
    /invalid label name/,
  ],
  ["a number in place of a message", Buffer.from([4, 0x0a, 1, 0x63, 0x20]), /does not end|wire type/],
];

for (const [what, page, message] of refused)
  test(`refuses ${what}`, () => {
    assert.throws(
      () => entries(page),
      (error) => error instanceof MalformedInput && message.test(error.message),
    );
  });

test("no change of bytes makes the parser do anything but answer or refuse", () => {
  const page = encode(
    { name: "h", help: "x", type: 4, metric: [{ label: [{ name: "a", value: "b" }], histogram: native, timestamp_ms: 5 }] },
    { name: "s", type: 2, metric: [{ summary: { sample_count: 1, quantile: [{ quantile: 0.5, value: 1 }] } }] },
  );
  const change = fc.record({ at: fc.nat(page.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(page.length), fc.boolean(), (changes, cut, convertsToNhcb) => {
      const changed = Buffer.from(page);
      for (const { at, byte } of changes) changed[at] = byte;
      try {
        entries(changed.subarray(0, cut), { convertsToNhcb, scrapesClassicHistograms: true });
      } catch (error) {
        assert.ok(error instanceof MalformedInput || error instanceof assert.AssertionError, String(error));
      }
    }),
    { numRuns: 1500 },
  );
});
