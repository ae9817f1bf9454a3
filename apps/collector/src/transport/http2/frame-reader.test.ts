import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FrameHandler, FrameReader } from "./frame-reader.ts";
import { ConnectionError, frameTypes, writeFrameHead } from "./protocol.ts";

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

function bytesOf({ type, flags, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(9);
  writeFrameHead(head, 0, payload.length, type, flags, stream);
  return Buffer.concat([head, payload]);
}

/** What a reader finds in these chunks, one line a frame. */
function found(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  let data: Buffer[] = [];
  let begun = "";
  const handler: FrameHandler = {
    frame: (type, flags, stream, payload) => void lines.push(`${type} ${flags} ${stream} ${payload.toString("hex")}`),
    dataBegins: (stream, flags, length) => {
      begun = `0 ${flags} ${stream} (${length})`;
      data = [];
    },
    data: (chunk, start, end) => void data.push(Buffer.from(chunk.subarray(start, end))),
    dataEnds: () => void lines.push(`${begun} ${Buffer.concat(data).toString("hex")}`),
  };
  const reader = new FrameReader(handler, 16_384);
  for (const chunk of chunks) reader.push(chunk);
  return lines;
}

const frame = fc.record({
  type: fc.constantFrom(0, 0, 1, 3, 4, 6, 8, 9, 200),
  flags: fc.nat(255).map((bits) => bits & ~0x8),
  stream: fc.nat(0x7fffffff),
  payload: fc.uint8Array({ maxLength: 100 }),
});

test("frames are the same wherever the chunks are cut", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 10 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
      const whole = Buffer.concat(frames.map(bytesOf));
      const at = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
      const chunks = [0, ...at].map((start, i) => whole.subarray(start, at[i] ?? whole.length));
      const expected = frames.map(({ type, flags, stream, payload }) => {
        const hex = Buffer.from(payload).toString("hex");
        return type === frameTypes.DATA ? `0 ${flags} ${stream} (${payload.length}) ${hex}` : `${type} ${flags} ${stream} ${hex}`;
      });
      assert.deepEqual(found(chunks), expected);
    }),
  );
});

test("padding is counted and left out, wherever the chunks are cut", () => {
  const padded = bytesOf({ type: 0, flags: 0x8, stream: 1, payload: Buffer.from([3, 0xaa, 0xbb, 0, 0, 0]) });
  for (let cut = 0; cut <= padded.length; cut++)
    assert.deepEqual(found([padded.subarray(0, cut), padded.subarray(cut)]), ["0 8 1 (6) aabb"]);
  const onlyPadding = bytesOf({ type: 0, flags: 0x8, stream: 1, payload: Buffer.from([2, 0, 0]) });
  assert.deepEqual(found([onlyPadding]), ["0 8 1 (3) "]);
});

test("the reserved bit of a stream's number is ignored", () => {
  const bytes = bytesOf({ type: 4, flags: 0, stream: 5, payload: Buffer.alloc(0) });
  bytes[5] = 0x80;
  assert.deepEqual(found([bytes]), ["4 0 5 "]);
});

const wrong: readonly (readonly [string, Frame, number])[] = [
  ["a frame longer than allowed", { type: 1, flags: 0, stream: 1, payload: Buffer.alloc(16_385) }, 6],
  ["more padding than bytes", { type: 0, flags: 0x8, stream: 1, payload: Buffer.from([3, 0, 0]) }, 1],
  ["padding without its length", { type: 0, flags: 0x8, stream: 1, payload: Buffer.alloc(0) }, 6],
];

for (const [name, bad, code] of wrong)
  test(`${name} ends the connection`, () => {
    assert.throws(
      () => found([bytesOf(bad)]),
      (error) => error instanceof ConnectionError && error.code === code,
    );
  });
