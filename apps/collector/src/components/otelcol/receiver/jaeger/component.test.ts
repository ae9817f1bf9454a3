import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import protobuf from "protobufjs";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { TestSink } from "../../../../signals/otlp/testing.ts";
import { binary, binaryCall, compactCall, i32, i64, list, str, struct, type Thrift } from "../../../../signals/thrift/testing.ts";
import { grpcClient } from "../../../../transport/grpc-client.ts";
import { grpcCodeName, retryAfterMsOf } from "../../../../transport/grpc-status.ts";
import { component } from "./component.ts";
import { POST_SPANS } from "./post-spans.ts";

const all = ["grpc", "thrift_http", "thrift_binary", "thrift_compact"].map((name) => `${name} {\nendpoint = "127.0.0.1:0"\n}`).join("\n");
const full = new DeliveryError("the queue is full", { retryable: true, reason: "queue_full", retryAfterMs: 2500 });

const span = (name: string) =>
  struct({ 1: i64(1), 2: i64(2), 3: i64(3), 4: i64(0), 5: str(name), 7: i32(1), 8: i64(1700000000000000), 9: i64(5) });
const batch = (...names: string[]): Thrift => struct({ 1: struct({ 1: str("shop") }), 2: list(...names.map(span)) });
const call = (names: string[]): Thrift => struct({ 1: batch(...names) });

const model = protobuf.parse(
  `syntax = "proto3"; message Span { bytes trace_id = 1; bytes span_id = 2; string operation_name = 3; }
  message Batch { repeated Span spans = 1; } message PostSpansRequest { Batch batch = 1; }`,
  { keepCase: true },
).root;
const post = (...names: string[]) => {
  const type = model.lookupType("PostSpansRequest");
  const spans = names.map((name) => ({ trace_id: Buffer.alloc(16, 1), span_id: Buffer.alloc(8, 1), operation_name: name }));
  return type.encode(type.fromObject({ batch: { spans } })).finish();
};

async function running(t: { after(fn: () => Promise<void>): void }, protocols = all) {
  const sink = new TestSink();
  const context = testContext({ clock: systemClock, id: "otelcol.receiver.jaeger.a" });
  const decode = (inside: string) =>
    decodeText(component, `protocols {\n${inside}\n}\noutput {\ntraces = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const receiver = await component.create(context, decode(protocols));
  await receiver.start();
  t.after(async () => receiver.stop(AbortSignal.timeout(1000)));
  const ports = () => receiver.debugInfo?.() as Record<string, { port: number }>;
  return {
    sink,
    context,
    receiver,
    ports,
    update: (inside: string) => receiver.update(decode(inside)),
    async overHttp(body: Uint8Array, headers: Record<string, string> = { "content-type": "application/x-thrift" }, method = "POST") {
      const response = await fetch(`http://127.0.0.1:${ports().thrift_http?.port}/api/traces?format=jaeger.thrift`, {
        method,
        headers,
        ...(method === "POST" && { body: new Uint8Array(body) }),
      });
      return { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
    },
    async overGrpc(message: Uint8Array) {
      const client = grpcClient({
        endpoint: `127.0.0.1:${ports().grpc?.port}`,
        tls: undefined,
        balancer: "pick_first",
        waitForReady: true,
        userAgent: "test",
        maxResponseBytes: 1 << 20,
        clock: systemClock,
        log: context.log,
      });
      try {
        const { status, body } = await client.unary(POST_SPANS, [message], { timeoutMs: 5000, headers: {} });
        return { text: `${grpcCodeName(status.code)}: ${status.message}`, retryAfterMs: retryAfterMsOf(status), body };
      } finally {
        await client.close(AbortSignal.timeout(1000));
      }
    },
    async send(name: "thrift_binary" | "thrift_compact", packet: Uint8Array) {
      const socket = createSocket("udp4");
      await new Promise<void>((resolve, reject) =>
        socket.send(packet, ports()[name]?.port ?? 0, "127.0.0.1", (error) => (error === null ? resolve() : reject(error))),
      );
      socket.close();
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), "it did not come to that");
}

test("takes batches by all four ways", async (t) => {
  const { overHttp, overGrpc, send, sink, context } = await running(t);
  assert.deepEqual(await overHttp(binary(batch("a", "b"))), { status: 202, text: "", retryAfter: null });
  assert.equal((await overGrpc(post("c"))).text, "OK: ");
  await send("thrift_binary", binaryCall("emitBatch", call(["d"])));
  await until(() => sink.batches.length === 3);
  await send("thrift_compact", compactCall("emitBatch", call(["e", "f"])));
  await until(() => sink.batches.length === 4);
  assert.equal(sink.text, "a b|c|d|e f");
  const accepted = (transport: string) =>
    context.metric("otelcol_receiver_accepted_spans_total", { receiver: "jaeger/otelcol.receiver.jaeger.a", transport });
  assert.deepEqual(["collector_http", "grpc", "udp_thrift_binary", "udp_thrift_compact"].map(accepted), [2, 1, 1, 2]);
});

test("over HTTP, answers as the incumbent does", async (t) => {
  const { overHttp, sink, context } = await running(t);
  assert.equal(
    (
      await overHttp(gzipSync(binary(batch("packed"))), {
        "content-type": "application/vnd.apache.thrift.binary; x=1",
        "content-encoding": "gzip",
      })
    ).status,
    202,
  );
  assert.deepEqual(await overHttp(binary(batch("a")), { "content-type": "application/<json>" }), {
    status: 400,
    text: "Unsupported content type: application/&lt;json&gt;\n",
    retryAfter: null,
  });
  const half = await overHttp(binary(batch("a")).subarray(0, 30));
  assert.equal(half.status, 400);
  assert.match(half.text, /^Unable to process request body: thrift: /);
  assert.equal((await overHttp(binary(batch("a")), {}, "GET")).status, 405);
  assert.equal(context.metric("invar_receiver_malformed_requests_total"), 2);
  sink.refusal = new DeliveryError("no <way>", { retryable: false, reason: "invalid" });
  // Pressure is asked first; what comes later is told by the batch.
  sink.pressure = () => undefined;
  assert.deepEqual(await overHttp(binary(batch("a"))), { status: 500, text: "Cannot submit Jaeger batch: no <way>\n", retryAfter: null });
  assert.equal(context.metric("otelcol_receiver_refused_spans_total"), 1);
});

test("a sender is asked to wait where nothing can be taken", async (t) => {
  const { overHttp, overGrpc, sink } = await running(t);
  sink.refusal = full;
  const overload = await overHttp(binary(batch("a")));
  assert.deepEqual([overload.status, overload.retryAfter], [429, "3"]);
  const answer = await overGrpc(post("a"));
  assert.deepEqual([answer.text, answer.retryAfterMs], ["RESOURCE_EXHAUSTED: the queue is full", 2500]);
});

test("over gRPC, bad messages and failures have their codes", async (t) => {
  const { overGrpc, sink } = await running(t);
  assert.match((await overGrpc(Buffer.from([0x0a, 0x30, 1]))).text, /^INTERNAL: grpc: error unmarshalling request: /);
  sink.refusal = new DeliveryError("no way", { retryable: false, reason: "invalid" });
  sink.pressure = () => undefined;
  assert.equal((await overGrpc(post("a"))).text, "UNKNOWN: no way");
});

test("packets wait while nothing can be taken, and those beyond the queue are counted as lost", async (t) => {
  const { send, sink, context, receiver } = await running(
    t,
    'thrift_compact {\nendpoint = "127.0.0.1:0"\nqueue_size = 2\nworkers = 1\nmax_packet_size = "1KiB"\n}',
  );
  const lost = (reason: string) => context.metric("invar_receiver_dropped_packets_total", { transport: "udp_thrift_compact", reason });
  sink.refusal = full;
  for (let i = 0; i < 5; i++) await send("thrift_compact", compactCall("emitBatch", call([`s${i}`])));
  await send("thrift_compact", Buffer.alloc(1025));
  await until(() => lost("queue_full") === 2 && lost("too_large") === 1);
  assert.ok(context.budget.usedBytes > 0);
  sink.refusal = undefined;
  await until(() => sink.batches.length === 3);
  assert.equal(sink.text, "s0|s1|s2");
  await until(() => context.budget.usedBytes === 0);
  sink.refusal = full;
  await send("thrift_compact", compactCall("emitBatch", call(["late"])));
  await until(() => context.budget.usedBytes > 0);
  await receiver.stop(AbortSignal.abort());
  await until(() => lost("stopping") === 1);
});

test("packets that are no batches are counted", async (t) => {
  const { send, context } = await running(t);
  await send("thrift_binary", binaryCall("emitZipkinBatch", struct({})));
  await send("thrift_binary", Buffer.from("hello"));
  await send("thrift_compact", compactCall("emitBatch", struct({ 2: i32(1) })));
  await until(() => context.metric("invar_receiver_malformed_requests_total") === 3);
});

test("an update changes only the listeners that are written otherwise", async (t) => {
  const { update, ports, sink, overHttp } = await running(t);
  const before = ports();
  await update(all.replace("grpc {", 'grpc {\nmax_recv_msg_size = "1MiB"'));
  assert.notEqual(ports().grpc?.port, before.grpc?.port);
  assert.equal(ports().thrift_http?.port, before.thrift_http?.port);
  await assert.rejects(async () => update('grpc {\nendpoint = "203.0.113.1:1"\n}'), /cannot assign requested address/);
  assert.equal((await overHttp(binary(batch("still")))).status, 202);
  assert.equal(sink.text, "still");
});

for (const [text, message] of [
  ["protocols { }\noutput { }", /at least one protocol must be enabled/],
  ['protocols {\nthrift_binary {\nendpoint = "nowhere"\n}\n}\noutput { }', /must be host:port/],
  ["output { }", /missing required block "protocols"/],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    assert.match(
      tryDecodeText(component, text)
        .diagnostics.map((each) => each.message)
        .join("; "),
      message,
    );
  });
