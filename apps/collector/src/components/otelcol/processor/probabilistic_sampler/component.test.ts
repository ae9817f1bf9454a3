import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, requestOf, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

// What is decided about items of every kind is compared with the reference in tests/conformance/connectors.

const outputs = "output {\ntraces = [sink]\nlogs = [sink]\n}";
const names = (sink: TestSink) => ({ sink: capsuleOf("otelcol.Consumer", sink) });

async function running(text: string) {
  const sink = new TestSink();
  const context = testContext({ id: "otelcol.processor.probabilistic_sampler.test" });
  const processor = await component.create(context, decodeText(component, `${text}\n${outputs}`, names(sink)));
  await processor.start();
  return { sink, context, processor, input: (context.exports.input as { value: OtelConsumer }).value };
}

const span = (i: number) => ({ name: String(i), traceId: Buffer.from(`${"0".repeat(24)}${i.toString(16).padStart(8, "0")}`, "hex") });
const traces = (count: number) =>
  new OtlpBatch({
    signal: "traces",
    chunks: [
      encodeRequest("traces", { resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: count }, (_, i) => span(i + 1)) }] }] }),
    ],
    items: count,
  });

test("keeps about the percentage that was asked for, and counts what it does not keep", async () => {
  const { sink, context, input } = await running("sampling_percentage = 25");
  await input.consume(traces(4000));
  const kept = sink.batches[0]?.items ?? 0;
  assert.ok(Math.abs(kept - 1000) < 150, `${kept} of 4000`);
  const counted = (sampled: string) =>
    context.metric("otelcol_processor_probabilistic_sampler_count_traces_sampled_total", { policy: "trace_id_hash", sampled });
  assert.equal(counted("true"), kept);
  assert.equal(counted("false"), 4000 - kept);
  assert.equal(context.metric("invar_processor_dropped_items_total", { reason: "sampled_out" }), 4000 - kept);
  assert.equal(context.metric("otelcol_processor_outgoing_items_total"), kept);
});

test("sends nothing where nothing is kept", async () => {
  const { sink, input } = await running("");
  await input.consume(traces(10));
  assert.equal(sink.batches.length, 0);
});

test("counts nothing as dropped that is handed back to its sender", async () => {
  const { sink, context, input } = await running("sampling_percentage = 50");
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await assert.rejects(input.consume(traces(100)), /full/);
  assert.equal(context.metric("invar_processor_dropped_items_total"), undefined);
  assert.equal(context.metric("invar_processor_refused_items_total", { reason: "queue_full" }), 100);
});

test("refuses metrics, and says so before they are decoded", async () => {
  const { input } = await running("");
  assert.match(input.pressure("metrics")?.message ?? "", /takes traces and logs, not metrics/);
  const batch = new OtlpBatch({ signal: "metrics", chunks: [requestOf("metrics", ["a"])], items: 1 });
  await assert.rejects(input.consume(batch), (error: DeliveryError) => !error.retryable && error.reason === "unsupported_signal");
});

test("takes another percentage while it runs", async () => {
  const { sink, input, processor } = await running("");
  await processor.update(decodeText(component, `sampling_percentage = 100\n${outputs}`, names(sink)));
  await input.consume(traces(10));
  assert.equal(sink.batches[0]?.items, 10);
});

test("notes in a record how it was sampled", async () => {
  const { sink, input } = await running('sampling_percentage = 100\nattribute_source = "record"\nfrom_attribute = "id"');
  const logRecords = [{ attributes: attributes({ id: "a" }) }];
  const chunk = encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  await input.consume(new OtlpBatch({ signal: "logs", chunks: [chunk], items: 1 }));
  const text = JSON.stringify(decodeRequest("logs", sink.batches[0]?.chunks ?? []) satisfies Plain);
  assert.match(text, /sampling\.randomness.*sampling\.threshold/);
});

for (const [text, message] of [
  ["sampling_percentage = -1", /sampling rate is negative: -1\.000000%/],
  ["sampling_percentage = 1e-15", /sampling rate is too small/],
  ["sampling_precision = 15", /sampling precision is too great, should be <= 14: 15/],
  ["sampling_precision = 0", /invalid sampling precision: 0/],
  ['mode = "other"', /unsupported sampler mode "other"/],
  ['attribute_source = "x"', /attribute_source|traceID/],
  ["hash_seed = 4294967296", /below 2\^32/],
] as const)
  test(`refuses ${text}`, () => {
    const { diagnostics } = tryDecodeText(component, `${text}\n${outputs}`, names(new TestSink()));
    assert.match(diagnostics.map((each) => each.message).join(";"), message);
  });
