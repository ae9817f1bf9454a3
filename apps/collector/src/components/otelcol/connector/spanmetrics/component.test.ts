import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";
import { createSpanMetrics } from "./connector.ts";
import { globPattern } from "./glob.ts";

// What is made of which span is compared with the reference in tests/conformance/connectors.

const explicit = 'histogram {\nexplicit {\nbuckets = ["1s"]\n}\n}';
const outputs = "output {\nmetrics = [sink]\n}";

function running(text = explicit, budgetBytes = 1 << 28, random = () => 0) {
  const sink = new TestSink();
  const clock = new FakeClock();
  const context = testContext({ id: "otelcol.connector.spanmetrics.test", clock, budgetBytes });
  const args = (inside: string) => decodeText(component, `${inside}\n${outputs}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const connector = createSpanMetrics(context, args(text), random);
  void connector.start();
  const send = (names: string, more: Plain = {}, service: string | null = "s") => {
    const resource = { attributes: attributes(service === null ? {} : { "service.name": service }) };
    const spans = names.split(" ").map((name) => ({ name, ...more }));
    const chunk = encodeRequest("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
    return connector.consumer.consume(new OtlpBatch({ signal: "traces", chunks: [chunk], items: spans.length }));
  };
  /** Calls in each batch by the span's name: `a=1 b=2|a=3`. */
  const calls = () => sink.batches.map(({ chunks }) => callsIn(chunks)).join("|");
  return { sink, clock, context, connector, send, calls, args };
}

function callsIn(chunks: readonly Uint8Array[]): string {
  const list = (content: Plain | undefined, name: string) => (content?.[name] ?? []) as Plain[];
  return list(decodeRequest("metrics", chunks), "resourceMetrics")
    .flatMap((r) => list(r, "scopeMetrics").flatMap((s) => list(s, "metrics")))
    .filter(({ name }) => String(name).endsWith("calls"))
    .flatMap((metric) => list(metric.sum as Plain, "dataPoints"))
    .map((point) => `${String(plainAttributes(point.attributes)["span.name"] ?? "overflow")}=${String(point.asInt ?? 0)}`)
    .join(" ");
}

test("begins counters at 0, then counts on", async () => {
  const { send, clock, calls } = running();
  await send("a a b");
  await clock.advance(60_000);
  await send("a c");
  await clock.advance(60_000);
  assert.equal(calls(), "a=0 b=0|a=3 b=1 c=0");
});

test("begins anew after each delta", async () => {
  const { send, clock, calls, context } = running(`aggregation_temporality = "DELTA"\n${explicit}`);
  await send("a a");
  await clock.advance(60_000);
  await send("a");
  await clock.advance(120_000);
  assert.equal(calls(), "a=2|a=1");
  assert.ok(context.budget.usedBytes < 2000, "what was sent is all that is held");
});

test("gathers on while nobody takes a batch, and loses nothing", async () => {
  const { send, clock, calls, sink } = running(`aggregation_temporality = "DELTA"\n${explicit}`);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await send("a");
  await clock.advance(60_000);
  await send("a a");
  await clock.advance(120_000);
  sink.refusal = undefined;
  await clock.advance(65_000);
  assert.equal(calls(), "a=1|a=2");
});

test("sends what it has when it stops", async () => {
  const { send, calls, connector, context } = running(`aggregation_temporality = "DELTA"\n${explicit}`);
  await send("a");
  await connector.stop(AbortSignal.timeout(1000));
  assert.equal(calls(), "a=1");
  assert.equal(context.metric("invar_connector_outgoing_items_total", { otel_signal: "metrics" }), 2);
});

test("counts what nobody takes before the deadline of its stop", async () => {
  const { send, connector, context, sink } = running();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await send("a");
  await connector.stop(AbortSignal.abort());
  assert.equal(context.metric("invar_connector_dropped_items_total", { reason: "queue_full" }), 2);
  assert.equal(context.budget.usedBytes, 0);
});

test("ignores and counts spans of no service", async () => {
  const { send, clock, calls, context } = running();
  await send("a b", {}, null);
  await send("c");
  await clock.advance(60_000);
  assert.equal(calls(), "c=0");
  assert.equal(context.metric("invar_connector_ignored_items_total", { reason: "no_service_name" }), 2);
});

test("puts what there is no memory for into one series", async () => {
  const { send, clock, calls, context } = running(`aggregation_temporality = "DELTA"\n${explicit}`, 2000);
  await send("a b c d e f g h");
  await clock.advance(60_000);
  assert.match(calls(), /^a=1 b=1 (c=1 )?overflow=\d$/);
  assert.match(context.logged.map(({ message }) => message).join(), /no room for more series/);
});

test("forgets series and resources that are not seen any more", async () => {
  const { send, clock, calls, context } = running(`series_expiration = "90s"\nmetrics_expiration = "200s"\n${explicit}`);
  await send("a b");
  await clock.advance(60_000);
  await send("a");
  await clock.advance(60_000);
  await clock.advance(60_000);
  assert.equal(calls(), "a=0 b=0|a=2 b=1|a=2");
  await clock.advance(300_000);
  assert.ok(context.budget.usedBytes < 5000);
});

test("sends what was counted by the old arguments, and goes on by the new ones", async () => {
  const { send, clock, calls, connector, args } = running(`aggregation_temporality = "DELTA"\n${explicit}`);
  await send("a");
  await connector.update(args(`aggregation_temporality = "DELTA"\nnamespace = "n"\n${explicit}`));
  await send("b");
  await clock.advance(60_000);
  assert.equal(calls(), "a=1|b=1");
});

test("keeps its counts where only the interval or the outputs changed", async () => {
  const { send, clock, calls, connector, args } = running(explicit);
  await send("a");
  await connector.update(args(`metrics_flush_interval = "10s"\n${explicit}`));
  await clock.advance(20_000);
  assert.equal(calls(), "a=0|a=1");
});

test("counts for the spans that sampling has dropped, rounded at random", async () => {
  const half = { traceState: "ot=th:8" };
  const third = { traceState: "ot=th:aaaaaaaaaaaaaa" };
  const up = running(`aggregation_temporality = "DELTA"\n${explicit}`, 1 << 28, () => 0);
  await up.send("a a", half);
  await up.send("b", third);
  await up.clock.advance(60_000);
  assert.equal(up.calls(), "a=4 b=3");
  const down = running(`aggregation_temporality = "DELTA"\n${explicit}`, 1 << 28, () => 0.99999);
  await down.send("b", { traceState: "ot=th:9" });
  await down.clock.advance(60_000);
  assert.equal(down.calls(), "b=2");
});

for (const [glob, yes, no] of [
  ["http.*", "http.method", "http.request.method"],
  ["http.**", "http.request.method", "https.x"],
  ["h?st", "host", "h.st"],
  ["[a-c]x", "bx", "dx"],
  ["[!a-c]x", "dx", "ax"],
  ["{http,url}.path", "url.path", "db.path"],
  ["a\\*b", "a*b", "axb"],
  ["a+b", "a+b", "aab"],
] as const)
  test(`the pattern ${glob} takes ${yes} and not ${no}`, () => {
    assert.ok(globPattern(glob)?.test(yes));
    assert.ok(!globPattern(glob)?.test(no));
  });

for (const [text, message] of [
  ["histogram { }", "either exponential or explicit histogram configuration must be specified"],
  ["histogram {\nexplicit { }\nexponential { }\n}", "only one of exponential or explicit histogram configuration can be specified"],
  ["histogram {\nexponential {\nmax_size = 0\n}\n}", "max_size must be greater than 0"],
  [`metrics_flush_interval = "0s"\n${explicit}`, "metrics_flush_interval must be greater than 0"],
  [`dimension { }\n${explicit}`, "failed validating dimensions: dimension entry must set one of `name` or `glob`"],
  [`dimension {\nname = "span.name"\n}\n${explicit}`, 'failed validating dimensions: duplicate dimension name "span.name"'],
  [
    `calls_dimension {\nname = "a"\nglob = "b"\n}\n${explicit}`,
    'failed validating calls dimensions: dimension entry must set only one of `name` or `glob`, got both: name="a" glob="b"',
  ],
  [
    `dimension {\nglob = "a"\ndefault = "b"\n}\n${explicit}`,
    'failed validating dimensions: `default` is not supported on `glob` dimension "a"',
  ],
  [`dimension {\nglob = "span.*"\n}\n${explicit}`, /conflicting with glob "span\.\*"/],
  [`events {\nenabled = true\n}\n${explicit}`, "failed validating event dimensions: no dimensions configured for events"],
  [`aggregation_temporality = "DELTA"\nmetric_timestamp_cache_size = 0\n${explicit}`, /invalid delta timestamp cache size: 0/],
  [`aggregation_cardinality_limit = -1\n${explicit}`, /invalid aggregation_cardinality_limit: -1/],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, `${text}\noutput { }`);
    const messages = diagnostics.map((each) => each.message).join(";");
    if (typeof message === "string") assert.equal(messages, message);
    else assert.match(messages, message);
  });
