import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { modernize } from "./modernize.ts";
import { decodeRequest, encodeRequest, typicalSpans } from "./testing.ts";
import { walk } from "./walk.ts";

/** The same request as a writer of 2021 would have sent it. */
function asOld(chunk: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter();
  const outer = new ProtobufReader().reset(chunk);
  while (outer.next()) {
    const mark = writer.begin(1);
    const inner = new ProtobufReader().reset(chunk, outer.start, outer.stop);
    while (inner.next()) writer.copy(inner.field === 2 ? 1000 : inner.field, chunk, inner.start, inner.stop);
    writer.finish(mark);
  }
  return writer.toBytes();
}

test("moves scopes of old writers to where readers look", () => {
  const today = encodeRequest("traces", typicalSpans(3));
  const old = asOld(today);
  assert.deepEqual({ ...walk("traces", old) }, { items: 3, hasOldScopes: true, hasRepeated: false });
  const moved = modernize(old);
  assert.deepEqual({ ...walk("traces", moved) }, { items: 3, hasOldScopes: false, hasRepeated: false });
  assert.deepEqual(decodeRequest("traces", [moved]), decodeRequest("traces", [today]));
});
