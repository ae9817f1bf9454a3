import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { highOf, lowOf, signedBigIntOf, signedOf, signedText, unsignedOf, unsignedText } from "./int64.ts";

test("halves and numbers convert into each other", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      assert.equal(signedOf(lowOf(value), highOf(value)), value);
      assert.equal(signedBigIntOf(lowOf(value), highOf(value)), BigInt(value));
      if (value >= 0) assert.equal(unsignedOf(lowOf(value), highOf(value)), value);
    }),
  );
});

test("texts are exact over all 64 bits", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const low = Number(BigInt.asIntN(32, value));
      const high = Number(BigInt.asIntN(32, value >> 32n));
      assert.equal(unsignedText(low, high), String(value));
      assert.equal(signedText(low, high), String(BigInt.asIntN(64, value)));
    }),
  );
});
