import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzParameters, fuzzSeconds } from "./fuzz-time.ts";

function withSetting<T>(value: string | undefined, body: () => T): T {
  const before = process.env.INVAR_FUZZ_SECONDS;
  if (value === undefined) delete process.env.INVAR_FUZZ_SECONDS;
  else process.env.INVAR_FUZZ_SECONDS = value;
  try {
    return body();
  } finally {
    if (before === undefined) delete process.env.INVAR_FUZZ_SECONDS;
    else process.env.INVAR_FUZZ_SECONDS = before;
  }
}

test("a fuzz test takes a second, or as long as it is told", () => {
  assert.equal(withSetting(undefined, fuzzSeconds), 1);
  assert.equal(withSetting("30", fuzzSeconds), 30);
  assert.equal(withSetting("0.5", fuzzParameters).interruptAfterTimeLimit, 500);
});

test("a time that is none is refused", () => {
  for (const wrong of ["0", "-1", "long"]) assert.throws(() => withSetting(wrong, fuzzSeconds), /write a number of seconds above 0/);
});
