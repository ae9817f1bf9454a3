import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InternTable } from "./intern-table.ts";

test("gives equal runs one number and keeps their bytes", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 6 }), { maxLength: 200 }), (texts) => {
      const table = new InternTable(1);
      const expected = new Map<string, number>();
      for (const text of texts) {
        const id = table.intern(Buffer.from(`<${text}>`), 1, 1 + Buffer.byteLength(text));
        if (!expected.has(text)) expected.set(text, expected.size);
        assert.equal(id, expected.get(text));
      }
      assert.equal(table.size, expected.size);
      for (const [text, id] of expected) {
        assert.equal(table.textOf(id), text);
        assert.equal(table.find(Buffer.from(text)), id);
      }
      assert.equal(table.find(Buffer.from("longer than any of them")), -1);
    }),
  );
});

test("grows past its first capacity and forgets on clear", () => {
  const table = new InternTable(8);
  for (let i = 0; i < 5000; i++) assert.equal(table.intern(Buffer.from(`key-${i}`)), i);
  for (let i = 0; i < 5000; i++) assert.equal(table.intern(Buffer.from(`key-${i}`)), i);
  table.clear();
  assert.equal(table.size, 0);
  assert.equal(table.byteLength, 0);
  assert.equal(table.find(Buffer.from("key-1")), -1);
  assert.equal(table.intern(Buffer.from("again")), 0);
});
