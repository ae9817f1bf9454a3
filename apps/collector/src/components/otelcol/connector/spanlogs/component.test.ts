import assert from "node:assert/strict";
import { test } from "node:test";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";
import { logfmtKey, logfmtText } from "./log-line.ts";

const id = Buffer.from("0102030405060708090a0b0c0d0e0f10", "hex");
const tid = "0102030405060708090a0b0c0d0e0f10";
const root = {
  traceId: id,
  name: "GET /",
  startTimeUnixNano: "1000",
  endTimeUnixNano: "3500",
  status: { code: 2 },
  attributes: attributes({ a: 1, b: "x y", c: 1.5, d: [1], e: true }),
};
const child = {
  traceId: id,
  parentSpanId: Buffer.alloc(8, 1),
  name: "child",
  startTimeUnixNano: "9",
  endTimeUnixNano: "8",
  events: [
    { name: "e1", attributes: attributes({ x: "1" }) },
    { name: "e2", attributes: attributes({ y: 2 }) },
  ],
};
const request = (...spans: Plain[]) => ({
  resourceSpans: [
    { resource: { attributes: attributes({ "service.name": "shop", host: "h" }) }, scopeSpans: [{ scope: { name: "s" }, spans }] },
  ],
});

async function running(text: string) {
  const sink = new TestSink();
  const context = testContext({ id: "otelcol.connector.spanlogs.test" });
  const connector = await component.create(
    context,
    decodeText(component, `${text}\noutput {\nlogs = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) }),
  );
  await connector.start();
  const input = (context.exports.input as { value: OtelConsumer }).value;
  const send = (content: Plain, items: number) =>
    input.consume(new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", content)], items }));
  /** Each record: its line, and behind `|` its attributes. */
  const lines = () =>
    sink.batches.flatMap(({ chunks }) =>
      ((decodeRequest("logs", chunks).resourceLogs ?? []) as Plain[]).flatMap((r) =>
        ((r.scopeLogs ?? []) as Plain[]).flatMap((s) =>
          ((s.logRecords ?? []) as Plain[]).map(
            (record) =>
              `${(record.body as Plain).stringValue} | ${Object.entries(plainAttributes(record.attributes))
                .map(([k, v]) => `${k}=${String(v)}`)
                .join(" ")}`,
          ),
        ),
      ),
    );
  return { sink, context, connector, input, send, lines };
}

for (const [text, expected] of [
  ["", []],
  [
    "spans = true",
    [`span="GET /" dur=2500ns status=Error svc=shop tid=${tid} | traces=span`, `span=child dur=-1ns svc=shop tid=${tid} | traces=span`],
  ],
  ["roots = true", [`span="GET /" dur=2500ns status=Error svc=shop tid=${tid} | traces=root`]],
  ["processes = true", [`svc=shop tid=${tid} | traces=process`]],
  [
    'roots = true\nprocesses = true\nspan_attributes = ["a", "b", "c", "d", "e", "no"]\nprocess_attributes = ["host"]\nlabels = ["svc", "a", "zz"]',
    [
      `svc=shop host=h tid=${tid} | traces=process svc=shop`,
      `span="GET /" dur=2500ns status=Error a=1 b="x y" c=1.5 d="unsupported value type" e=true svc=shop host=h tid=${tid} | traces=root svc=shop a=1`,
    ],
  ],
  [
    'events = true\nevent_attributes = ["x", "y"]',
    [`span=child dur=-1ns svc=shop tid=${tid} x=1 | traces=event`, `span=child dur=-1ns svc=shop tid=${tid} y=2 | traces=event`],
  ],
  [
    'roots = true\noverrides {\nlogs_instance_tag = "what"\nservice_key = "a"\nspan_name_key = "b"\nstatus_key = "c"\nduration_key = "d"\ntrace_id_key = "e"\n}',
    [`b="GET /" d=2500ns c=Error a=shop e=${tid} | what=root`],
  ],
] as const)
  test(`writes lines for: ${text.replaceAll("\n", " ")}`, async () => {
    const { send, lines } = await running(text);
    await send(request(root, child), 2);
    assert.deepEqual(lines(), expected);
  });

test("finds roots behind other spans", async () => {
  const { send, lines } = await running("roots = true");
  await send(request(child, root), 2);
  assert.equal(lines().length, 1);
});

test("writes a line for each process and trace, in every scope anew", async () => {
  const { send, lines } = await running("processes = true");
  const other = { ...child, traceId: Buffer.alloc(16, 9) };
  await send({ resourceSpans: [...request(root, child, other, root).resourceSpans, ...request(root).resourceSpans] }, 5);
  assert.equal(lines().length, 4);
});

test("hands refusals back to the sender", async () => {
  const { send, sink, context } = await running("spans = true");
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  await assert.rejects(send(request(root), 1), /full/);
  sink.refusal = new DeliveryError("never", { retryable: false, reason: "refused" });
  await assert.rejects(send(request(root), 1), /never/);
  assert.equal(context.metric("invar_connector_dropped_items_total"), 1);
});

for (const [text, written] of [
  ["plain", "plain"],
  ["", ""],
  ["null", '"null"'],
  ["a b", '"a b"'],
  ["a=b", '"a=b"'],
  ['say "x"\\\n\t\r\x01', '"say \\"x\\"\\\\\\n\\t\\r\\u0001"'],
  ["grün", "grün"],
] as const)
  test(`writes ${JSON.stringify(text)} as ${written}`, () => assert.equal(logfmtText(text), written));

test("leaves out of keys what would end them", () => assert.equal(logfmtKey('a b="c'), "abc"));

test("refuses an empty key", () => {
  const { diagnostics } = tryDecodeText(component, 'overrides {\nservice_key = ""\n}\noutput {\n}');
  assert.equal(diagnostics.map((each) => each.message).join(), "a key of log lines must not be empty");
});
