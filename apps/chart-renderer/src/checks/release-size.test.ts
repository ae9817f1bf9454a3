import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { findingsIn } from "./testing.ts";

function severity(bytes: number): string | undefined {
  // Random bytes as text are compressed to little less than what they are.
  const files = { "templates/a.yaml": "", "files/blob.txt": randomBytes(bytes).toString("latin1").replaceAll("\r", "") };
  return findingsIn(files).find(({ rule }) => rule === "release/size")?.severity;
}

test("a release that will not fit is an error, one that hardly fits a warning", () => {
  assert.equal(severity(100_000), undefined);
  assert.equal(severity(500_000), "warning");
  assert.equal(severity(900_000), "error");
});
