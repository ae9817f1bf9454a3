import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../component/clock.ts";
import { MetricRegistry } from "../../component/metrics.ts";
import { testContext } from "../../component/testing.ts";
import type { OtlpBatch } from "../../signals/otlp/batch.ts";
import { decodeRequest } from "../../signals/otlp/testing.ts";
import { ProcessTracer } from "./process-tracer.ts";
import { fractionSampler } from "./sampler.ts";
import { parseTraceparent } from "./trace-ids.ts";

interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly status: string;
}

function tracing(fraction = 1) {
  const clock = new FakeClock();
  const registry = new MetricRegistry();
  const tracer = new ProcessTracer({ clock, log: testContext().log, metrics: registry.scope(), version: "1.2.3" });
  const spans: SeenSpan[] = [];
  const resources: string[] = [];
  const state = { refuses: false, gate: Promise.resolve() };
  const consumer = {
    async consume(batch: OtlpBatch) {
      await state.gate;
      if (state.refuses) throw new Error("full");
      const { resourceSpans } = decodeRequest("traces", batch.chunks) as unknown as { resourceSpans: Resource[] };
      for (const { resource, scopeSpans } of resourceSpans) {
        resources.push(resource.attributes.map(({ key, value }) => `${key}=${value.stringValue}`).join(" "));
        for (const span of scopeSpans.flatMap(({ spans: all }) => all))
          spans.push({
            traceId: hex(span.traceId),
            spanId: hex(span.spanId),
            parentSpanId: hex(span.parentSpanId),
            name: span.name,
            status: `${span.status?.code ?? 0} ${span.status?.message ?? ""}`.trim(),
          });
      }
    },
    pressure: () => undefined,
  };
  tracer.configure({ sampler: fractionSampler(fraction), sendsTraceparent: false, consumer });
  const metric = (name: string) =>
    registry
      .expose()
      .flatMap((family) => family.samples)
      .filter((sample) => sample.name === name)
      .reduce((sum, { value }) => sum + value, 0);
  return { tracer, clock, spans, resources, state, consumer, metric };
}

interface Resource {
  readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[] };
  readonly scopeSpans: readonly {
    readonly spans: readonly {
      readonly traceId: unknown;
      readonly spanId: unknown;
      readonly parentSpanId: unknown;
      readonly name: string;
      readonly status?: { readonly code?: number; readonly message?: string };
    }[];
  }[];
}

function hex(id: unknown): string {
  return id instanceof Uint8Array ? Buffer.from(id).toString("hex") : Buffer.from(String(id ?? ""), "base64").toString("hex");
}

test("spans leave together after a few seconds, with what they are children of", async () => {
  const { tracer, clock, spans, resources, metric } = tracing();
  const parent = tracer.start("outer", "internal");
  const child = tracer.start("inner", "internal", parent);
  child.set("node_id", "a.b");
  child.end("it broke");
  parent.end();
  parent.end();
  assert.equal(spans.length, 0);
  await clock.advance(5000);
  const [inner, outer] = spans;
  assert.deepEqual([inner?.name, inner?.status], ["inner", "2 it broke"]);
  assert.deepEqual([outer?.name, outer?.status], ["outer", "1"]);
  assert.equal(inner?.traceId, outer?.traceId);
  assert.equal(inner?.parentSpanId, outer?.spanId);
  assert.equal(parent.traceparent, `00-${outer?.traceId}-${outer?.spanId}-01`);
  assert.match(resources[0] ?? "", /process.runtime.name=nodejs .*service.name=alloy service.version=1.2.3 telemetry.sdk.language=nodejs/);
  assert.equal(metric("invar_tracing_spans_sent_total"), 2);
});

test("a trace that others began is kept where they keep it, whatever the fraction", async () => {
  const { tracer, clock, spans } = tracing(0);
  const trace = "0af7651916cd43dd8448eb211c80319c";
  tracer.start("kept", "server", `00-${trace}-b7ad6b7169203331-01`).end();
  const dropped = tracer.start("dropped", "server", `00-${trace}-b7ad6b7169203331-00`);
  dropped.end();
  tracer.start("own", "server", "no traceparent").end();
  await clock.advance(5000);
  assert.deepEqual(
    spans.map(({ name, traceId, parentSpanId }) => `${name} ${traceId} ${parentSpanId}`),
    [`kept ${trace} b7ad6b7169203331`],
  );
  assert.match(dropped.traceparent, new RegExp(`^00-${trace}-[0-9a-f]{16}-00$`));
});

test("spans that nobody takes are dropped and counted, and no more wait than a bound", async () => {
  const { tracer, clock, state, spans, metric } = tracing();
  state.refuses = true;
  tracer.start("refused", "internal").end();
  await clock.advance(5000);
  assert.equal(metric("invar_tracing_spans_dropped_total"), 1);
  state.refuses = false;
  let open = () => {};
  state.gate = new Promise((resolve) => {
    open = resolve;
  });
  for (let i = 0; i < 4000; i++) tracer.start("many", "internal").end();
  assert.equal(metric("invar_tracing_spans_dropped_total"), 1 + 4000 - 512 - 2048);
  open();
  await clock.advance(5000);
  await clock.advance(5000);
  assert.equal(spans.length, 512 + 2048);
});

test("what waits at the end is handed on, and nothing is traced afterwards", async () => {
  const { tracer, spans } = tracing();
  tracer.start("last", "internal").end();
  await tracer.close(AbortSignal.timeout(1000));
  assert.equal(spans.length, 1);
  assert.equal(tracer.isOn, false);
});

test("a traceparent is read as the recommendation says", () => {
  const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const cases: [string, boolean | undefined][] = [
    [good, true],
    [good.replace(/01$/, "00"), false],
    [good.replace(/01$/, "03"), true],
    [`${good}-more`, undefined],
    [`cc${good.slice(2)}-more`, true],
    [`ff${good.slice(2)}`, undefined],
    [good.toUpperCase(), undefined],
    ["00-00000000000000000000000000000000-b7ad6b7169203331-01", undefined],
    ["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", undefined],
    ["", undefined],
  ];
  for (const [text, isSampled] of cases) assert.equal(parseTraceparent(text)?.isSampled, isSampled, text);
});
