import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { encodeRequest, requestOf } from "../../../../signals/otlp/testing.ts";
import type { SampleBatch } from "../../../../signals/prometheus/sample-batch.ts";
import { component } from "./component.ts";

class Sink implements Consumer<SampleBatch> {
  readonly lines: string[] = [];
  refusal: DeliveryError | undefined;
  async consume(batch: SampleBatch): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    for (let row = 0; row < batch.count; row++) this.lines.push(`${batch.table.textOf(batch.series[row] as number)} ${batch.values[row]}`);
  }
  pressure(): DeliveryError | undefined {
    return this.refusal;
  }
}

async function setUp(text = "") {
  const sink = new Sink();
  const clock = new FakeClock();
  const context = testContext({ clock, id: "otelcol.exporter.prometheus.a" });
  const decode = (more: string) => decodeText(component, `forward_to = [sink]\n${more}`, { sink: capsuleOf("storage.Appendable", sink) });
  const running = await component.create(context, decode(text));
  await running.start();
  const { value: input } = context.exports.input as { value: import("../../../../signals/otlp/batch.ts").OtelConsumer };
  const send = (bytes: Uint8Array, signal: "metrics" | "logs" = "metrics", items = 1) =>
    input.consume(new OtlpBatch({ signal, chunks: [bytes], items }));
  return { sink, clock, context, running, input, send, decode };
}

const stop = new AbortController().signal;

test("hands samples on and counts the points", async () => {
  const { sink, send, context, running } = await setUp();
  await send(requestOf("metrics", ["a.b", "c"]), "metrics", 2);
  assert.deepEqual(sink.lines.slice(1), ['{__name__="a_b"} 1', '{__name__="c"} 1']);
  assert.equal(sink.lines[0], '{__name__="target_info"} 1');
  assert.equal(context.metric("otelcol_exporter_sent_metric_points_total"), 2);
  assert.equal(context.metric("prometheus_forwarded_samples_total"), 3);
  assert.deepEqual(running.debugInfo?.(), { series: 3 });
  await running.stop(stop);
});

test("counts what it can't convert, by reason", async () => {
  const { sink, send, context, running } = await setUp("include_target_info = false");
  const delta = encodeRequest("metrics", {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "d", sum: { aggregationTemporality: 1, dataPoints: [{}, {}] } }] }] }],
  });
  await send(delta, "metrics", 2);
  await send(requestOf("logs", ["x"]), "logs");
  assert.deepEqual(sink.lines, []);
  const name = "invar_exporter_dropped_items_total";
  assert.equal(context.metric(name, { otel_signal: "metrics", reason: "unsupported_temporality" }), 2);
  assert.equal(context.metric(name, { otel_signal: "logs", reason: "unsupported_signal" }), 1);
  assert.equal(context.metric("otelcol_exporter_sent_metric_points_total"), 0);
  await running.stop(stop);
});

test("passes refusals back, and takes the same data again", async () => {
  const { sink, send, context, input, running } = await setUp("include_target_info = false");
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(input.pressure("metrics"), sink.refusal);
  assert.equal(input.pressure("logs"), undefined);
  await assert.rejects(send(requestOf("metrics", ["g"])), /full/);
  assert.equal(context.metric("otelcol_exporter_sent_metric_points_total"), undefined);
  sink.refusal = undefined;
  await send(requestOf("metrics", ["g"]));
  assert.deepEqual(sink.lines, ['{__name__="g"} 1']);
  await running.stop(stop);
  await assert.rejects(send(requestOf("metrics", ["g"])), /has exited/);
});

test("takes new arguments while it runs", async () => {
  const { sink, send, running, decode } = await setUp();
  await running.update(decode("include_target_info = false\nadd_metric_suffixes = false"));
  await send(requestOf("metrics", ["a.b"]));
  assert.deepEqual(sink.lines, ['{__name__="a_b"} 1']);
  await running.stop(stop);
});

test("forgets series that do not come any more", async () => {
  const { clock, send, context, running } = await setUp('gc_frequency = "1m"');
  await send(requestOf("metrics", ["a"]));
  const used = context.budget.usedBytes;
  assert.ok(used > 0);
  await clock.advance(5 * 60_000);
  assert.equal(context.budget.usedBytes, used);
  await clock.advance(60_000);
  assert.equal(context.budget.usedBytes, 0);
  await running.stop(stop);
});

test("refuses a frequency of nothing", () => {
  const { diagnostics } = tryDecodeText(component, 'forward_to = []\ngc_frequency = "0s"');
  assert.match(diagnostics[0]?.message ?? "", /gc_frequency must be greater than 0/);
});
