import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";
import { createIntervalProcessor } from "./processor.ts";

// Every kind of metric is compared with the reference in tests/conformance/connectors.

function running(text = "", budgetBytes = 1 << 28) {
  const sink = new TestSink();
  const clock = new FakeClock();
  const context = testContext({ id: "otelcol.processor.interval.test", clock, budgetBytes });
  const args = (inside: string) =>
    decodeText(component, `${inside}\noutput {\nmetrics = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const processor = createIntervalProcessor(context, args(text));
  void processor.start();
  /** `a{x}=5@1`: a gauge's point with an attribute, value and time; `d:` before it a delta, `c:` a counter. */
  const send = (text: string) => {
    const points = text.split(" ");
    const metrics = points.map((each) => {
      const [, kind, name, x, value, time] = /^(\w:)?(\w+)\{(\w*)\}=(\w+)@(\d+)$/.exec(each) ?? [];
      const dataPoints = [{ attributes: attributes({ x: x ?? "" }), asInt: String(value), timeUnixNano: String(time) }];
      const sum = { aggregationTemporality: kind === "d:" ? 1 : 2, isMonotonic: true, dataPoints };
      return kind === undefined ? { name, gauge: { dataPoints } } : { name, sum };
    });
    const content = {
      resourceMetrics: [{ resource: { attributes: attributes({ r: 1 }) }, scopeMetrics: [{ scope: { name: "s" }, metrics }] }],
    };
    return processor.consumer.consume(
      new OtlpBatch({ signal: "metrics", chunks: [encodeRequest("metrics", content)], items: points.length }),
    );
  };
  const sent = () => sink.batches.map(({ chunks }) => pointsIn(chunks)).join("|");
  const balance = () => {
    const of = (name: string) => context.metric(name) ?? 0;
    const gone =
      of("otelcol_processor_outgoing_items_total") + of("invar_processor_dropped_items_total") + of("invar_processor_refused_items_total");
    return of("otelcol_processor_incoming_items_total") - gone - of("invar_processor_buffered_items");
  };
  return { sink, clock, context, processor, send, sent, balance, args };
}

function pointsIn(chunks: readonly Uint8Array[]): string {
  const list = (content: Plain | undefined, name: string) => (content?.[name] ?? []) as Plain[];
  return list(decodeRequest("metrics", chunks), "resourceMetrics")
    .flatMap((r) => list(r, "scopeMetrics").flatMap((s) => list(s, "metrics")))
    .flatMap((metric) =>
      list((metric.gauge ?? metric.sum) as Plain, "dataPoints").map(
        (point) => `${String(metric.name)}{${String(plainAttributes(point.attributes).x)}}=${String(point.asInt)}`,
      ),
    )
    .join(" ");
}

test("sends the latest point of each stream once an interval", async () => {
  const { send, clock, sent, balance } = running();
  await send("a{x}=1@1 a{y}=2@1 b{x}=3@5");
  await send("a{x}=4@3 a{y}=5@1 b{x}=123456@4");
  await clock.advance(60_000);
  assert.equal(sent(), "a{x}=4 a{y}=2 b{x}=3");
  await clock.advance(60_000);
  await send("a{x}=6@2");
  await clock.advance(60_000);
  assert.equal(sent(), "a{x}=4 a{y}=2 b{x}=3|a{x}=6");
  assert.equal(balance(), 0);
});

test("passes on what is not gathered, at once", async () => {
  const { send, clock, sent, balance, context } = running('passthrough {\ngauge = true\n}\ninterval = "1s"');
  await send("a{x}=1@1 d:b{x}=2@1 c:e{x}=3@1");
  assert.equal(sent(), "a{x}=1 b{x}=2");
  await clock.advance(1000);
  assert.equal(sent(), "a{x}=1 b{x}=2|e{x}=3");
  assert.equal(balance(), 0);
  assert.equal(context.metric("invar_processor_dropped_items_total"), undefined);
});

test("hands a refusal of what is passed on back, and keeps the rest", async () => {
  const { send, clock, sent, sink, balance } = running('interval = "1s"');
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await assert.rejects(send("d:b{x}=2@1 a{x}=3@1"), /full/);
  sink.refusal = undefined;
  await send("d:b{x}=2@1 a{x}=3@1");
  await clock.advance(1000);
  assert.equal(sent(), "b{x}=2|a{x}=3");
  assert.equal(balance(), 0);
});

test("gathers on while nobody takes a batch", async () => {
  const { send, clock, sent, sink, balance } = running('interval = "1s"');
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await send("a{x}=1@1");
  await clock.advance(2000);
  await send("a{x}=2@2");
  await send("a{x}=3@3");
  sink.refusal = undefined;
  await clock.advance(8000);
  assert.equal(sent(), "a{x}=1|a{x}=3");
  assert.equal(balance(), 0);
});

test("passes points on as they come where there is no memory to keep them", async () => {
  const { send, clock, sent, balance } = running('interval = "1s"', 700);
  await send("a{x}=1@1 a{y}=2@1 a{z}=3@1 a{w}=4@1");
  assert.match(sent(), /a\{w\}=4$/);
  await clock.advance(1000);
  assert.match(sent(), /\|a\{x\}=1/);
  assert.equal(balance(), 0);
});

test("sends what it has when it stops", async () => {
  const { send, sent, processor, context, sink } = running();
  await send("a{x}=1@1");
  await processor.stop(AbortSignal.timeout(1000));
  assert.equal(sent(), "a{x}=1");
  sink.batches[0]?.release();
  assert.equal(context.budget.usedBytes, 0);
});

test("takes another interval while it runs", async () => {
  const { send, clock, sent, processor, args } = running();
  await send("a{x}=1@1");
  await processor.update(args('interval = "1s"'));
  await clock.advance(1000);
  assert.equal(sent(), "a{x}=1");
});

test("refuses an interval of nothing", () => {
  const { diagnostics } = tryDecodeText(component, 'interval = "0s"\noutput { }');
  assert.equal(diagnostics.map((each) => each.message).join(), "interval must be greater than 0");
});
