import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Signal } from "./batch.ts";
import { partition } from "./partition.ts";
import { requests } from "./schema.ts";
import { anyMessage, encodeRequest, namesIn, requestOf } from "./testing.ts";
import { walk } from "./walk.ts";

for (const signal of ["traces", "metrics", "logs"] as const) {
  test(`${signal}: every item goes into its part once, in order`, () => {
    let i = 0;
    const parts = partition(
      signal,
      [requestOf(signal, ["a", "b", "c"]), requestOf(signal, ["d", "e"])],
      3,
      () => [0, 2, 0, -1, 2][i++] as number,
    );
    const text = parts.map((part) => part && `${part.items}:${namesIn(signal, [part.chunk]).join("")}`);
    assert.deepEqual(text, ["2:ac", undefined, "2:be"]);
  });

  test(`${signal}: parts of any request are whole requests, and hold all its items`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), fc.integer({ min: 1, max: 4 }), fc.nat(), (content, count, salt) => {
        const request = encodeRequest(signal, content);
        const parts = partition(signal, [request], count, (cursor) => (cursor.start * 31 + salt) % count);
        const items = parts.map((part) => (part === undefined ? 0 : walk(signal, part.chunk).items));
        assert.deepEqual(
          items,
          parts.map((part) => part?.items ?? 0),
        );
        assert.equal(
          items.reduce((sum, each) => sum + each, 0),
          walk(signal, request).items,
        );
      }),
      { numRuns: 200 },
    );
  });
}

test("an item keeps its parents' other fields, and none of the other items", () => {
  const request = encodeRequest("traces", {
    resourceSpans: [
      {
        resource: { attributes: [{ key: "r", value: { stringValue: "1" } }] },
        scopeSpans: [
          { scope: { name: "s" }, spans: [{ name: "a" }, { name: "b" }], schemaUrl: "scope" },
          { scope: { name: "t" }, spans: [{ name: "c" }] },
        ],
        schemaUrl: "resource",
      },
    ],
  });
  let i = 0;
  const [one, two] = partition("traces", [request], 2, () => [0, 1, 0][i++] as number);
  const expected = (first: string, ...names: string[]) =>
    encodeRequest("traces", {
      resourceSpans: [
        {
          resource: { attributes: [{ key: "r", value: { stringValue: "1" } }] },
          schemaUrl: "resource",
          scopeSpans: [
            { scope: { name: "s" }, schemaUrl: "scope", spans: [{ name: first }] },
            ...names.map((name) => ({ scope: { name: "t" }, spans: [{ name }] })),
          ],
        },
      ],
    });
  const signal: Signal = "traces";
  assert.deepEqual(namesIn(signal, [one?.chunk ?? new Uint8Array()]), ["a", "c"]);
  assert.equal(one?.chunk.length, expected("a", "c").length);
  assert.equal(two?.chunk.length, expected("b").length);
});
