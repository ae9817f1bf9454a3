import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Signal } from "./batch.ts";
import { ItemCursor } from "./item-cursor.ts";
import { requests } from "./schema.ts";
import { splitChunk, splitChunkBySize } from "./split.ts";
import { anyMessage, encodeRequest, typicalSpans } from "./testing.ts";
import { walk } from "./walk.ts";

/** Each item with everything that its parents say. */
function itemsOf(signal: Signal, chunks: readonly Uint8Array[]): string[] {
  const items: string[] = [];
  for (const chunk of chunks) {
    walk(signal, chunk);
    const cursor = new ItemCursor(signal).reset(chunk);
    while (cursor.next()) {
      const texts = [Buffer.from(chunk.subarray(cursor.start, cursor.end)).toString("hex")];
      for (let level = 1; level <= cursor.last; level++)
        for (let field = 1; field <= 12; field++) {
          // Children of this level: 2 for resource and scope, the data and points of metrics.
          if (field === 2 && level <= 2) continue;
          if (level === 3 && [5, 7, 9, 10, 11].includes(field)) continue;
          if (level === 4 && field === 1) continue;
          cursor.part(level, field);
          texts.push(Buffer.from(chunk.subarray(cursor.partStart, cursor.partEnd)).toString("hex"));
        }
      items.push(texts.join(" "));
    }
  }
  return items;
}

for (const signal of ["traces", "metrics", "logs"] as const) {
  test(`any place cuts ${signal} into the same items with the same parents`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), fc.nat(12), (request, place) => {
        const chunk = encodeRequest(signal, request);
        const items = itemsOf(signal, [chunk]);
        const { head, tail } = splitChunk(signal, chunk, place);
        assert.deepEqual(itemsOf(signal, head), items.slice(0, place));
        assert.deepEqual(itemsOf(signal, tail), items.slice(place));
      }),
    );
  });

  test(`any size cuts ${signal} into parts that keep to it`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), fc.nat(400), (request, size) => {
        const chunk = encodeRequest(signal, request);
        const items = itemsOf(signal, [chunk]);
        const { head, tail, headItems } = splitChunkBySize(signal, chunk, size);
        assert.deepEqual(itemsOf(signal, head), items.slice(0, headItems));
        assert.deepEqual(itemsOf(signal, tail), items.slice(headItems));
        assert.ok(headItems > 0 || items.length === 0);
        const bytes = head.reduce((sum, part) => sum + part.length, 0);
        assert.ok(bytes <= size || headItems <= 1, `${bytes} bytes, ${headItems} items, limit ${size}`);
      }),
    );
  });
}

test("a head keeps to its size where much stands behind the items of a resource", () => {
  const point = (value: number) => ({ timeUnixNano: "0", sum: value, quantileValues: [{ quantile: 0, value }], flags: 0 });
  const metrics = [{ description: "", metadata: [{ key: "" }], summary: { dataPoints: [point(0), point(1), point(2), {}] } }];
  const scope = { name: "", attributes: [{ key: "", value: { intValue: "0" } }], droppedAttributesCount: 0 };
  const chunk = encodeRequest("metrics", {
    resourceMetrics: [{ scopeMetrics: [{ scope, metrics, schemaUrl: "s".repeat(60) }], schemaUrl: "r".repeat(60) }],
  });
  for (let size = 0; size <= chunk.length; size++) {
    const { head, headItems } = splitChunkBySize("metrics", chunk, size);
    const bytes = head.reduce((sum, part) => sum + part.length, 0);
    assert.ok(bytes <= size || headItems === 1, `${bytes} bytes, ${headItems} items, limit ${size}`);
  }
});

test("copies nothing where a resource begins", () => {
  const [first, second] = [typicalSpans(2), typicalSpans(1)].map((request) => encodeRequest("traces", request)) as [Uint8Array, Uint8Array];
  const both = Buffer.concat([first, second]);
  const { head, tail } = splitChunk("traces", both, 2);
  assert.deepEqual([head.length, tail.length], [1, 1]);
  assert.equal(head[0]?.buffer, both.buffer);
  assert.equal(tail[0]?.length, second.length);
});
