import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { ItemCursor } from "../../../../signals/otlp/item-cursor.ts";
import { attributes, encodeRequest, type Plain } from "../../../../signals/otlp/testing.ts";
import { hashOfKey, type RoutingKey } from "./routing.ts";

function hashes(key: RoutingKey, signal: Signal, content: Plain): number[] {
  const cursor = new ItemCursor(signal).reset(encodeRequest(signal, content));
  const hashOf = hashOfKey(key, signal, () => 0.5);
  const found: number[] = [];
  while (cursor.next()) found.push(hashOf(cursor));
  return found;
}

const id = (byte: number) => Buffer.alloc(16, byte);
const service = (name: unknown) => ({ attributes: attributes({ "service.name": name as string }) });
const spans = (...resources: { resource?: Plain; scope?: Plain; spans: Plain[] }[]) => ({
  resourceSpans: resources.map(({ resource, scope, spans }) => ({ resource, scopeSpans: [{ scope, spans }] })),
});
const metrics = (...resources: { resource?: Plain; metrics: Plain[] }[]) => ({
  resourceMetrics: resources.map(({ resource, metrics }) => ({ resource, scopeMetrics: [{ metrics }] })),
});
const gauge = (name: string, ...points: Plain[]) => ({ name, gauge: { dataPoints: points } });

test("spans by the bytes of their trace", () => {
  const content = spans({ spans: [{ traceId: id(1) }, { traceId: id(1) }, { traceId: id(2) }, { name: "none" }] });
  assert.deepEqual(
    hashes("traceID", "traces", content),
    [id(1), id(1), id(2), id(0)].map((each) => crc32(each)),
  );
});

test("logs by their trace in hexadecimal, or anywhere", () => {
  const content = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId: id(0xab) }, {}, { traceId: id(0) }] }] }] };
  assert.deepEqual(hashes("traceID", "logs", content), [crc32("ab".repeat(16)), 2 ** 31, 2 ** 31]);
});

test("spans by service: of the resource, the scope, or the trace's first span", () => {
  const named = crc32("service.name=shop|");
  const content = spans(
    { resource: service("shop"), spans: [{}, {}] },
    { scope: service("shop"), spans: [{}] },
    { spans: [{ traceId: id(1), ...service("shop") }, { traceId: id(1), ...service("other") }, { traceId: id(2) }] },
    { resource: service(5), spans: [{}] },
  );
  assert.deepEqual(hashes("service", "traces", content), [
    named,
    named,
    named,
    named,
    named,
    crc32("service.name=|"),
    crc32("service.name=5|"),
  ]);
});

test("logs and metrics by service: logs without one go together, metrics nowhere", () => {
  const logs = {
    resourceLogs: [service("shop"), undefined, service(5)].map((resource) => ({ resource, scopeLogs: [{ logRecords: [{}] }] })),
  };
  assert.deepEqual(hashes("service", "logs", logs), [crc32("shop"), crc32(""), crc32("")]);
  const content = metrics({ resource: service("shop"), metrics: [gauge("a", {})] }, { metrics: [gauge("a", {})] });
  assert.deepEqual(hashes("service", "metrics", content), [crc32("shop"), -1]);
});

test("metrics by name", () => {
  const content = metrics({ metrics: [gauge("a", {}, {}), gauge("b", {})] }, { metrics: [gauge("a", {})] });
  assert.deepEqual(
    hashes("metric", "metrics", content),
    ["a", "a", "b", "a"].map((name) => crc32(name)),
  );
});

test("metrics by resource: the same attributes in any order", () => {
  const of = (values: Record<string, string>) => ({ resource: { attributes: attributes(values) }, metrics: [gauge("a", {})] });
  const [one, two, three] = hashes("resource", "metrics", metrics(of({ a: "1", b: "2" }), of({ b: "2", a: "1" }), of({ a: "1" })));
  assert.equal(one, two);
  assert.notEqual(one, three);
});

test("metrics by stream: resource, metric and the point's attributes", () => {
  const point = (values: Record<string, string>) => ({ attributes: attributes(values) });
  const found = hashes(
    "streamID",
    "metrics",
    metrics(
      { metrics: [gauge("a", point({ x: "1" }), point({ x: "2" })), gauge("b", point({ x: "1" }))] },
      { metrics: [gauge("a", point({ x: "1" }))] },
      { resource: service("s"), metrics: [gauge("a", point({ x: "1" }))] },
    ),
  );
  assert.equal(found[3], found[0]);
  assert.equal(new Set(found).size, 4);
});
