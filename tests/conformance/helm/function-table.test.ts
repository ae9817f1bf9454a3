import assert from "node:assert/strict";
import { test } from "node:test";
import { functionRows } from "./function-table.ts";

test("every function that Helm registers is implemented and compared with Helm", () => {
  const lacking = functionRows().filter(({ isImplemented, helmCases }) => !isImplemented || helmCases === 0);
  assert.deepEqual(lacking, []);
});
