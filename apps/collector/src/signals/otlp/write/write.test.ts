import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtobufWriter } from "../../../bytes/protobuf-writer.ts";
import { logField, metricField, resourceField } from "../fields.ts";
import { decodeRequest, type Plain, plainAttributes } from "../testing.ts";
import { walk } from "../walk.ts";
import { type AttributeValue, writeAttribute, writeTextAttributeBytes } from "./attributes.ts";
import {
  writeLogAttribute,
  writeLogBody,
  writeLogBodyBytes,
  writeLogTime,
  writeLogTrace,
  writeObservedTime,
  writeSeverity,
} from "./log-record.ts";
import {
  DELTA,
  MetricWriter,
  NO_RECORDED_VALUE,
  writeDoubleValue,
  writeExemplar,
  writeExponentialValue,
  writeHistogramValue,
  writeIntValue,
  writePointFlags,
  writePointTimes,
  writeQuantile,
  writeSummaryValue,
} from "./metric.ts";
import { RequestWriter } from "./request.ts";

/** What a protobuf library reads of a request that our own check has accepted. */
function read(request: RequestWriter): Plain {
  const batch = request.batch();
  assert.equal(walk(batch.signal, batch.chunks[0] as Uint8Array).items, batch.items);
  return decodeRequest(batch.signal, batch.chunks);
}

const values: Record<string, AttributeValue> = {
  text: "ü",
  empty: "",
  whole: -3,
  double: 1.5,
  negativeZero: -0,
  huge: 2n ** 62n,
  flag: true,
  bytes: new Uint8Array([1, 2]),
  list: ["a", 1, [true]],
  map: { inner: { deep: "x" } },
};

test("writes attributes of every kind", () => {
  const request = new RequestWriter("logs");
  request.beginResource(values);
  request.endItem(request.beginItem());
  const [resource] = read(request).resourceLogs as [{ resource: Plain }];
  assert.deepEqual(plainAttributes(resource.resource.attributes), { ...values, huge: String(2n ** 62n), bytes: Buffer.from([1, 2]) });
});

test("writes log records below resources and scopes", () => {
  const request = new RequestWriter("logs");
  request.beginResource({ a: "1" }, "https://schema/1");
  request.beginScope({ name: "app", version: "2", attributes: { x: "y" }, schemaUrl: "https://schema/2" });
  const { writer } = request;
  let record = request.beginItem(1);
  writeLogTime(writer, 1_700_000_000, 5);
  writeObservedTime(writer, 1_700_000_000_123);
  writeSeverity(writer, 9, "info");
  writeLogBody(writer, { k: "v" });
  writeLogAttribute(writer, "n", 1);
  writeLogTrace(writer, new Uint8Array(16).fill(1), new Uint8Array(8).fill(2), 1);
  request.endItem(record);
  request.beginScope();
  record = request.beginItem();
  writeLogBodyBytes(writer, Buffer.from("a line"), 2, 6);
  request.endItem(record);
  request.beginResource();
  request.copyItem(Buffer.from([0x10, 9]), 0, 2);
  assert.deepEqual(JSON.parse(JSON.stringify(read(request).resourceLogs)), [
    {
      resource: { attributes: [{ key: "a", value: { stringValue: "1" } }] },
      scopeLogs: [
        {
          scope: { name: "app", version: "2", attributes: [{ key: "x", value: { stringValue: "y" } }] },
          logRecords: [
            {
              timeUnixNano: "1700000000000000005",
              observedTimeUnixNano: "1700000000123000000",
              severityNumber: 9,
              severityText: "info",
              body: { kvlistValue: { values: [{ key: "k", value: { stringValue: "v" } }] } },
              attributes: [{ key: "n", value: { intValue: "1" } }],
              flags: 1,
              traceId: { type: "Buffer", data: Array(16).fill(1) },
              spanId: { type: "Buffer", data: Array(8).fill(2) },
            },
          ],
          schemaUrl: "https://schema/2",
        },
        { scope: {}, logRecords: [{ body: { stringValue: "line" } }] },
      ],
      schemaUrl: "https://schema/1",
    },
    { resource: {}, scopeLogs: [{ scope: {}, logRecords: [{ severityNumber: 9 }] }] },
  ]);
});

test("writes every kind of metric", () => {
  const request = new RequestWriter("metrics");
  const metric = new MetricWriter(request);
  const { writer } = request;
  const point = (write: () => void) => {
    const mark = metric.beginPoint();
    writePointTimes(writer, 1, 2);
    write();
    metric.endPoint(mark);
  };
  metric.begin({ name: "g", description: "d", unit: "s", kind: metricField.gauge, metadata: { "prometheus.type": "gauge" } });
  point(() => writeDoubleValue(writer, 0));
  point(() => writePointFlags(writer, metricField.gauge, NO_RECORDED_VALUE));
  metric.end();
  metric.begin({ name: "s", kind: metricField.sum, temporality: DELTA, isMonotonic: true });
  const exemplar = {
    timeMs: 3,
    value: 4,
    traceId: new Uint8Array(16).fill(1),
    spanId: new Uint8Array(0),
    attributes: [["k", "v"]],
  } as const;
  point(() => {
    writeIntValue(writer, -5);
    writeExemplar(writer, metricField.sum, exemplar);
  });
  metric.end();
  metric.begin({ name: "h", kind: metricField.histogram });
  point(() => writeHistogramValue(writer, { count: 3, sum: 1.5, min: 0.5, max: 1, bucketCounts: [1, 2], bounds: [1] }));
  metric.end();
  metric.begin({ name: "e", kind: metricField.exponentialHistogram });
  point(() =>
    writeExponentialValue(writer, {
      count: 3,
      sum: 1,
      scale: -1,
      zeroCount: 1,
      zeroThreshold: 0.5,
      positive: { offset: -2, counts: [0, 300] },
      negative: undefined,
    }),
  );
  metric.end();
  metric.begin({ name: "q", kind: metricField.summary });
  point(() => {
    writeSummaryValue(writer, 2, 3);
    writeQuantile(writer, 0.5, 1);
  });
  metric.end();
  assert.equal(request.items, 6);
  const [resource] = JSON.parse(JSON.stringify(read(request).resourceMetrics));
  const times = { startTimeUnixNano: "1000000", timeUnixNano: "2000000" };
  assert.deepEqual(resource.scopeMetrics[0].metrics, [
    {
      name: "g",
      description: "d",
      unit: "s",
      metadata: [{ key: "prometheus.type", value: { stringValue: "gauge" } }],
      gauge: {
        dataPoints: [
          { ...times, asDouble: 0 },
          { ...times, flags: 1 },
        ],
      },
    },
    {
      name: "s",
      sum: {
        aggregationTemporality: 1,
        isMonotonic: true,
        dataPoints: [
          {
            ...times,
            asInt: "-5",
            exemplars: [
              {
                timeUnixNano: "3000000",
                asDouble: 4,
                traceId: { type: "Buffer", data: Array(16).fill(1) },
                filteredAttributes: [{ key: "k", value: { stringValue: "v" } }],
              },
            ],
          },
        ],
      },
    },
    {
      name: "h",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ ...times, count: "3", sum: 1.5, bucketCounts: ["1", "2"], explicitBounds: [1], min: 0.5, max: 1 }],
      },
    },
    {
      name: "e",
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...times,
            count: "3",
            sum: 1,
            scale: -1,
            zeroCount: "1",
            positive: { offset: -2, bucketCounts: ["0", "300"] },
            zeroThreshold: 0.5,
          },
        ],
      },
    },
    { name: "q", summary: { dataPoints: [{ ...times, count: "2", sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] } },
  ]);
});

test("takes encoded attributes and scopes, and begins anew after each request", () => {
  const attributes = new ProtobufWriter();
  writeAttribute(attributes, resourceField.attributes, "a", "1");
  const text = Buffer.from("keyvalue");
  writeTextAttributeBytes(attributes, resourceField.attributes, text, { keyStart: 0, keyEnd: 3, valueStart: 3, valueEnd: 8 });
  const scope = new ProtobufWriter();
  scope.string(1, "lib");
  const request = new RequestWriter("logs");
  for (const _ of [1, 2]) {
    request.beginResource(attributes.toBytes());
    request.beginScope(scope.toBytes());
    request.endItem(request.beginItem());
    const [resource] = read(request).resourceLogs as [{ resource: Plain; scopeLogs: [{ scope: Plain; logRecords: Plain[] }] }];
    assert.deepEqual(plainAttributes(resource.resource.attributes), { a: "1", key: "value" });
    assert.equal(resource.scopeLogs[0].scope.name, "lib");
    assert.equal(resource.scopeLogs[0].logRecords.length, 1);
  }
  assert.equal(logField.body, 5);
});
