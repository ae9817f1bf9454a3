import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";

const outputs = "output {\ntraces = [sink]\nmetrics = [sink]\nlogs = [sink]\n}";

function quoted(texts: readonly string[]): string {
  return `[${texts.map((text) => `\`${text}\``).join(", ")}]`;
}

/** A `*_statements` block: conditions stand before a `?`. */
function block(name: string, context: string, text: string): string {
  const [conditions, statements] = text.includes(" ? ") ? (text.split(" ? ") as [string, string]) : ["", text];
  const lines = [`context = "${context}"`, `statements = ${quoted(statements.split("; "))}`];
  if (conditions !== "") lines.push(`conditions = ${quoted(conditions.split("; "))}`);
  return `${name} {\n${lines.join("\n")}\n}\n`;
}

async function created(text: string, sink = new TestSink()) {
  const args = decodeText(component, `${text}\n${outputs}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const context = testContext({ id: "otelcol.processor.transform.default" });
  const processor = await component.create(context, args);
  const consumer = (context.exports.input as { value: OtelConsumer }).value;
  return { context, consumer, sink, processor };
}

const traces: Plain = {
  resourceSpans: [
    {
      resource: { attributes: attributes({ service: "a" }) },
      scopeSpans: [
        {
          scope: { name: "one" },
          spans: [
            { name: "x", kind: 2, events: [{ name: "e" }], attributes: attributes({ k: "v", "http.method": "GET", "http.route": "/r" }) },
            { name: "y" },
          ],
        },
      ],
    },
  ],
};

function batchOf(signal: Signal, request: Plain, items: number): OtlpBatch {
  return new OtlpBatch({ signal, chunks: [encodeRequest(signal, request)], items });
}

/** The spans that came out: name, events, attributes; then the resource's attributes. */
async function transformed(text: string): Promise<string> {
  const { consumer, sink } = await created(text);
  await consumer.consume(batchOf("traces", traces, 2));
  const list = (value: unknown): Plain[] => (value ?? []) as Plain[];
  const request = decodeRequest("traces", sink.batches[0]?.chunks ?? []);
  return list(request.resourceSpans)
    .flatMap((resource) => [
      ...list(resource.scopeSpans).flatMap((scope) =>
        list(scope.spans).map(({ name, events, attributes: own }) => {
          const { "http.method": _, "http.route": __, ...others } = plainAttributes(own);
          return [name, ...list(events).map((event) => `(${event.name})`), JSON.stringify(others)].join(" ");
        }),
      ),
      JSON.stringify(plainAttributes((resource.resource as Plain | undefined)?.attributes)),
    ])
    .join(" | ");
}

const unchanged = 'x (e) {"k":"v"} | y {} | {"service":"a"}';
for (const [text, expected] of [
  [block("trace_statements", "span", 'set(attributes["n"], 1)'), 'x (e) {"k":"v","n":1} | y {"n":1} | {"service":"a"}'],
  [block("trace_statements", "span", 'name == "y" ? set(attributes["n"], 1)'), 'x (e) {"k":"v"} | y {"n":1} | {"service":"a"}'],
  [block("trace_statements", "Span", 'delete_key(span.attributes, "k")'), 'x (e) {} | y {} | {"service":"a"}'],
  [block("trace_statements", "spanevent", 'set(name, "new")'), 'x (new) {"k":"v"} | y {} | {"service":"a"}'],
  [block("trace_statements", "spanevent", "set(span.name, name)"), 'e (e) {"k":"v"} | y {} | {"service":"a"}'],
  [block("trace_statements", "resource", 'set(attributes["service"], "b")'), 'x (e) {"k":"v"} | y {} | {"service":"b"}'],
  [block("trace_statements", "scope", 'set(resource.attributes["scope"], name)'), 'x (e) {"k":"v"} | y {} | {"service":"a","scope":"one"}'],
  [block("trace_statements", "span", 'set(resource.attributes["last"], name)'), 'x (e) {"k":"v"} | y {} | {"service":"a","last":"y"}'],
  // What the first span does to the resource the second one sees.
  [
    block("trace_statements", "span", 'set(name, "seen") where resource.attributes["x"] != nil; set(resource.attributes["x"], true)'),
    'x (e) {"k":"v"} | seen {} | {"service":"a","x":true}',
  ],
  // Groups go over the data one after the other.
  [
    block("trace_statements", "span", 'set(resource.attributes["last"], name)') +
      block("trace_statements", "span", 'set(attributes["last"], resource.attributes["last"])'),
    'x (e) {"k":"v","last":"y"} | y {"last":"y"} | {"service":"a","last":"y"}',
  ],
  [
    block("trace_statements", "span", 'set(cache["a"], name); set(attributes["c"], cache["a"])'),
    'x (e) {"k":"v","c":"x"} | y {"c":"y"} | {"service":"a"}',
  ],
  [
    block("trace_statements", "span", 'set(cache["a"], name)') + block("trace_statements", "span", 'set(attributes["c"], cache["a"])'),
    unchanged,
  ],
  [
    'statements {\ntrace = [`set(span.name, "n")`, `set(resource.attributes["r"], 1)`]\n}',
    'n (e) {"k":"v"} | n {} | {"service":"a","r":1}',
  ],
  ['statements {\ntrace = [`set(resource.attributes["r"], 1)`]\n}', 'x (e) {"k":"v"} | y {} | {"service":"a","r":1}'],
  [block("trace_statements", "span", 'set_semconv_span_name("1.37.0")'), 'GET /r (e) {"k":"v"} | y {} | {"service":"a"}'],
  [block("trace_statements", "span", 'set_semconv_span_name("1.37.0", "was")'), 'GET /r (e) {"k":"v","was":"x"} | y {} | {"service":"a"}'],
  [block("log_statements", "log", 'set(body, "n")'), unchanged],
] as const)
  test(`${text.replaceAll("\n", " ")} gives ${expected}`, async () => {
    assert.equal(await transformed(text), expected);
  });

test("hands on the very batch where nothing is changed", async () => {
  const { consumer, sink } = await created(block("trace_statements", "span", 'set(name, "n") where name == "absent"'));
  const batch = batchOf("traces", traces, 2);
  await consumer.consume(batch);
  assert.equal(sink.batches[0]?.chunks[0], batch.chunks[0]);
});

test("counts, and logs once, statements that fail on items; those after them go on", async () => {
  const text = block("trace_statements", "span", 'set(attributes["a"], 1/0); set(name, "n")');
  const { consumer, sink, context } = await created(text);
  await consumer.consume(batchOf("traces", traces, 2));
  assert.equal(sink.text, "n n");
  assert.equal(context.metric("invar_processor_statement_errors_total"), 2);
  assert.equal(context.logged.filter(({ message }) => message === "failed to execute statement").length, 1);
});

test("refuses the batch for good where a statement fails and errors are handed on; a group may say otherwise", async () => {
  const failing = block("trace_statements", "span", 'set(attributes["a"], 1/0)');
  const { consumer, context } = await created(`error_mode = "propagate"\n${failing}`);
  await assert.rejects(consumer.consume(batchOf("traces", traces, 2)), (error) => error instanceof DeliveryError && !error.retryable);
  assert.equal(context.metric("invar_processor_refused_items_total", { reason: "statement_failed" }), 2);
  const tolerant = await created(`error_mode = "propagate"\n${failing.replace("}\n", 'error_mode = "silent"\n}\n')}`);
  await tolerant.consumer.consume(batchOf("traces", traces, 2));
  assert.deepEqual(tolerant.context.logged, []);
});

test("takes new statements while it runs", async () => {
  const { consumer, sink, processor } = await created(block("trace_statements", "span", 'set(name, "one")'));
  await consumer.consume(batchOf("traces", traces, 2));
  const text = `${block("trace_statements", "span", 'set(name, "two")')}${outputs}`;
  await processor.update(decodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) }));
  await consumer.consume(batchOf("traces", traces, 2));
  assert.equal(sink.text, "one one|two two");
});

for (const [text, message] of [
  [block("trace_statements", "span", "set(nme, 1)"), 'segment "nme" from path "nme" is not a valid path'],
  [block("trace_statements", "span", "set(name, 1"), "statement has invalid syntax"],
  [block("trace_statements", "log", "set(body, 1)"), 'unknown context "log" for statements'],
  [block("trace_statements", "profile", "set(body, 1)"), "unknown context profile"],
  [block("trace_statements", "span", "bad ? set(name, 1)"), "condition has invalid syntax"],
  [block("trace_statements", "span", 'set_semconv_span_name("1.0.0")'), 'unsupported semconv version "1.0.0"'],
  ['statements {\ntrace = [`set(name, "n")`]\n}', "unable to infer context from statements"],
  ['statements {\ntrace = [`set(log.body, "n")`]\n}', '"log"'],
  ["statements {\nlog = [`set(log.severity_number, SPAN_KIND_SERVER)`]\n}", 'does not support the enum symbol "SPAN_KIND_SERVER"'],
  ['error_mode = "loud"', "unknown error mode loud"],
] as const)
  test(`finds what is wrong with ${text.replaceAll("\n", " ")}`, () => {
    const sink = capsuleOf("otelcol.Consumer", new TestSink());
    const { diagnostics } = tryDecodeText(component, `${text}\n${outputs}`, { sink });
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((diagnostic) => diagnostic.message).join("\n"),
    );
  });
