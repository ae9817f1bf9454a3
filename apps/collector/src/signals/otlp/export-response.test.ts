import assert from "node:assert/strict";
import { test } from "node:test";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { exportResponse, exportResponseJson, readExportResponse, readExportResponseJson } from "./export-response.ts";
import { responses } from "./schema.ts";
import { decode, encode } from "./testing.ts";

test("success is the empty message", () => {
  assert.equal(exportResponse().length, 0);
  assert.equal(exportResponseJson("traces"), "{}");
  assert.deepEqual(readExportResponse(new Uint8Array(0)), { rejected: 0, message: "" });
});

for (const [signal, name] of [
  ["traces", "rejectedSpans"],
  ["metrics", "rejectedDataPoints"],
  ["logs", "rejectedLogRecords"],
] as const)
  test(`partial success of ${signal} names ${name}`, () => {
    const success = { rejected: 7, message: "too old" };
    assert.deepEqual(decode(responses[signal], exportResponse(success)), { partialSuccess: { [name]: "7", errorMessage: "too old" } });
    assert.equal(exportResponseJson(signal, success), `{"partialSuccess":{"${name}":"7","errorMessage":"too old"}}`);
    const theirs = encode(responses[signal], { partialSuccess: { [name]: "7", errorMessage: "too old" } });
    assert.deepEqual(readExportResponse(theirs), success);
    assert.deepEqual(readExportResponseJson(signal, Buffer.from(exportResponseJson(signal, success))), success);
  });

test("nonsense is malformed, a negative count none", () => {
  assert.throws(() => readExportResponse(Buffer.from([0x0a, 9])), MalformedInput);
  assert.throws(() => readExportResponseJson("logs", Buffer.from("<html>")), MalformedInput);
  const negative = encode(responses.traces, { partialSuccess: { rejectedSpans: -3 } });
  assert.equal(readExportResponse(negative).rejected, 0);
});
