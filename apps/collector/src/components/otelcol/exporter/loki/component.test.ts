import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, encodeRequest, requestOf } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

class Sink implements Consumer<LogBatch> {
  readonly lines: string[] = [];
  refusal: DeliveryError | undefined;
  async consume(batch: LogBatch): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    for (let row = 0; row < batch.rows; row++)
      this.lines.push(
        `${batch.streams[batch.stream[row] as number]?.text} ${Buffer.from(batch.text).toString("utf8", batch.start[row], batch.end[row])}`,
      );
  }
  pressure(): DeliveryError | undefined {
    return this.refusal;
  }
}

async function setUp() {
  const sink = new Sink();
  const context = testContext({ id: "otelcol.exporter.loki.a" });
  const decode = (text: string) => decodeText(component, text, { sink: capsuleOf("loki.LogsReceiver", sink) });
  const running = await component.create(context, decode("forward_to = [sink]"));
  await running.start();
  const { value: input } = context.exports.input as { value: OtelConsumer };
  const send = (bytes: Uint8Array, signal: "metrics" | "logs" = "logs", items = 1) =>
    input.consume(new OtlpBatch({ signal, chunks: [bytes], items }));
  return { sink, context, running, input, send, decode };
}

const stop = new AbortController().signal;

test("hands lines on, and counts those that can't be converted", async () => {
  const { sink, context, running, send } = await setUp();
  const record = (values: Record<string, string>) => ({ attributes: attributes(values) });
  const logRecords = [record({ "loki.attribute.labels": "app", app: "x" }), record({ "loki.format": "odd" })];
  await send(encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }), "logs", 2);
  assert.deepEqual(sink.lines, ['{app="x", exporter="OTLP"} {}']);
  assert.equal(context.metric("otelcol_exporter_loki_entries_total"), 2);
  assert.equal(context.metric("otelcol_exporter_loki_entries_failed"), 1);
  assert.equal(context.metric("otelcol_exporter_loki_entries_processed"), 1);
  await running.stop(stop);
});

test("drops and counts other signals", async () => {
  const { sink, context, running, send } = await setUp();
  await send(requestOf("metrics", ["g"]), "metrics");
  assert.deepEqual(sink.lines, []);
  assert.equal(context.metric("invar_exporter_dropped_items_total", { otel_signal: "metrics" }), 1);
  await running.stop(stop);
});

test("passes refusals back; leads elsewhere after an update", async () => {
  const { sink, context, running, input, send, decode } = await setUp();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(input.pressure("logs"), sink.refusal);
  assert.equal(input.pressure("traces"), undefined);
  await assert.rejects(send(requestOf("logs", ["a"])), /full/);
  assert.equal(context.metric("otelcol_exporter_loki_entries_total"), 0);
  await running.update(decode("forward_to = []"));
  await send(requestOf("logs", ["a"]));
  assert.deepEqual(sink.lines, []);
  await running.stop(stop);
  await assert.rejects(send(requestOf("logs", ["a"])), /has exited/);
});
