import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

const outputs = "output {\ntraces = [sink]\nmetrics = [sink]\nlogs = [sink]\n}";

/** `span = a; b` in a block as a list of raw strings. */
function block(text: string): string {
  const match = /^(\w+) (\w+)(?: in (\w*))?: (.*)$/s.exec(text);
  assert.ok(match, text);
  const [, name, argument, context, conditions = ""] = match;
  const list = conditions.split("; ").map((condition) => `\`${condition}\``);
  const contextLine = context === undefined ? "" : `context = "${context}"\n`;
  return `${name} {\n${contextLine}${argument} = [${list.join(", ")}]\n}\n`;
}

function created(text: string, sink = new TestSink()) {
  const args = decodeText(component, `${text}\n${outputs}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const context = testContext({ id: "otelcol.processor.filter.default" });
  component.create(context, args);
  const consumer = (context.exports.input as { value: OtelConsumer }).value;
  return { context, consumer, sink };
}

function batchOf(signal: Signal, request: Plain, items: number): OtlpBatch {
  return new OtlpBatch({ signal, chunks: [encodeRequest(signal, request)], items });
}

const spanOf = (name: string, extra: Plain = {}) => ({ name, ...extra });
const traces: Plain = {
  resourceSpans: [
    {
      resource: { attributes: attributes({ service: "a" }) },
      scopeSpans: [
        { scope: { name: "one" }, spans: [spanOf("x", { kind: 2, events: [{ name: "e1" }, { name: "e2" }] }), spanOf("y")] },
        { scope: { name: "two" }, spans: [spanOf("z")] },
      ],
    },
    { resource: { attributes: attributes({ service: "b" }) }, scopeSpans: [{ spans: [spanOf("w")] }] },
  ],
};

const metrics: Plain = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            { name: "g", gauge: { dataPoints: [{ asInt: "1", attributes: attributes({ k: "v" }) }, { asInt: "2" }] } },
            { name: "s", sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ asInt: "3" }] } },
            { name: "h", histogram: { aggregationTemporality: 1, dataPoints: [{ count: "4" }] } },
          ],
        },
      ],
    },
  ],
};

const logs: Plain = {
  resourceLogs: [
    {
      resource: { attributes: attributes({ host: "a" }) },
      scopeLogs: [
        { scope: { name: "s" }, logRecords: [{ body: { stringValue: "one" }, severityNumber: 9 }, { body: { stringValue: "two" } }] },
      ],
    },
  ],
};

const requests = { traces, metrics, logs } as const;
const counts = { traces: 4, metrics: 4, logs: 2 } as const;

/** What is left: names, those of events in parentheses, values of points behind a colon. */
function left(signal: Signal, sink: TestSink): string {
  const batch = sink.batches[0];
  if (batch === undefined) return "nothing";
  const request = decodeRequest(signal, batch.chunks);
  const list = (value: unknown): Plain[] => (value ?? []) as Plain[];
  if (signal === "traces")
    return list(request.resourceSpans)
      .map((resource) =>
        list(resource.scopeSpans)
          .map((scope) =>
            list(scope.spans)
              .map(({ name, events }) => `${name}${events === undefined ? "" : `(${list(events).map((event) => event.name)})`}`)
              .join(" "),
          )
          .join(" | "),
      )
      .join(" || ");
  if (signal === "logs")
    return list(request.resourceLogs)
      .flatMap((resource) =>
        list(resource.scopeLogs).flatMap((scope) => list(scope.logRecords).map(({ body }) => (body as Plain).stringValue)),
      )
      .join(" ");
  return list(request.resourceMetrics)
    .flatMap((resource) => list(resource.scopeMetrics).flatMap((scope) => list(scope.metrics)))
    .map(({ name, gauge, sum, histogram }) => {
      const points = list(((gauge ?? sum ?? histogram) as Plain).dataPoints);
      return `${name}:${points.map(({ asInt, count }) => asInt ?? count)}`;
    })
    .join(" ");
}

for (const [signal, text, expected] of [
  ["traces", 'traces span: name == "x"', "y | z || w"],
  ["traces", 'traces span: name == "x"; name == "y"', "z || w"],
  ["traces", 'traces span: resource.attributes["service"] == "b"', "x(e1,e2) y | z"],
  ["traces", 'traces spanevent: name == "e1"', "x(e2) y | z || w"],
  ["traces", "traces spanevent: true", "x y | z || w"],
  ["traces", "traces span: true", "nothing"],
  ["traces", "traces span: IsRootSpan()", "nothing"],
  ["traces", 'traces span: instrumentation_scope.name == "two"', "x(e1,e2) y || w"],
  ["traces", 'trace_conditions conditions: span.name == "x"; resource.attributes["service"] == "b"; scope.name == "two"', "y"],
  ["traces", 'trace_conditions conditions in span: name == "x"; span.name == "w"', "y | z"],
  ["traces", 'trace_conditions conditions in Resource: attributes["service"] == "a"', "w"],
  ["traces", 'trace_conditions conditions: spanevent.name == "e2" and span.kind == SPAN_KIND_SERVER', "x(e1) y | z || w"],
  ["traces", "trace_conditions conditions: span.kind == SPAN_KIND_SERVER", "y | z || w"],
  ["metrics", 'metrics metric: name == "g"', "s:3 h:4"],
  ["metrics", "metrics metric: type == METRIC_DATA_TYPE_HISTOGRAM", "g:1,2 s:3"],
  ["metrics", "metrics metric: is_monotonic == true", "g:1,2 h:4"],
  ["metrics", 'metrics metric: HasAttrKeyOnDatapoint("k")', "s:3 h:4"],
  ["metrics", 'metrics metric: HasAttrOnDatapoint("k", "v")', "s:3 h:4"],
  ["metrics", 'metrics metric: HasAttrOnDatapoint("k", "w")', "g:1,2 s:3 h:4"],
  ["metrics", 'metrics datapoint: attributes["k"] == "v"', "g:2 s:3 h:4"],
  ["metrics", "metrics datapoint: value_int > 0", "h:4"],
  ["metrics", "metrics datapoint: metric.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA", "g:1,2 s:3"],
  ["metrics", 'metric_conditions conditions: metric.name == "s"; datapoint.value_int == 2', "g:1 h:4"],
  ["logs", 'logs log_record: body == "one"', "two"],
  ["logs", "logs log_record: severity_number < SEVERITY_NUMBER_INFO", "one"],
  ["logs", 'log_conditions conditions: log.body == "one"', "two"],
  ["logs", 'log_conditions conditions: resource.attributes["host"] == "a"', "nothing"],
] as const)
  test(`${text.replace(/^\w+ /, "")} leaves ${expected}`, async () => {
    const { consumer, sink, context } = created(block(text));
    const batch = batchOf(signal, requests[signal], counts[signal]);
    await consumer.consume(batch);
    assert.equal(left(signal, sink), expected);
    const labels = { otel_signal: signal };
    const incoming = context.metric("otelcol_processor_incoming_items_total", labels) ?? 0;
    const outgoing = context.metric("otelcol_processor_outgoing_items_total", labels) ?? 0;
    const dropped = context.metric("invar_processor_dropped_items_total", { ...labels, reason: "filtered" }) ?? 0;
    assert.equal(incoming, counts[signal]);
    assert.equal(incoming, outgoing + dropped);
  });

test("hands on the very batch where nothing is filtered out", async () => {
  const { consumer, sink } = created(block('traces span: name == "absent"'));
  const batch = batchOf("traces", traces, 4);
  await consumer.consume(batch);
  assert.equal(sink.batches[0]?.chunks[0], batch.chunks[0]);
});

test("counts, and logs once, conditions that fail on items; the items stay", async () => {
  const { consumer, sink, context } = created(block('traces span: name == "x" and 1/0 == 1; name == "y"'));
  await consumer.consume(batchOf("traces", traces, 4));
  await consumer.consume(batchOf("traces", traces, 4));
  assert.equal(left("traces", sink), "x(e1,e2) | z || w");
  assert.equal(context.metric("invar_processor_statement_errors_total"), 2);
  assert.equal(context.logged.filter(({ message }) => message === "failed to eval condition").length, 1);
});

test("refuses the batch for good where a condition fails and errors are handed on", async () => {
  const { consumer, context } = created(`error_mode = "propagate"\n${block("traces span: 1/0 == 1")}`);
  await assert.rejects(consumer.consume(batchOf("traces", traces, 4)), (error) => error instanceof DeliveryError && !error.retryable);
  assert.equal(context.metric("invar_processor_refused_items_total", { reason: "condition_failed" }), 4);
});

for (const [text, message] of [
  ["traces span: nme == 1", 'segment "nme" from path "nme" is not a valid path'],
  ["traces span: name = 1", "condition has invalid syntax"],
  ['traces span: set(name, "x")', "converter names must start with an uppercase letter but got 'set'"],
  ["trace_conditions conditions: name == 1", "unable to infer context from"],
  ["trace_conditions conditions: log.body == 1", 'context "log" inferred from the conditions'],
  ["trace_conditions conditions in log: body == 1", 'unknown context "log"'],
  ['logs log_record: HasAttrKeyOnDatapoint("k")', 'undefined function "HasAttrKeyOnDatapoint"'],
] as const)
  test(`finds what is wrong with ${text}`, () => {
    const sink = capsuleOf("otelcol.Consumer", new TestSink());
    const { diagnostics } = tryDecodeText(component, `${block(text)}${outputs}`, { sink });
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((diagnostic) => diagnostic.message).join("\n"),
    );
  });

test("takes conditions of a signal in one of the two ways only", () => {
  const sink = capsuleOf("otelcol.Consumer", new TestSink());
  const text = block("traces span: true") + block("trace_conditions conditions: span.kind > 0") + outputs;
  assert.match(tryDecodeText(component, text, { sink }).diagnostics[0]?.message ?? "", /cannot use context inferred trace conditions/);
});
