import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteArena } from "./byte-arena.ts";

test("keeps everything appended at its offset while it grows", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 50 })), (texts) => {
      const arena = new ByteArena(1);
      const placed = texts.map((text, i) => {
        const start = i % 2 === 0 ? arena.appendText(text) : arena.append(Buffer.from(`.${text}`), 1);
        return { text, start, end: arena.length };
      });
      for (const { text, start, end } of placed) assert.equal(Buffer.from(arena.bytes.subarray(start, end)).toString(), text);
    }),
  );
});

test("gives memory back above what it is told to keep", () => {
  const arena = new ByteArena(16);
  arena.append(Buffer.alloc(100_000));
  arena.clear(1024);
  assert.equal(arena.length, 0);
  assert.equal(arena.bytes.length, 1024);
});
