import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetBytes } from "./memory.ts";

const mebi = 1024 * 1024;

for (const [limit, heap, budget] of [
  [512, 230, 186],
  [256, 115, 45],
  [128, 96, 8],
  [4096, 1843, 1024],
  [65536, 4192, 1024],
] as const)
  test(`a limit of ${limit} MiB with a heap of ${heap} MiB leaves ${budget} MiB for data in flight`, () => {
    assert.equal(Math.round(budgetBytes(limit * mebi, heap * mebi) / mebi), budget);
  });
