import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

const outputs = "output {\ntraces = [sink]\nmetrics = [sink]\nlogs = [sink]\n}";

async function running(keys: readonly string[]) {
  const sink = new TestSink();
  const context = testContext({ id: "otelcol.processor.groupbyattrs.test" });
  const text = `keys = ${JSON.stringify(keys)}\n${outputs}`;
  const processor = await component.create(context, decodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) }));
  await processor.start();
  return { sink, context, processor, input: (context.exports.input as { value: OtelConsumer }).value };
}

const list = (content: Plain | undefined, name: string) => (content?.[name] ?? []) as Plain[];
const pairs = (content: unknown) =>
  Object.entries(plainAttributes((content as Plain | undefined)?.attributes))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(",");

/** `r=1[s: a{x=1} b{}]`: a resource, a scope, and its spans with their attributes; several requests are several chunks. */
function parseTraces(text: string): Uint8Array {
  const resourceSpans = [...text.matchAll(/(\S*)\[(\w+): ([^\]]*)\]/g)].map(([, resource, scope, spans]) => ({
    resource: { attributes: parsePairs(resource ?? "") },
    scopeSpans: [
      {
        scope: { name: scope },
        spans: [...(spans ?? "").matchAll(/(\w+)\{([^}]*)\}/g)].map(([, name, inside]) => ({ name, attributes: parsePairs(inside ?? "") })),
      },
    ],
  }));
  return encodeRequest("traces", { resourceSpans });
}
const parsePairs = (text: string) =>
  attributes(
    Object.fromEntries(
      text
        .split(",")
        .filter(Boolean)
        .map((pair) => pair.split("=") as [string, string]),
    ),
  );

function printTraces(chunks: readonly Uint8Array[]): string {
  return list(decodeRequest("traces", chunks), "resourceSpans")
    .flatMap((r) =>
      list(r, "scopeSpans").map(
        (s) =>
          `${pairs(r.resource)}[${(s.scope as Plain).name}: ${list(s, "spans")
            .map((span) => `${span.name}{${pairs(span)}}`)
            .join(" ")}]`,
      ),
    )
    .join(" ");
}

for (const [keys, before, expected] of [
  [["x"], "r=1[s: a{x=1} b{x=2} c{x=1,y=3} d{y=4}]", "r=1,x=1[s: a{} c{y=3}] r=1,x=2[s: b{}] r=1[s: d{y=4}]"],
  [["x"], "r=1[s: a{x=1}] r=1[t: b{x=1}] r=1[s: c{x=1}]", "r=1,x=1[s: a{} c{}] r=1,x=1[t: b{}]"],
  [["x"], "x=0[s: a{x=1} b{}]", "x=1[s: a{}] x=0[s: b{}]"],
  [["x", "y"], "r=1[s: a{y=1,x=2} b{y=1}]", "r=1,x=2,y=1[s: a{}] r=1,y=1[s: b{}]"],
  [["x"], "r=1,x=1[s: a{}] r=1[s: b{x=1}]", "r=1,x=1[s: a{} b{}]"],
  [[], "r=1,q=2[s: a{x=1}] t=1[s: b{}] q=2,r=1[s: c{x=2}]", "r=1,q=2[s: a{x=1} c{x=2}] t=1[s: b{}]"],
] as const)
  test(`with keys [${keys}] makes ${expected} of ${before}`, async () => {
    const { sink, input } = await running(keys);
    const whole = parseTraces(before);
    const items = [...before.matchAll(/\{/g)].length;
    await input.consume(new OtlpBatch({ signal: "traces", chunks: [whole], items }));
    assert.equal(printTraces(sink.batches[0]?.chunks ?? []), expected);
    assert.equal(sink.batches[0]?.items, items);
  });

const points = (kind: string, ...values: Plain[]) => ({
  [kind]: { dataPoints: values, ...(kind === "sum" ? { isMonotonic: true, aggregationTemporality: 2 } : {}) },
});
const point = (host: string | undefined) => ({
  asInt: "1",
  attributes: attributes({ ...(host === undefined ? {} : { host }), id: "eth0" }),
});

test("puts points of the same metric and type together under the new resource, and keeps the metric's fields", async () => {
  const { sink, input, context } = await running(["host"]);
  const metrics = [
    { name: "g", unit: "By", description: "d", ...points("gauge", point("A"), point("B")) },
    { name: "g", ...points("gauge", point("A")) },
    { name: "m", ...points("sum", point("A")) },
    { name: "m", ...points("gauge", point("A"), point(undefined)) },
  ];
  const chunk = encodeRequest("metrics", {
    resourceMetrics: [{ resource: { attributes: attributes({ source: "prom" }) }, scopeMetrics: [{ metrics }] }],
  });
  await input.consume(new OtlpBatch({ signal: "metrics", chunks: [chunk], items: 6 }));
  const resources = list(decodeRequest("metrics", sink.batches[0]?.chunks ?? []), "resourceMetrics");
  const text = resources.map(
    (r) =>
      `${pairs(r.resource)}: ${list(list(r, "scopeMetrics")[0], "metrics")
        .map((m) => {
          const kind = m.gauge === undefined ? "sum" : "gauge";
          return `${m.name}${m.unit === undefined ? "" : `(${m.unit},${m.description})`} ${kind}${(m.sum as Plain)?.isMonotonic === true ? "+" : ""} ${list(m[kind] as Plain, "dataPoints").length}`;
        })
        .join(", ")}`,
  );
  assert.deepEqual(text, [
    "source=prom,host=A: g(By,d) gauge 2, m sum+ 1, m gauge 1",
    "source=prom,host=B: g(By,d) gauge 1",
    "source=prom: m gauge 1",
  ]);
  assert.equal(context.metric("otelcol_processor_groupbyattrs_num_grouped_metrics_total"), 5);
  assert.equal(context.metric("otelcol_processor_groupbyattrs_num_non_grouped_metrics_total"), 1);
  assert.equal(context.metric("otelcol_processor_groupbyattrs_metric_groups_sum"), 3);
});

test("groups log records, over several chunks of a batch", async () => {
  const { sink, input } = await running(["app"]);
  const chunk = (app: string) =>
    encodeRequest("logs", {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: app }, attributes: attributes({ app }) }] }] }],
    });
  await input.consume(new OtlpBatch({ signal: "logs" satisfies Signal, chunks: [chunk("a"), chunk("b"), chunk("a")], items: 3 }));
  const resources = list(decodeRequest("logs", sink.batches[0]?.chunks ?? []), "resourceLogs");
  assert.deepEqual(
    resources.map((r) => `${pairs(r.resource)}:${list(list(r, "scopeLogs")[0], "logRecords").length}`),
    ["app=a:2", "app=b:1"],
  );
});

test("takes other keys while it runs", async () => {
  const { sink, input, processor } = await running(["x"]);
  await processor.update(decodeText(component, `keys = ["y"]\n${outputs}`, { sink: capsuleOf("otelcol.Consumer", sink) }));
  await input.consume(new OtlpBatch({ signal: "traces", chunks: [parseTraces("r=1[s: a{x=1,y=2}]")], items: 1 }));
  assert.equal(printTraces(sink.batches[0]?.chunks ?? []), "r=1,y=2[s: a{x=1}]");
});
