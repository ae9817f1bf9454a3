import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { mergeRepeated } from "./merge-repeated.ts";
import { type MessageType, requests } from "./schema.ts";
import { anyMessage, decode, decodeRequest, encode, encodeRequest, type Plain } from "./testing.ts";
import { walk } from "./walk.ts";

const signals = ["traces", "metrics", "logs"] as const;

/** Encodes so that messages which can be there once are there several times, cut at random. */
function torn(type: MessageType, content: Plain, cut: () => boolean): Uint8Array {
  const writer = new ProtobufWriter();
  for (const field of type.fields) {
    const value = content[field.name];
    if (value === undefined) continue;
    if (field.message === undefined) {
      const bytes = encode(type, { [field.name]: value });
      writer.raw(bytes, 0, bytes.length);
      continue;
    }
    for (const each of field.repeated ? (value as Plain[]) : [value as Plain]) {
      const halves = !field.repeated && cut() ? halvesOf(each) : [each];
      for (const half of halves) {
        const bytes = torn(field.message, half, cut);
        writer.copy(field.number, bytes, 0, bytes.length);
      }
    }
  }
  return writer.toBytes();
}

function halvesOf(content: Plain): Plain[] {
  const entries = Object.entries(content);
  const middle = Math.floor(entries.length / 2);
  return [Object.fromEntries(entries.slice(0, middle)), Object.fromEntries(entries.slice(middle))];
}

for (const signal of signals)
  test(`a request for ${signal} with its messages torn to pieces says the same after they are merged, and each is there once`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), fc.infiniteStream(fc.boolean()), (content, cuts) => {
        const bytes = torn(requests[signal], content, () => cuts.next().value as boolean);
        const merged = mergeRepeated(signal, bytes);
        assert.deepEqual(decode(requests[signal], merged), decode(requests[signal], bytes));
        assert.equal(walk(signal, merged).hasRepeated, false);
        assert.equal(walk(signal, encodeRequest(signal, content)).hasRepeated, false);
      }),
      { numRuns: 60 },
    );
  });

test("a second resource does not hide the first", () => {
  const part = (key: string) => encode(resourceSpans, { resource: { attributes: [{ key, value: { stringValue: "x" } }] } });
  const spans = encode(resourceSpans, { scopeSpans: [{ spans: [{ name: "a" }] }] });
  const writer = new ProtobufWriter();
  const request = Buffer.concat([part("secret"), part("harmless"), spans]);
  writer.copy(1, request, 0, request.length);
  const chunk = writer.toBytes();
  assert.deepEqual({ ...walk("traces", chunk) }, { items: 1, hasOldScopes: false, hasRepeated: true });
  const { resourceSpans: [merged] = [] } = decodeRequest("traces", [mergeRepeated("traces", chunk)]) as {
    resourceSpans?: { resource: { attributes: { key: string }[] } }[];
  };
  assert.deepEqual(
    merged?.resource.attributes.map(({ key }) => key),
    ["secret", "harmless"],
  );
});

test("of several kinds of data in a metric, and of several values, the last counts", () => {
  const point = { timeUnixNano: "1", asDouble: 1 };
  const metric = Buffer.concat([
    encode(metricType, { name: "m", gauge: { dataPoints: [point, point] } }),
    encode(metricType, { sum: { dataPoints: [point], isMonotonic: true } }),
  ]);
  const scope = new ProtobufWriter();
  scope.copy(2, metric, 0, metric.length);
  const scopes = new ProtobufWriter();
  scopes.copy(2, scope.bytes, 0, scope.length);
  const request = new ProtobufWriter();
  request.copy(1, scopes.bytes, 0, scopes.length);
  const chunk = request.toBytes();
  assert.equal(walk("metrics", chunk).hasRepeated, true);
  const merged = mergeRepeated("metrics", chunk);
  assert.deepEqual({ ...walk("metrics", merged) }, { items: 1, hasOldScopes: false, hasRepeated: false });
  const { resourceMetrics } = decodeRequest("metrics", [merged]) as { resourceMetrics: Plain[] };
  assert.deepEqual(resourceMetrics, [{ scopeMetrics: [{ metrics: [{ name: "m", sum: { dataPoints: [point], isMonotonic: true } }] }] }]);
});

const resourceSpans = requests.traces.fields[0]?.message as MessageType;
const metricType = requests.metrics.fields[0]?.message?.fields[1]?.message?.fields[1]?.message as MessageType;
