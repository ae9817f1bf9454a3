import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { signedBigIntOf } from "../../bytes/int64.ts";
import { msOfNanos, nanosOf, nanosOfMs, secondsOfNanos, subsecondNanos, unixNano } from "./unix-nano.ts";

const seconds = fc.integer({ min: -9_000_000_000, max: 9_000_000_000 });
const nanos = fc.integer({ min: 0, max: 999_999_999 });

test("seconds and nanoseconds become 64 bits, and back, without loss", () => {
  fc.assert(
    fc.property(seconds, nanos, (s, n) => {
      nanosOf(s, n);
      const { low, high } = unixNano;
      assert.equal(signedBigIntOf(low, high), BigInt(s) * 1_000_000_000n + BigInt(n));
      assert.deepEqual([secondsOfNanos(low, high), subsecondNanos(low, high)], [s, n]);
    }),
  );
});

test("milliseconds become 64 bits, and back", () => {
  fc.assert(
    fc.property(fc.integer({ min: -9_000_000_000_000, max: 9_000_000_000_000 }), (ms) => {
      nanosOfMs(ms);
      assert.equal(signedBigIntOf(unixNano.low, unixNano.high), BigInt(ms) * 1_000_000n);
      assert.equal(msOfNanos(unixNano.low, unixNano.high), ms);
    }),
  );
});

test("what is less than a millisecond is rounded down", () => {
  nanosOf(1_700_000_000, 123_999_999);
  assert.equal(msOfNanos(unixNano.low, unixNano.high), 1_700_000_000_123);
});
