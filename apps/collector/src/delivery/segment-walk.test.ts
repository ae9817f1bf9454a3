import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { QueueFile } from "./files.ts";
import { recordHeaderBytes, segmentHeaderBytes, voidRecord, writeRecordHeader, writeSegmentHeader } from "./segment-format.ts";
import { walkSegment } from "./segment-walk.ts";

/** A segment at position 1000 whose records have these payload sizes, each as many items. */
function segmentOf(sizes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes + sizes.reduce((sum, size) => sum + recordHeaderBytes + size, 0), "x");
  writeSegmentHeader(bytes, 0, 1000);
  let at = segmentHeaderBytes;
  for (const size of sizes) {
    writeRecordHeader(bytes, at, {
      position: 1000 + at,
      lane: 7,
      items: size,
      timeMs: 1_700_000_000_000,
      groupBytes: 0,
      payloadBytes: size,
    });
    at += recordHeaderBytes + size;
  }
  return bytes;
}

function fileOf(bytes: Buffer): QueueFile {
  const unused = () => Promise.reject(new Error("a walk only reads"));
  return {
    read: async (into, from, to, position) => bytes.copy(into, from, position, position + to - from),
    size: async () => bytes.byteLength,
    write: unused,
    sync: unused,
    truncate: unused,
    close: unused,
  };
}

/** `5` a record of 5 items, `(36)` a gap of 36 bytes, `(20!)` one at the end of the file. */
async function walked(bytes: Buffer): Promise<string> {
  const seen: string[] = [];
  await walkSegment(
    fileOf(bytes),
    { start: 1000, end: 1e9 },
    {
      record: (header) => seen.push(header.isVoid ? "void" : String(header.items)),
      gap: (gap) => seen.push(`(${gap.bytes}${gap.isAtEnd ? "!" : ""}${gap.items > 0 ? ` of ${gap.items}` : ""})`),
    },
  );
  return seen.join(" ");
}

function takenBack(bytes: Buffer): Buffer {
  voidRecord(bytes, segmentHeaderBytes);
  return bytes;
}

/** The first record lies in the second, as bytes of an older use of the disk may. */
function moved(bytes: Buffer): Buffer {
  bytes.copy(bytes, 90, 32, 73);
  return bytes.fill(0, 32, 73);
}

const sizes = [5, 300_000, 0, 12];

for (const [what, change, expected] of [
  ["finds all records", (bytes: Buffer) => bytes, "5 300000 0 12"],
  ["tells a record that was taken back", takenBack, "void 300000 0 12"],
  ["finds nothing in an empty file", () => Buffer.alloc(0), ""],
  ["finds nothing in a torn header", (bytes: Buffer) => bytes.subarray(0, 20), ""],
  ["finds nothing after a header", (bytes: Buffer) => bytes.subarray(0, segmentHeaderBytes), ""],
  ["knows the items of a torn payload", (bytes: Buffer) => bytes.subarray(0, -1), "5 300000 0 (47! of 12)"],
  ["does not know those of a torn record header", (bytes: Buffer) => bytes.subarray(0, -13), "5 300000 0 (35!)"],
  ["goes on after a damaged record header", (bytes: Buffer) => bytes.fill(0, 73, 80), "5 (300036) 0 12"],
  ["goes on after a damaged length", (bytes: Buffer) => bytes.fill(0xff, 89, 93), "5 (300036) 0 12"],
  ["joins neighbouring damages to one gap", (bytes: Buffer) => bytes.fill(0, 32, 80), "(300077) 0 12"],
  ["ends with a gap where the rest is zeros", (bytes: Buffer) => bytes.fill(0, 73), "5 (300120!)"],
  ["takes no record for one that was written at another position", moved, "(300077) 0 12"],
] as const)
  test(what, async () => assert.equal(await walked(change(segmentOf(sizes))), expected));

test("whatever bytes are damaged, the records before and after are found, and the gaps are exact", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.nat(40), fc.nat(600_000)), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.nat(100),
      async (some, place, length) => {
        const bytes = segmentOf(some);
        const from = segmentHeaderBytes + (place % (bytes.length - segmentHeaderBytes));
        const damaged = Buffer.from(bytes).fill(0xaa, from, Math.min(from + length + 1, bytes.length));
        let total = segmentHeaderBytes;
        await walkSegment(
          fileOf(damaged),
          { start: 1000, end: 1e9 },
          {
            record: (header) => {
              total += header.length;
            },
            gap: (gap) => {
              assert.ok(gap.position - 1000 <= from + length + 1);
              total += gap.bytes;
            },
          },
        );
        assert.equal(total, damaged.length);
      },
    ),
    { numRuns: 100 },
  );
});
