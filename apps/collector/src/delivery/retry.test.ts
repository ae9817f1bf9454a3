import assert from "node:assert/strict";
import { test } from "node:test";
import { isExhausted, longestRetryAfterMs, retryDelay } from "./retry.ts";

const limits = { initialMs: 100, maxMs: 1000, multiplier: 2, randomization: 0.5, maxElapsedMs: 0, maxAttempts: 0 };

/** The delays after 1, 2, 3, … failed attempts. */
const delays = (random: number, retryAfterMs?: number) =>
  [1, 2, 3, 4, 5, 99].map((attempts) => retryDelay(limits, attempts, retryAfterMs, () => random));

test("the delay grows to its bound", () => assert.deepEqual(delays(0.5), [100, 200, 400, 800, 1000, 1000]));
test("the jitter goes down to half", () => assert.deepEqual(delays(0), [50, 100, 200, 400, 500, 500]));
test("the jitter goes up to half as much again", () => assert.deepEqual(delays(1), [150, 300, 600, 1200, 1500, 1500]));
test("the destination may ask for longer", () => assert.deepEqual(delays(0.5, 500), [500, 500, 500, 800, 1000, 1000]));
test("the destination may not ask for shorter", () => assert.deepEqual(delays(0.5, 0), [100, 200, 400, 800, 1000, 1000]));
test("what the destination may ask for is bounded", () => assert.equal(delays(0.5, Number.POSITIVE_INFINITY)[0], longestRetryAfterMs));
test("a multiplier below one does not shrink the delay", () =>
  assert.equal(
    retryDelay({ ...limits, multiplier: 0.1 }, 3, undefined, () => 0.5),
    100,
  ));
test("without a bound the delay goes on growing", () =>
  assert.equal(
    retryDelay({ ...limits, maxMs: 0 }, 11, undefined, () => 0.5),
    102_400,
  ));

for (const [what, maxAttempts, maxElapsedMs, attempts, elapsedMs, expected] of [
  ["without limits nothing is exhausted", 0, 0, 1e6, 1e12, false],
  ["the last attempt exhausts", 3, 0, 3, 0, true],
  ["an attempt before the last does not", 3, 0, 2, 0, false],
  ["the time exhausts", 0, 1000, 1, 1000, true],
  ["less time does not", 0, 1000, 1, 999, false],
] as const)
  test(what, () => assert.equal(isExhausted({ ...limits, maxAttempts, maxElapsedMs }, attempts, elapsedMs), expected));
