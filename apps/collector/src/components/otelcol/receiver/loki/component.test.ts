import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { LogBatchBuilder } from "../../../../signals/loki/log-batch-builder.ts";
import { internRecord } from "../../../../signals/loki/stream-labels.ts";
import { TestSink } from "../../../../signals/otlp/testing.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import { component } from "./component.ts";

async function setUp() {
  const sink = new TestSink();
  const context = testContext({ id: "otelcol.receiver.loki.a" });
  const decode = (text: string) => decodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) });
  const running = await component.create(context, decode("output {\n\tlogs = [sink]\n}"));
  await running.start();
  const { value: receiver } = context.exports.receiver as { value: Consumer<LogBatch> };
  const send = (lines: readonly string[], receipt?: Receipt) => {
    const builder = new LogBatchBuilder();
    for (const line of lines) builder.add(internRecord({ app: "x" }), 1, 0, line);
    return receiver.consume(builder.build({ createdMs: 0, receipt }));
  };
  return { sink, context, running, receiver, send, decode };
}

const stop = new AbortController().signal;

test("hands log records on with their receipt, and counts them", async () => {
  const { sink, context, running, send } = await setUp();
  const receipt = new Receipt(() => {});
  await send(["a", "b"], receipt);
  assert.equal(sink.text, "a b");
  assert.equal(sink.batches[0]?.receipt, receipt);
  assert.equal(context.metric("otelcol_receiver_accepted_log_records_total"), 2);
  await running.stop(stop);
});

test("passes refusals back, and leads elsewhere after an update", async () => {
  const { sink, context, running, receiver, send, decode } = await setUp();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(receiver.pressure(), sink.refusal);
  await assert.rejects(send(["a"]), /full/);
  await running.update(decode("output { }"));
  await send(["a"]);
  assert.equal(sink.batches.length, 0);
  assert.equal(context.metric("otelcol_receiver_accepted_log_records_total"), 1);
  await running.stop(stop);
  await assert.rejects(send(["a"]), /has exited/);
});
