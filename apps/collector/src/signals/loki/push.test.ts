import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { parseLabelText } from "./label-text.ts";
import type { LogBatch } from "./log-batch.ts";
import { batchOf, linesOf } from "./notation.ts";
import { decodePushRequest } from "./push-decode.ts";
import { encodeStreams } from "./push-encode.ts";
import { decodeJsonPush } from "./push-json.ts";
import { internLabels, internRecord } from "./stream-labels.ts";

// An encoder and decoder that know nothing of ours.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message PushRequest { repeated Stream streams = 1; }
  message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
  message Entry { Timestamp timestamp = 1; string line = 2; repeated Pair structuredMetadata = 3; repeated Pair parsed = 4; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Pair { string name = 1; string value = 2; }
`);
const PushRequest = root.lookupType("PushRequest");

interface Push {
  streams: {
    labels: string;
    entries: {
      timestamp: { seconds: number; nanos: number };
      line: string;
      structuredMetadata: { name: string; value: string }[];
    }[];
  }[];
}

const pushes: fc.Arbitrary<Push> = fc.record({
  streams: fc.array(
    fc.record({
      labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { maxKeys: 3 }).map((record) => internRecord(record).text),
      entries: fc.array(
        fc.record({
          timestamp: fc.record({
            seconds: fc.oneof(fc.integer({ min: -62135596800, max: 253402300799 }), fc.constant(0)),
            nanos: fc.oneof(fc.nat(999_999_999), fc.constant(0)),
          }),
          line: fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ minLength: 100, maxLength: 300 })),
          structuredMetadata: fc.array(fc.record({ name: fc.string(), value: fc.string({ unit: "grapheme" }) }), { maxLength: 3 }),
        }),
        { maxLength: 5 },
      ),
    }),
    { maxLength: 4 },
  ),
});

function decode(body: Uint8Array): LogBatch {
  return decodePushRequest(body, { createdMs: 1, labels: (text) => internLabels(parseLabelText(text)) });
}

function encode(batch: LogBatch, maxBytes = 1 << 20): Uint8Array {
  const fragments = encodeStreams(batch, (stream) => Buffer.from(batch.streams[stream]?.text ?? ""), maxBytes);
  return Buffer.concat(fragments.map((fragment) => fragment.payload));
}

/** One line a row, each with its stream, in the order of a request. */
function flat(push: Push): string[] {
  return push.streams.flatMap(({ labels, entries }) =>
    (entries ?? []).map(({ timestamp, line, structuredMetadata }) =>
      JSON.stringify([labels, timestamp?.seconds ?? 0, timestamp?.nanos ?? 0, line ?? "", structuredMetadata ?? []]),
    ),
  );
}

function readBack(body: Uint8Array): Push {
  return PushRequest.toObject(PushRequest.decode(body), { longs: Number, arrays: true, defaults: true }) as unknown as Push;
}

test("what another encoder writes comes out of ours the same, stream by stream", () => {
  fc.assert(
    fc.property(pushes, fc.constantFrom(1, 200, 1 << 20), (push, maxBytes) => {
      const body = PushRequest.encode(PushRequest.fromObject(push)).finish();
      const back = readBack(encode(decode(body), maxBytes));
      // Streams of the same labels are gathered; within each the order stays.
      const byLabels = (lines: string[]) =>
        lines.toSorted((a, b) => ((JSON.parse(a) as string[])[0] as string).localeCompare((JSON.parse(b) as string[])[0] as string));
      assert.deepEqual(byLabels(flat(back)), byLabels(flat(push)));
    }),
  );
});

test("a request in JSON gives the batch that the same request gives in protobuf", () => {
  fc.assert(
    fc.property(pushes, fc.boolean(), (push, valuesFirst) => {
      const nanoseconds = push.streams.map((stream) => ({
        ...stream,
        entries: stream.entries.map((entry) => ({
          ...entry,
          timestamp: { ...entry.timestamp, seconds: entry.timestamp.seconds % 9_000_000_000 },
        })),
      }));
      const streams = nanoseconds.map(({ labels, entries }) => {
        const stream = Object.fromEntries(parseLabelText(labels));
        const values = entries.map(({ timestamp: { seconds, nanos }, line, structuredMetadata }) => [
          String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
          line,
          Object.fromEntries(structuredMetadata.map(({ name, value }) => [name, value])),
        ]);
        return valuesFirst ? { values, stream, other: [{ a: ["}"] }, null, -1.5e3] } : { stream, values };
      });
      const body = Buffer.from(JSON.stringify({ streams }, undefined, valuesFirst ? 1 : 0));
      const batch = decodeJsonPush(body, { createdMs: 1, labels: internRecord });
      const unique = nanoseconds.map((stream) => ({
        ...stream,
        entries: stream.entries.map((entry) => ({
          ...entry,
          structuredMetadata: Object.entries(Object.fromEntries(entry.structuredMetadata.map(({ name, value }) => [name, value]))).map(
            ([name, value]) => ({ name, value }),
          ),
        })),
      }));
      assert.deepEqual(linesOf(batch), linesOf(decode(PushRequest.encode(PushRequest.fromObject({ streams: unique })).finish())));
    }),
  );
});

test("every truncation of a request, and no other request, is refused as malformed", () => {
  const body = Buffer.from(encode(batchOf(['{a="b"} @1.5 hello # k="v"', '{a="b"} @2 world', '{c="d"} @3 x'])));
  const whole = [0, ...fieldEnds(body)];
  for (let length = 0; length < body.length; length++) {
    if (whole.includes(length)) assert.ok(decode(body.subarray(0, length)).rows <= 3);
    else assert.throws(() => decode(body.subarray(0, length)), MalformedInput, `${length} of ${body.length} bytes`);
  }
});

test("random bytes are refused or read, never anything else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      for (const read of [() => decode(bytes), () => decodeJsonPush(bytes.slice(), { createdMs: 0, labels: internRecord })])
        try {
          read();
        } catch (error) {
          assert.ok(error instanceof MalformedInput, String(error));
        }
    }),
    { numRuns: 2000 },
  );
});

test("structured metadata that is scattered over an entry is gathered", () => {
  const pair = (name: string) => [0x1a, 5, 0x0a, 1, name.charCodeAt(0), 0x12, 0];
  const entry = [...pair("x"), 0x12, 1, 0x68, ...pair("y"), 0x0a, 2, 0x08, 7, ...pair("z")];
  const stream = [0x0a, 2, 0x7b, 0x7d, 0x12, entry.length, ...entry];
  assert.deepEqual(linesOf(decode(Uint8Array.of(0x0a, stream.length, ...stream))), ['{} @7 h # x="", y="", z=""']);
});

test("impossible values of a request are refused", () => {
  const cases: [Uint8Array, RegExp][] = [
    [withTimestamp([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]), /does not lie in the years 1 to 9999/],
    [withTimestamp([0x10, 0x80, 0x94, 0xeb, 0xdc, 0x03]), /1000000000 ns/],
    [withTimestamp([0x0a, 1, 0]), /is not a number/],
    [Uint8Array.of(0x08, 1), /a stream at byte 0 has wire type 0/],
    [Uint8Array.of(0x0a, 6, 0x0a, 2, 0x7b, 0x7d, 0x10, 1), /an entry at byte 6 has wire type 0/],
  ];
  for (const [body, message] of cases) assert.throws(() => decode(body), message);
});

test("what is no request in JSON is refused with the place", () => {
  const cases: [string, string][] = [
    ["", "expected an object at byte 0, found the end"],
    ["[]", 'expected an object at byte 0, found "["'],
    ['{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}', 'expected the timestamp as a string at byte 43, found "1"'],
    ['{"streams":[{"values":[["1",2]]}]}', 'expected the line as a string at byte 28, found "2"'],
    ['{"streams":[{"values":[["1","x",{"a":1}]]}]}', 'expected a label\'s value as a string at byte 37, found "1"'],
    ['{"streams":[{"stream":{"a":1}}]}', 'expected a label\'s value as a string at byte 27, found "1"'],
    ['{"streams":[{"values":[["1","x"]]}', 'expected "," or "]" at byte 34, found the end'],
    ['{"streams":[]} {}', 'expected the end at byte 15, found "{"'],
    ['{"streams":"x"}', 'expected an array at byte 11, found "\\""'],
    ['{"streams":[{"values":[["1x","x"]]}]}', '"1x" at byte 25 is no timestamp in nanoseconds'],
    ['{"streams":[{"values":[["","x"]]}]}', '"" at byte 25 is no timestamp in nanoseconds'],
    ['{"streams":[{"values":[["99999999999999999999","x"]]}]}', '"99999999999999999999" at byte 25 is no timestamp in nanoseconds'],
    ['{"a":"\\x"}', "x"],
    [`{"a":${"[".repeat(600)}`, "expected no more than 512 levels"],
  ];
  for (const [source, message] of cases) {
    const read = () => decodeJsonPush(Buffer.from(source), { createdMs: 0, labels: internRecord });
    if (message === "x") assert.equal(read().rows, 0);
    else assert.throws(read, (error: Error) => error instanceof MalformedInput && error.message.includes(message), `${source}: ${message}`);
  }
});

test("JSON strings are unescaped where they lie", () => {
  const cases: [string, string][] = [
    ['"a\\n\\t\\"\\\\\\/\\b\\f\\r"', 'a\n\t"\\/\b\f\r'],
    ['"\\u00e4\\u20ac\\ud83d\\udca5"', "ä€💥"],
    ['"\\ud83d"', "\ufffd"],
    ['"\\ud83dx\\udca5"', "\ufffdx\ufffd"],
    ['"\\u0041"', "A"],
  ];
  for (const [literal, text] of cases) {
    const body = Buffer.from(`{"streams":[{"stream":{},"values":[["-1",${literal}]]}]}`);
    assert.deepEqual(linesOf(decodeJsonPush(body, { createdMs: 0, labels: internRecord })), [`{} @-1.999999999 ${text}`]);
  }
});

test("lines of streams that are left out do not appear, and a time of the receiver's replaces the client's", () => {
  const labels = (text: string) => (text.includes("drop") ? undefined : internLabels(parseLabelText(text)));
  const body = encode(batchOf(['{a="drop"} @1 x', '{a="b"} @2 y', '{a="b"} @2 y']));
  const batch = decodePushRequest(body, { createdMs: 5, labels, timestamp: { seconds: 9, nanos: 999_999_999 } });
  assert.deepEqual(linesOf(batch), ['{a="b"} @9.999999999 y', '{a="b"} @10 y']);
});

test("lines are encoded stream by stream in pieces of the size asked for, and streams without labels are left out", () => {
  const batch = batchOf(['{a="1"} @1 one', '{a="2"} @1 other', '{a="1"} @2 two', '{a="drop"} x', '{a="1"} @3 three']);
  const labelsOf = (stream: number) => {
    const text = batch.streams[stream]?.text ?? "";
    return text.includes("drop") ? undefined : Buffer.from(text);
  };
  const fragments = encodeStreams(batch, labelsOf, 40);
  assert.deepEqual(
    fragments.map(({ stream, rows, payload }) => [stream, rows, linesOf(decode(payload)).join(" | ")]),
    [
      [0, 2, '{a="1"} @1 one | {a="1"} @2 two'],
      [0, 1, '{a="1"} @3 three'],
      [1, 1, '{a="2"} @1 other'],
    ],
  );
});

function withTimestamp(timestamp: number[]): Uint8Array {
  const stream = [0x12, timestamp.length + 2, 0x0a, timestamp.length, ...timestamp];
  return Uint8Array.of(0x0a, stream.length + 4, 0x0a, 2, 0x7b, 0x7d, ...stream);
}

function fieldEnds(body: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = 0; at < body.length; ) {
    at += 2 + (body[at + 1] as number);
    ends.push(at);
  }
  return ends;
}
