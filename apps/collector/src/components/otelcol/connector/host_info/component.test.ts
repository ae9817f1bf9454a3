import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

const outputs = "output {\nmetrics = [sink]\n}";

async function running(text = "", budgetBytes?: number) {
  const sink = new TestSink();
  const clock = new FakeClock();
  const context = testContext({ id: "otelcol.connector.host_info.test", clock, ...(budgetBytes === undefined ? {} : { budgetBytes }) });
  const connector = await component.create(
    context,
    decodeText(component, `${text}\n${outputs}`, { sink: capsuleOf("otelcol.Consumer", sink) }),
  );
  await connector.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  /** One span for each resource. */
  const send = (...resources: Readonly<Record<string, string | number>>[]) => {
    const resourceSpans = resources.map((each) => ({
      resource: { attributes: attributes(each) },
      scopeSpans: [{ spans: [{ name: "x" }] }],
    }));
    return input.consume(
      new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", { resourceSpans })], items: resources.length }),
    );
  };
  /** The hosts of each batch: `a b|c`. */
  const hosts = () => sink.batches.map(({ chunks }) => points(chunks).join(" ")).join("|");
  return { sink, clock, context, connector, input, send, hosts };
}

function points(chunks: readonly Uint8Array[]): string[] {
  const list = (content: Plain | undefined, name: string) => (content?.[name] ?? []) as Plain[];
  const [metric] = list(list(list(decodeRequest("metrics", chunks), "resourceMetrics")[0], "scopeMetrics")[0], "metrics");
  assert.equal(metric?.name, "traces_host_info");
  return list(metric?.gauge as Plain, "dataPoints").map((point) => {
    assert.equal(point.asInt, "1");
    return String(plainAttributes(point.attributes)["grafana.host.id"]);
  });
}

test("sends each host once an interval", async () => {
  const { clock, send, hosts } = await running();
  await send({ "host.id": "a" }, { "host.id": "b" }, { "host.id": "a" }, { other: "c" });
  assert.equal(hosts(), "");
  await clock.advance(60_000);
  await send({ "host.id": "c" });
  await clock.advance(120_000);
  assert.equal(hosts(), "a b|c");
});

test("takes every attribute that names a host", async () => {
  const { clock, send, hosts } = await running('host_identifiers = ["host.id", "host.name"]\nmetrics_flush_interval = "15s"');
  await send({ "host.name": "n", "host.id": "i" }, { "host.id": 7 });
  await clock.advance(15_000);
  assert.equal(hosts(), "n i 7");
});

test("keeps on trying, and sends what came meanwhile afterwards", async () => {
  const { clock, send, hosts, sink } = await running('metrics_flush_interval = "1s"');
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await send({ "host.id": "a" });
  await clock.advance(1000);
  await send({ "host.id": "b" });
  await clock.advance(3000);
  sink.refusal = undefined;
  await clock.advance(6000);
  assert.equal(hosts(), "a|b");
});

test("sends what it has when it stops, and counts what nobody takes", async () => {
  const { send, hosts, connector } = await running();
  await send({ "host.id": "a" });
  await connector.stop(AbortSignal.timeout(1000));
  assert.equal(hosts(), "a");
  const other = await running();
  other.sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await other.send({ "host.id": "a" });
  await other.connector.stop(AbortSignal.abort());
  assert.equal(other.context.metric("invar_connector_dropped_items_total", { reason: "queue_full", otel_signal: "metrics" }), 1);
  assert.equal(other.context.budget.usedBytes, 0);
});

test("remembers no more hosts than there is memory for", async () => {
  const { send, clock, hosts, context, sink } = await running("", 100);
  await send({ "host.id": "a" }, { "host.id": "b" }, { "host.id": "c" }, { "host.id": "d" });
  assert.equal(context.metric("invar_connector_ignored_items_total", { reason: "memory_budget" }), 1);
  await clock.advance(60_000);
  assert.equal(hosts(), "a b c");
  // What was sent leaves the memory once it is delivered.
  sink.batches.pop()?.release();
  await send({ "host.id": "d" });
  await clock.advance(60_000);
  assert.equal(hosts(), "d");
});

for (const [text, message] of [
  ["host_identifiers = []", "host_identifiers must not be empty"],
  ['metrics_flush_interval = "0s"', "metrics_flush_interval must be greater than 0"],
] as const)
  test(`refuses ${text}`, () => {
    const { diagnostics } = tryDecodeText(component, `${text}\n${outputs}`, { sink: capsuleOf("otelcol.Consumer", new TestSink()) });
    assert.equal(diagnostics.map((each) => each.message).join(";"), message);
  });
