import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { testContext } from "../../../component/testing.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { batchOf } from "../../../signals/loki/notation.ts";
import { component } from "./component.ts";

test("each line is logged with its labels, time and metadata", async () => {
  const context = testContext();
  await component.create(context, {});
  await (context.exports.receiver as Capsule<Consumer<LogBatch>>).value.consume(batchOf(['{a="b"} @1.5 hello # m="1"']));
  assert.deepEqual(context.logged, [
    {
      level: "info",
      message: "received log entry",
      fields: { entry: "hello", entry_timestamp: "1970-01-01T00:00:01.5Z", labels: '{a="b"}', structured_metadata: '{"m":"1"}' },
    },
  ]);
});
