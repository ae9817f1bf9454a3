import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { attributes, encodeRequest, type Plain, requestOf } from "../../../../signals/otlp/testing.ts";
import { walk } from "../../../../signals/otlp/walk.ts";
import { component } from "./component.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-debug-"));
after(() => rmSync(folder, { recursive: true }));

async function running(text: string) {
  const clock = new FakeClock();
  const context = testContext({ clock });
  const exporter = await component.create(context, decodeText(component, text));
  await exporter.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  const send = (signal: Signal, chunk: Uint8Array) =>
    input.consume(new OtlpBatch({ signal, chunks: [chunk], items: walk(signal, chunk).items }));
  return {
    clock,
    context,
    exporter,
    send,
    lines: () => context.logged.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`),
  };
}

/** What is printed of a request after its summary. */
async function printed(verbosity: string, signal: Signal, request: Plain): Promise<string> {
  const { send, context } = await running(`verbosity = "${verbosity}"`);
  await send(signal, encodeRequest(signal, request));
  return context.logged[1]?.message ?? "";
}

test("counts what comes in, one line a batch", async () => {
  const { send, lines, context } = await running("");
  await send("traces", requestOf("traces", ["a", "b"]));
  await send("metrics", requestOf("metrics", ["a", "b", "c"]));
  await send("logs", requestOf("logs", ["a"]));
  assert.deepEqual(lines(), [
    'Traces {"resource spans":1,"spans":2}',
    'Metrics {"resource metrics":1,"metrics":3,"data points":3}',
    'Logs {"resource logs":1,"log records":1}',
  ]);
  assert.equal(context.metric("otelcol_exporter_sent_metric_points_total"), 3);
});

test("writes the first messages of each second, then some of them", async () => {
  const { send, lines, clock } = await running("sampling_initial = 2\nsampling_thereafter = 3");
  for (let i = 0; i < 8; i++) await send("logs", requestOf("logs", ["a"]));
  assert.equal(lines().length, 4);
  await clock.advance(1000);
  await send("logs", requestOf("logs", ["a"]));
  assert.equal(lines().length, 5);
});

test("writes to files and keeps line ends there", async () => {
  const path = join(folder, "out.log");
  const { send, exporter } = await running(`verbosity = "NORMAL"\nuse_internal_logger = false\noutput_paths = [${JSON.stringify(path)}]`);
  await send("logs", requestOf("logs", ["first", "second"]));
  await exporter.stop(new AbortController().signal);
  const text = readFileSync(path, "utf8");
  assert.equal(text, 'Logs\t{"resource logs": 1, "log records": 2}\nResourceLog #0\nScopeLog #0\nfirst \nsecond \n\n');
});

test("a file that can't be written makes it unhealthy and stops nobody", async () => {
  const path = join(folder, "absent", "out.log");
  const { send, exporter, context } = await running(`use_internal_logger = false\noutput_paths = [${JSON.stringify(path)}]`);
  await send("logs", requestOf("logs", ["a"]));
  await exporter.stop(new AbortController().signal);
  await send("logs", requestOf("logs", ["a"]));
  assert.match(context.healthReports[0]?.message ?? "", /can't write to/);
});

const id = (byte: number, size: number) => Buffer.alloc(size, byte);
const traces = {
  resourceSpans: [
    {
      schemaUrl: "https://example.com/schema",
      resource: {
        attributes: attributes({ "service.name": "shop", n: 1 }),
        entityRefs: [{ type: "service", schemaUrl: "u", idKeys: ["service.name"], descriptionKeys: ["d"] }],
      },
      scopeSpans: [
        {
          scope: { name: "lib", version: "2", attributes: attributes({ s: true }) },
          spans: [
            {
              traceId: id(0xab, 16),
              spanId: id(0xcd, 8),
              parentSpanId: id(0, 8),
              traceState: "k=v",
              name: "GET /",
              kind: 2,
              startTimeUnixNano: "1699678143509369393",
              endTimeUnixNano: "1699678143500000000",
              status: { code: 2, message: "bad" },
              droppedLinksCount: 4,
              attributes: attributes({ d: 1.5, list: [1, "x", { k: true }], b: Buffer.from("hi") }),
              events: [{ name: "e", timeUnixNano: "1", attributes: attributes({ a: 1 }) }],
              links: [{ traceId: id(1, 16), spanId: id(2, 8), attributes: attributes({ l: 1 }) }],
            },
          ],
        },
      ],
    },
  ],
};
test("normal: a line a span", async () => {
  assert.equal(
    await printed("normal", "traces", traces),
    `ResourceTraces #0 [https://example.com/schema] service.name=shop n=1
ScopeTraces #0 lib@2 s=true
GET / ${"ab".repeat(16)} ${"cd".repeat(8)} d=1.5 list=[1,"x",{"k":true}] b=aGk=
`,
  );
});

test("detailed: every field of a span", async () => {
  assert.equal(
    await printed("detailed", "traces", traces),
    `ResourceSpans #0
Resource SchemaURL: https://example.com/schema
Resource attributes:
     -> service.name: Str(shop)
     -> n: Int(1)
Resource entity refs:
     -> Entity ref #0:
          -> Type: service
          -> Schema URL: u
          -> ID keys:
               -> service.name
          -> Description keys:
               -> d
ScopeSpans #0
ScopeSpans SchemaURL: 
InstrumentationScope lib 2
InstrumentationScope attributes:
     -> s: Bool(true)
Span #0
    Trace ID       : ${"ab".repeat(16)}
    Parent ID      : 
    ID             : ${"cd".repeat(8)}
    Name           : GET /
    Kind           : Server
    TraceState     : k=v
    Start time     : 2023-11-11 04:49:03.509369393 +0000 UTC
    End time       : 2023-11-11 04:49:03.5 +0000 UTC
    Status code    : Error
    Status message : bad
    DroppedAttributesCount: 0
    DroppedEventsCount: 0
    DroppedLinksCount: 4
Attributes:
     -> d: Double(1.5)
     -> list: Slice([1,"x",{"k":true}])
     -> b: Bytes(aGk=)
Events:
SpanEvent #0
     -> Name: e
     -> Timestamp: 1970-01-01 00:00:00.000000001 +0000 UTC
     -> DroppedAttributesCount: 0
     -> Attributes::
          -> a: Int(1)
Links:
SpanLink #0
     -> Trace ID: ${"01".repeat(16)}
     -> ID: ${"02".repeat(8)}
     -> TraceState: 
     -> DroppedAttributesCount: 0
     -> Attributes::
          -> l: Int(1)
`,
  );
});

const logs = {
  resourceLogs: [
    {
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: "1000000000",
              severityNumber: 10,
              severityText: "info",
              eventName: "ev",
              body: { stringValue: "hello" },
              attributes: attributes({ a: "b" }),
              flags: 1,
            },
            {},
          ],
        },
      ],
    },
  ],
};

test("detailed: every field of a log record", async () => {
  assert.equal(
    await printed("detailed", "logs", logs),
    `ResourceLog #0
Resource SchemaURL: 
ScopeLogs #0
ScopeLogs SchemaURL: 
InstrumentationScope  
LogRecord #0
ObservedTimestamp: 1970-01-01 00:00:00 +0000 UTC
Timestamp: 1970-01-01 00:00:01 +0000 UTC
SeverityText: info
SeverityNumber: Info2(10)
EventName: ev
Body: Str(hello)
Attributes:
     -> a: Str(b)
Trace ID: 
Span ID: 
Flags: 1
LogRecord #1
ObservedTimestamp: 1970-01-01 00:00:00 +0000 UTC
Timestamp: 1970-01-01 00:00:00 +0000 UTC
SeverityText: 
SeverityNumber: Unspecified(0)
Body: Empty()
Trace ID: 
Span ID: 
Flags: 0
`,
  );
});

const metrics = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: "g",
              unit: "1",
              description: "a gauge",
              metadata: attributes({ m: 1 }),
              gauge: { dataPoints: [{ asDouble: 0.5, attributes: attributes({ x: 1, y: "z" }) }] },
            },
            {
              name: "s",
              sum: {
                aggregationTemporality: 2,
                isMonotonic: true,
                dataPoints: [{ asInt: "7", exemplars: [{ asDouble: 1, traceId: id(1, 16), filteredAttributes: attributes({ f: 1 }) }] }],
              },
            },
            {
              name: "h",
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [{ count: 3, sum: 1.5, min: 0, max: 1e21, bucketCounts: [1, 2], explicitBounds: [0.25] }],
              },
            },
            {
              name: "e",
              exponentialHistogram: {
                dataPoints: [
                  {
                    count: 6,
                    zeroCount: 1,
                    scale: 0,
                    positive: { offset: 0, bucketCounts: [1, 2] },
                    negative: { offset: 1, bucketCounts: [2] },
                  },
                ],
              },
            },
            { name: "q", summary: { dataPoints: [{ count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1e-7 }] }] } },
          ],
        },
      ],
    },
  ],
};

test("normal: a line a data point", async () => {
  assert.equal(
    await printed("normal", "metrics", metrics),
    `ResourceMetrics #0
ScopeMetrics #0
g{x=1,y=z} 0.5
s{} 7
h{} count=3 sum=1.5 min=0 max=1e+21 le0.25=1 2
e{} count=6 le-2=2 zero=1 le2=1 le4=2
q{} count=2 sum=3.000000 q0.5=1e-07
`,
  );
});

test("detailed: every field of a data point of each type", async () => {
  const at = "StartTimestamp: 1970-01-01 00:00:00 +0000 UTC\nTimestamp: 1970-01-01 00:00:00 +0000 UTC";
  assert.equal(
    await printed("detailed", "metrics", metrics),
    `ResourceMetrics #0
Resource SchemaURL: 
ScopeMetrics #0
ScopeMetrics SchemaURL: 
InstrumentationScope  
Metric #0
Descriptor:
     -> Name: g
     -> Description: a gauge
     -> Unit: 1
     -> DataType: Gauge
     -> Metadata:
          -> m: Int(1)
NumberDataPoints #0
Data point attributes:
     -> x: Int(1)
     -> y: Str(z)
${at}
Value: 0.500000
Metric #1
Descriptor:
     -> Name: s
     -> Description: 
     -> Unit: 
     -> DataType: Sum
     -> IsMonotonic: true
     -> AggregationTemporality: Cumulative
NumberDataPoints #0
${at}
Value: 7
Exemplars:
Exemplar #0
     -> Trace ID: ${"01".repeat(16)}
     -> Span ID: 
     -> Timestamp: 1970-01-01 00:00:00 +0000 UTC
     -> Value: 1.000000
     -> FilteredAttributes:
          -> f: Int(1)
Metric #2
Descriptor:
     -> Name: h
     -> Description: 
     -> Unit: 
     -> DataType: Histogram
     -> AggregationTemporality: Delta
HistogramDataPoints #0
${at}
Count: 3
Sum: 1.500000
Min: 0.000000
Max: 1000000000000000000000.000000
ExplicitBounds #0: 0.250000
Buckets #0, Count: 1
Buckets #1, Count: 2
Metric #3
Descriptor:
     -> Name: e
     -> Description: 
     -> Unit: 
     -> DataType: ExponentialHistogram
     -> AggregationTemporality: Unspecified
ExponentialHistogramDataPoints #0
${at}
Count: 6
Bucket [-4.000000, -2.000000), Count: 2
Bucket [0, 0], Count: 1
Bucket (1.000000, 2.000000], Count: 1
Bucket (2.000000, 4.000000], Count: 2
Metric #4
Descriptor:
     -> Name: q
     -> Description: 
     -> Unit: 
     -> DataType: Summary
SummaryDataPoints #0
${at}
Count: 2
Sum: 3.000000
QuantileValue #0: Quantile 0.500000, Value 0.000000
`,
  );
});

for (const [text, message] of [
  ['verbosity = "loud"', 'invalid verbosity "loud"'],
  ['output_paths = ["stdout"]', "output_paths is not supported when use_internal_logger is true"],
  ["output_paths = []\nuse_internal_logger = false", "output_paths must not be empty"],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, text);
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });
