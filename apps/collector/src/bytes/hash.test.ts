import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { combineHashes, hash32, hash53, hashNumber } from "./hash.ts";

test("gives the published values of MurmurHash3", () => {
  for (const [text, seed, expected] of [
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["test", 0, 0xba6bd213],
    ["test", 0x9747b28c, 0x704b81dc],
    ["Hello, world!", 0, 0xc0363e43],
    ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
  ] as const)
    assert.equal(hash32(Buffer.from(text), 0, text.length, seed), expected, text);
});

test("depends on the bytes only, not on where they lie", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(7), (bytes, offset) => {
      const moved = Buffer.concat([Buffer.alloc(offset, 9), bytes, Buffer.alloc(3, 7)]);
      assert.equal(hash32(moved, offset, offset + bytes.length), hash32(bytes));
      assert.equal(hash53(moved, offset, offset + bytes.length), hash53(bytes));
      assert.ok(Number.isSafeInteger(hash53(bytes)) && hash53(bytes) >= 0);
    }),
  );
});

test("spreads similar keys without collisions", () => {
  const seen32 = new Set<number>();
  const seen53 = new Set<number>();
  for (let i = 0; i < 20_000; i++) {
    const key = Buffer.from(`http_requests_total{code="200",instance="10.0.0.${i}:9090"}`);
    seen32.add(hash32(key));
    seen53.add(hash53(key));
  }
  assert.equal(seen53.size, 20_000);
  assert.ok(seen32.size >= 19_998, String(seen32.size));
});

test("mixes numbers, and pairs in their order", () => {
  assert.notEqual(hashNumber(1), hashNumber(2));
  assert.notEqual(hashNumber(1), hashNumber(1 + 2 ** 32));
  assert.notEqual(combineHashes(1, 2), combineHashes(2, 1));
});
