import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { decodeRequest, TestSink } from "../../../../signals/otlp/testing.ts";
import { binary, i64, list, str, struct } from "../../../../signals/thrift/testing.ts";
import { component } from "./component.ts";

const spans = (...names: string[]) =>
  JSON.stringify(
    names.map((name) => ({ traceId: "0af7651916cd43dd8448eb211c80319c", id: "b7ad6b7169203331", name, timestamp: 1, tags: { n: "1" } })),
  );

async function running(t: { after(fn: () => Promise<void>): void }, inside = "", budgetBytes?: number) {
  const sink = new TestSink();
  const context = testContext({ clock: systemClock, id: "otelcol.receiver.zipkin.a", ...(budgetBytes !== undefined && { budgetBytes }) });
  const decode = (text: string) =>
    decodeText(component, `endpoint = "127.0.0.1:0"\n${text}\noutput {\ntraces = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const receiver = await component.create(context, decode(inside));
  await receiver.start();
  t.after(async () => receiver.stop(AbortSignal.timeout(1000)));
  const port = () => (receiver.debugInfo?.() as { port: number } | undefined)?.port;
  return {
    sink,
    context,
    port,
    update: (text: string) => receiver.update(decode(text)),
    async post(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
      const response = await fetch(`http://127.0.0.1:${port()}${path}`, { method: "POST", body: body as string, headers });
      return { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
    },
  };
}

test("takes every format, and answers when it was taken", async (t) => {
  const { post, sink, context } = await running(t);
  assert.deepEqual(await post("/api/v2/spans", spans("a", "b")), { status: 202, text: "", retryAfter: null });
  assert.equal((await post("/anywhere", spans("c"))).status, 202);
  assert.equal((await post("/api/v1/spans", spans("d"))).status, 202);
  const thrift = binary(list(struct({ 1: i64(1), 3: str("e"), 4: i64(2) })));
  assert.equal((await post("/api/v1/spans", thrift, { "content-type": "application/x-thrift" })).status, 202);
  const proto = Buffer.from("0a1f0a10000000000000000000000000000000011a0800000000000000022a0166", "hex");
  assert.equal((await post("/api/v2/spans", proto, { "content-type": "application/x-protobuf" })).status, 202);
  assert.equal((await post("/api/v2/spans", gzipSync(spans("g")), { "content-encoding": "gzip" })).status, 202);
  assert.equal(sink.text, "a b|c|d|e|f|g");
  const accepted = (transport: string) =>
    context.metric("otelcol_receiver_accepted_spans_total", { receiver: "zipkin/otelcol.receiver.zipkin.a", transport });
  assert.deepEqual(["http_v2_json", "http_v1_json", "http_v1_thrift", "http_v2_proto"].map(accepted), [4, 1, 1, 1]);
});

test("parses tags where it is told to, also after an update", async (t) => {
  const { post, sink, update } = await running(t);
  const tag = () => {
    const text = JSON.stringify(decodeRequest("traces", sink.batches.at(-1)?.chunks ?? []));
    return /"key":"n","value":(\{[^}]*\})/.exec(text)?.[1];
  };
  await post("/api/v2/spans", spans("a"));
  assert.equal(tag(), '{"stringValue":"1"}');
  await update("parse_string_tags = true");
  await post("/api/v2/spans", spans("a"));
  assert.equal(tag(), '{"intValue":"1"}');
});

test("bad requests are answered with what is wrong, and counted", async (t) => {
  const { post, context, sink } = await running(t, 'max_request_body_size = "1KiB"');
  assert.deepEqual(await post("/api/v2/spans", ""), { status: 400, text: "zipkinv2: unexpected end of JSON input\n", retryAfter: null });
  assert.match((await post("/api/v1/spans", "{}")).text, /^zipkinv1: expected a list of spans, found a object/);
  assert.equal((await post("/api/v2/spans", "[]")).status, 202);
  assert.equal((await post("/api/v2/spans", spans("x".repeat(2000)))).status, 413);
  assert.equal(context.metric("invar_receiver_malformed_requests_total"), 2);
  assert.equal(sink.batches.length, 0);
});

for (const [reason, retryable, expected] of [
  ["queue_full", true, [429, '"Too Many Requests"', "3"]],
  ["stopping", true, [503, '"Service Unavailable"', "3"]],
  ["other", true, [500, '"Internal Server Error"', "3"]],
  ["invalid", false, [400, '"Bad Request"', null]],
] as const)
  test(`a refusal for ${reason} is answered with ${expected[0]}`, async (t) => {
    const { post, sink, context } = await running(t);
    sink.refusal = new DeliveryError("no", { retryable, reason, retryAfterMs: 2100 });
    const asked = await post("/api/v2/spans", spans("a"));
    sink.pressure = () => undefined;
    const consumed = await post("/api/v2/spans", spans("a"));
    for (const answer of [asked, consumed]) assert.deepEqual([answer.status, answer.text, answer.retryAfter], expected);
    assert.equal(context.metric("invar_receiver_pushed_back_requests_total"), 1);
    assert.equal(context.metric("otelcol_receiver_refused_spans_total"), 1);
  });

test("what does not fit into the process's memory is put off", async (t) => {
  const { post } = await running(t, "", 100);
  assert.deepEqual(Object.values(await post("/api/v2/spans", spans("x".repeat(200)))).slice(0, 1), [429]);
});
