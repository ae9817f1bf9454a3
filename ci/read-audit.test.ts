import assert from "node:assert/strict";
import { test } from "node:test";
import { readAudit } from "./read-audit.ts";

const advisory = (severity: string) => ({ severity, module_name: "left", title: "falls over", url: "https://advisories.test/1" });

test("high and critical advisories are holes, lesser ones are not", () => {
  const output = JSON.stringify({ advisories: { 1: advisory("high"), 2: advisory("moderate"), 3: advisory("critical") } });
  assert.deepEqual(readAudit(output).holes, [
    "high: left: falls over (https://advisories.test/1)",
    "critical: left: falls over (https://advisories.test/1)",
  ]);
});

test("no advisories are no holes", () => {
  assert.deepEqual(readAudit('{"advisories":{}}'), { holes: [] });
});

test("prose, nothing and strange JSON are no answer, and said to be none", () => {
  assert.deepEqual(readAudit("Error: ERR_BAD_RESPONSE\n\n 405"), { holes: [], unanswered: "Error: ERR_BAD_RESPONSE" });
  assert.equal(readAudit("").unanswered, "no answer");
  assert.equal(readAudit("[]").unanswered, "the answer holds no advisories");
});
