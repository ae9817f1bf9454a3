import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { Signal } from "./batch.ts";
import { requests } from "./schema.ts";
import { anyMessage, decodeRequest, encodeRequest, type Plain } from "./testing.ts";
import { walk } from "./walk.ts";

const signals = ["traces", "metrics", "logs"] as const;

function list(content: Plain | undefined, name: string): Plain[] {
  return (content?.[name] ?? []) as Plain[];
}

/** Counts in the decoded object what `walk` counts in the bytes. */
function itemsOf(signal: Signal, request: Plain): number {
  switch (signal) {
    case "traces":
      return list(request, "resourceSpans").flatMap((r) => list(r, "scopeSpans").flatMap((s) => list(s, "spans"))).length;
    case "logs":
      return list(request, "resourceLogs").flatMap((r) => list(r, "scopeLogs").flatMap((s) => list(s, "logRecords"))).length;
    case "metrics":
      return list(request, "resourceMetrics")
        .flatMap((r) => list(r, "scopeMetrics").flatMap((s) => list(s, "metrics")))
        .flatMap((m) =>
          ["gauge", "sum", "histogram", "exponentialHistogram", "summary"].flatMap((kind) => list(m[kind] as Plain, "dataPoints")),
        ).length;
  }
}

for (const signal of signals) {
  test(`counts the items of any ${signal} that protobufjs writes`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), (request) => {
        assert.equal(walk(signal, encodeRequest(signal, request)).items, itemsOf(signal, request));
      }),
    );
  });

  test(`answers damaged ${signal} with MalformedInput or with what other parsers see`, () => {
    fc.assert(
      fc.property(anyMessage(requests[signal]), fc.nat(), fc.nat(255), fc.boolean(), (request, place, byte, cut) => {
        const bytes = Buffer.from(encodeRequest(signal, request));
        if (bytes.length === 0) return;
        const at = place % bytes.length;
        const damaged = cut ? bytes.subarray(0, at) : bytes;
        if (!cut) damaged[at] = byte;
        let items: number;
        try {
          ({ items } = walk(signal, damaged));
        } catch (error) {
          assert.ok(error instanceof MalformedInput, String(error));
          return;
        }
        // A repeated `gauge` is merged by both; a second value of a oneof replaces the first, whose points are then gone.
        assert.ok(itemsOf(signal, decodeRequest(signal, [damaged])) <= items);
      }),
      { numRuns: 300 },
    );
  });
}

const span = (hex: string) => `0a${length(`12${length(`12${length(hex)}`)}`)}`;
/** Puts the length before hex bytes. */
function length(hex: string): string {
  return Buffer.from([hex.length / 2]).toString("hex") + hex;
}

for (const [title, hex, reason] of [
  ["a span that ends too late", "0a04120212040a", /claims/],
  ["a trace id of 3 bytes", span("0a03aabbcc"), /3 bytes, not 16/],
  ["a span id of 9 bytes", span("1209aabbccddeeff001122"), /9 bytes, not 8/],
  ["a name that is not UTF-8", span("2a02c328"), /not UTF-8/],
  ["a name as a number", span("2801"), /another wire type/],
  ["a fixed time as a varint", span("3801"), /another wire type/],
  ["a varint kind as bytes", span("320101"), /another wire type/],
  ["a group", span("2b2c"), /wire type 3/],
  ["field 0", span("0001"), /field number 0/],
  ["a varint of 11 bytes", span("30ffffffffffffffffffff01"), /does not end/],
  ["a length of 2^60", "0a808080808080808010", /claims/],
  ["a truncated word", span("39000000"), /does not end within/],
  ["a length that is missing behind an overlong tag", "d200", /does not end within/],
] as const)
  test(`refuses ${title}`, () => {
    assert.throws(
      () => walk("traces", Buffer.from(hex, "hex")),
      (error: unknown) => error instanceof MalformedInput && reason.test(error.message),
    );
  });

for (const [title, hex, items] of [
  ["an empty request", "", 0],
  ["an empty span", span(""), 1],
  ["an empty trace id", span("0a00"), 1],
  ["unknown fields of every wire type", span("f80101f901aaaaaaaaaaaaaaaafa0102c328fd01bbbbbbbb"), 1],
  ["unknown fields above 31", span("80200182200180"), 1],
  ["overlong lengths", "0a8000", 0],
] as const)
  test(`accepts ${title}`, () => {
    assert.equal(walk("traces", Buffer.from(hex, "hex")).items, items);
  });

/** A log record whose body is `depth` lists in each other. */
function nested(depth: number): Uint8Array {
  let body = Buffer.alloc(0);
  for (let i = 0; i < depth; i++) {
    const writer = new ProtobufWriter();
    const value = writer.begin(5);
    writer.copy(1, body);
    writer.finish(value);
    body = Buffer.from(writer.toBytes());
  }
  const writer = new ProtobufWriter();
  const marks = [1, 2, 2, 5].map((field) => writer.begin(field, body.length));
  writer.raw(body);
  for (const mark of marks.reverse()) writer.finish(mark);
  return writer.toBytes();
}

test("accepts values nested as deep as other parsers do, and no deeper", () => {
  assert.equal(walk("logs", nested(40)).items, 1);
  assert.throws(() => walk("logs", nested(60)), /nested deeper than 100/);
  assert.throws(() => walk("logs", nested(500)), /nested deeper than 100/);
});

test("sees scopes in the field of old writers", () => {
  const writer = new ProtobufWriter();
  const resource = writer.begin(1);
  const scope = writer.begin(1000);
  writer.copy(2, new Uint8Array(0));
  writer.finish(scope);
  writer.finish(resource);
  const { items, hasOldScopes } = walk("traces", writer.toBytes());
  assert.deepEqual([items, hasOldScopes], [1, true]);
});
