import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferPool } from "./buffer-pool.ts";

test("hands out what was given back, in the size asked for", () => {
  const pool = new BufferPool(1 << 20);
  const first = pool.take(5000);
  assert.equal(first.length, 5000);
  pool.give(first);
  const second = pool.take(8192);
  assert.equal(second.buffer, first.buffer);
  assert.equal(second.length, 8192);
  assert.notEqual(pool.take(8000).buffer, first.buffer, "one buffer is never out twice");
});

test("sizes next to powers of two get enough room", () => {
  const pool = new BufferPool(1 << 24);
  for (let exponent = 0; exponent < 23; exponent++)
    for (const size of [2 ** exponent - 1, 2 ** exponent, 2 ** exponent + 1]) {
      const buffer = pool.take(size);
      assert.equal(buffer.length, size);
      assert.ok(buffer.buffer.byteLength >= size && buffer.buffer.byteLength < Math.max(8192, size * 2));
    }
});

test("keeps no more than it is told, and no giants", () => {
  const pool = new BufferPool(8192);
  const [one, two, three, giant] = [pool.take(4096), pool.take(4096), pool.take(4096), pool.take(5 << 20)];
  for (const buffer of [one, two, three, giant]) pool.give(buffer as Buffer);
  const known = new Set([one, two, three, giant].map((buffer) => buffer?.buffer));
  const again = [pool.take(4096), pool.take(4096), pool.take(4096)].filter(({ buffer }) => known.has(buffer));
  assert.equal(again.length, 2);
  assert.ok(!known.has(pool.take(5 << 20).buffer));
});
