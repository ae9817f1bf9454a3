import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { namesIn, TestSink } from "../../../../signals/otlp/testing.ts";
import { SampleBatchBuilder } from "../../../../signals/prometheus/sample-batch.ts";
import { type SampleConsumer, wantsMetadata } from "../../../../signals/prometheus/sample-consumer.ts";
import { processSeries } from "../../../../signals/prometheus/series-table.ts";
import { component } from "./component.ts";

async function setUp() {
  const sink = new TestSink();
  const context = testContext({ id: "otelcol.receiver.prometheus.a" });
  const decode = (text: string) => decodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) });
  const running = await component.create(context, decode("output {\n\tmetrics = [sink]\n}"));
  await running.start();
  const { value: receiver } = context.exports.receiver as { value: SampleConsumer };
  const send = async (...names: string[]) => {
    const builder = new SampleBatchBuilder(processSeries, 4);
    for (const name of names)
      builder.add(processSeries.internLabels({ names: ["__name__", "instance", "job"], values: [name, "i", "j"] }), 1000, 1);
    builder.add(processSeries.internLabels({ names: ["__name__"], values: ["nowhere"] }), 1000, 1);
    const batch = builder.build();
    await receiver.consume(batch).finally(() => batch.release());
  };
  return { sink, context, running, receiver, send, decode };
}

const stop = new AbortController().signal;

test("hands metrics on and counts them", async () => {
  const { sink, context, running, send } = await setUp();
  await send("a", "b");
  assert.deepEqual(
    sink.batches.flatMap(({ chunks }) => namesIn("metrics", chunks)),
    ["a", "b"],
  );
  assert.equal(context.metric("otelcol_receiver_accepted_metric_points_total"), 2);
  assert.equal(context.metric("invar_receiver_prometheus_samples_total"), 3);
  assert.equal(context.metric("invar_receiver_prometheus_samples_dropped_total", { reason: "no_job_or_instance" }), 1);
  // Nobody keeps these series.
  assert.deepEqual(running.debugInfo?.(), { metrics: 0 });
  await running.stop(stop);
});

test("passes refusals back, and takes the same samples again", async () => {
  const { sink, context, running, receiver, send } = await setUp();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(receiver.pressure(), sink.refusal);
  await assert.rejects(send("a"), /full/);
  sink.refusal = undefined;
  await send("a");
  assert.equal(sink.batches.length, 1);
  assert.equal(context.metric("invar_receiver_prometheus_samples_total"), 2);
  await running.stop(stop);
  await assert.rejects(send("a"), /has exited/);
});

test("sends nothing where nothing is left", async () => {
  const { sink, running, send } = await setUp();
  await send();
  assert.equal(sink.batches.length, 0);
  await running.stop(stop);
});

test("leads elsewhere after an update", async () => {
  const { sink, running, send, decode } = await setUp();
  await running.update(decode("output { }"));
  await send("a");
  assert.equal(sink.batches.length, 0);
  await running.stop(stop);
});

test("asks for metadata", async () => {
  const { receiver, running } = await setUp();
  assert.ok(wantsMetadata(receiver));
  await running.stop(stop);
});

test("needs an output", () => {
  const { diagnostics } = tryDecodeText(component, "");
  assert.match(diagnostics[0]?.message ?? "", /output/);
});
