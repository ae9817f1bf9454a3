import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { systemClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { encodeRequest, requestOf, TestSink } from "../../../../signals/otlp/testing.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { grpcClient } from "../../../../transport/grpc-client.ts";
import { grpcCodeName, retryAfterMsOf } from "../../../../transport/grpc-status.ts";
import { component } from "./component.ts";
import { grpcPaths } from "./grpc.ts";

const both = 'grpc {\nendpoint = "127.0.0.1:0"\n}\nhttp {\nendpoint = "127.0.0.1:0"\n}';
const http = (inside: string) => `http {\nendpoint = "127.0.0.1:0"\n${inside}\n}`;
const grpc = (inside: string) => `grpc {\nendpoint = "127.0.0.1:0"\n${inside}\n}`;

/** Lets in who says `Bearer good`. */
const auth: AuthHandler = {
  id: "otelcol.auth.test.x",
  server: {
    authenticate: (metadata) =>
      metadata.get("authorization") === "Bearer good"
        ? { granted: true, attributes: { subject: "me" } }
        : { granted: false, message: "not you" },
  },
};

interface Info {
  readonly grpc?: { readonly port: number };
  readonly http?: { readonly port: number };
}

async function running(text: string, options: { outputs?: string; budgetBytes?: number } = {}) {
  const sink = new TestSink();
  const context = testContext({
    clock: systemClock,
    id: "otelcol.receiver.otlp.test",
    ...(options.budgetBytes !== undefined && { budgetBytes: options.budgetBytes }),
  });
  const decode = (inside: string, outputs = options.outputs ?? "traces = [sink]\nmetrics = [sink]\nlogs = [sink]") =>
    decodeText(component, `${inside}\noutput {\n${outputs}\n}`, {
      sink: capsuleOf("otelcol.Consumer", sink),
      auth: capsuleOf("otelcol.Handler", auth),
    });
  const receiver = await component.create(context, decode(text));
  await receiver.start();
  const info = () => receiver.debugInfo?.() as Info;
  return {
    sink,
    context,
    receiver,
    info,
    update: (inside: string, outputs?: string) => receiver.update(decode(inside, outputs)),
    /** Posts and gives `status content-type body`. */
    async post(path: string, body: Uint8Array | string, headers: Record<string, string> = {}, method = "POST") {
      const response = await fetch(`http://127.0.0.1:${info().http?.port}${path}`, {
        method,
        headers: { "content-type": "application/x-protobuf", ...headers },
        ...(method !== "GET" && { body: typeof body === "string" ? body : new Uint8Array(body) }),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      return {
        status: response.status,
        type: response.headers.get("content-type") ?? "",
        retryAfter: response.headers.get("retry-after"),
        bytes,
        headers: response.headers,
      };
    },
    /** Calls and gives `CODE: message`. */
    async call(signal: Signal, message: Uint8Array, headers: Record<string, string> = {}) {
      const client = grpcClient({
        endpoint: `127.0.0.1:${info().grpc?.port}`,
        tls: undefined,
        balancer: "pick_first",
        waitForReady: true,
        userAgent: "test",
        maxResponseBytes: 1 << 20,
        clock: systemClock,
        log: context.log,
      });
      try {
        const { status, body } = await client.unary(grpcPaths[signal], [message], { timeoutMs: 5000, headers });
        return { text: `${grpcCodeName(status.code)}: ${status.message}`, retryAfterMs: retryAfterMsOf(status), body };
      } finally {
        await client.close(AbortSignal.timeout(1000));
      }
    },
    stop: () => receiver.stop(AbortSignal.timeout(2000)),
  };
}

test("takes every signal over HTTP and gRPC, and answers when it was taken", async () => {
  const { post, call, sink, context, stop } = await running(both);
  for (const signal of ["traces", "metrics", "logs"] as const) {
    const overHttp = await post(`/v1/${signal}`, requestOf(signal, [`${signal}-http`]));
    assert.deepEqual([overHttp.status, overHttp.type, overHttp.bytes.length], [200, "application/x-protobuf", 0]);
    const overGrpc = await call(signal, requestOf(signal, [`${signal}-grpc`]));
    assert.deepEqual([overGrpc.text, overGrpc.body?.length], ["OK: ", 0]);
  }
  assert.equal(sink.text, "traces-http|traces-grpc|metrics-http|metrics-grpc|logs-http|logs-grpc");
  assert.equal(context.metric("otelcol_receiver_accepted_spans_total", { transport: "http" }), 1);
  assert.equal(context.metric("otelcol_receiver_accepted_log_records_total", { transport: "grpc" }), 1);
  assert.equal(context.metric("rpc_server_requests_per_rpc_count", { rpc_grpc_status_code: "0" }), 3);
  assert.equal(context.metric("http_server_duration_milliseconds_count", { http_status_code: "200" }), 3);
  await stop();
});

test("takes JSON, and answers in it", async () => {
  const { post, sink, stop } = await running(http(""));
  const json = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}';
  const taken = await post("/v1/logs", json, { "content-type": "application/json; charset=utf-8" });
  assert.deepEqual([taken.status, taken.type, taken.bytes.toString()], [200, "application/json", "{}"]);
  assert.equal(sink.text, "hello");
  const refused = await post("/v1/logs", '{"resourceLogs":7}', { "content-type": "application/json" });
  assert.equal(refused.status, 400);
  assert.deepEqual(JSON.parse(refused.bytes.toString()), {
    code: 3,
    message: 'JSON: expected a list (resourceLogs) at byte 16, found "7"',
  });
  await stop();
});

test("unpacks bodies, within the limit on what they become", async () => {
  const { post, sink, stop } = await running(http('max_request_body_size = "10KiB"'));
  const body = requestOf("traces", ["packed"]);
  assert.equal((await post("/v1/traces", gzipSync(body), { "content-encoding": "gzip" })).status, 200);
  assert.equal((await post("/v1/traces", zstdCompressSync(body), { "content-encoding": "zstd" })).status, 200);
  assert.equal(sink.text, "packed|packed");
  assert.equal((await post("/v1/traces", gzipSync(Buffer.alloc(1 << 20)), { "content-encoding": "gzip" })).status, 413);
  assert.equal((await post("/v1/traces", Buffer.alloc(20_000))).status, 413);
  assert.equal((await post("/v1/traces", body, { "content-encoding": "gzip" })).status, 400);
  await stop();
});

test("an empty request is a success", async () => {
  const { post, call, sink, stop } = await running(both);
  assert.equal((await post("/v1/traces", new Uint8Array(0))).status, 200);
  assert.equal((await call("traces", new Uint8Array(0))).text, "OK: ");
  assert.equal((await post("/v1/traces", encodeRequest("traces", { resourceSpans: [{}] }))).status, 200);
  assert.equal(sink.batches.length, 0);
  await stop();
});

test("a request over several packets arrives whole, and its memory is used again", async () => {
  const { post, sink, stop } = await running(http(""));
  const names = Array.from({ length: 3000 }, (_, i) => `span-number-${i}-with-a-long-name-to-fill-packets`);
  for (let i = 0; i < 3; i++) {
    assert.equal((await post("/v1/traces", requestOf("traces", names))).status, 200);
    assert.equal(sink.text, names.join(" "));
    for (const batch of sink.batches.splice(0)) batch.release();
  }
  await stop();
});

for (const [title, body, reason] of [
  ["a truncated message", Buffer.from("0a05", "hex"), /claims 5 bytes/],
  ["a text that is not UTF-8", requestOf("traces", ["x"]).map((byte) => (byte === 0x78 ? 0xff : byte)), /not UTF-8/],
  ["something else", Buffer.from("<html>"), /OTLP/],
] as const)
  test(`answers ${title} in the protocol's own words and counts it`, async () => {
    const { post, call, sink, context, stop } = await running(both);
    const { status, type, bytes } = await post("/v1/traces", body);
    assert.deepEqual([status, type, bytes.subarray(0, 2).toString("hex")], [400, "application/x-protobuf", "0803"]);
    assert.match(bytes.toString(), reason);
    assert.match((await call("traces", body)).text, new RegExp(`^INVALID_ARGUMENT: .*${reason.source}`));
    assert.equal(sink.batches.length, 0);
    assert.equal(context.metric("invar_receiver_malformed_requests_total"), 2);
    await stop();
  });

test("other pages, methods and formats are refused", async () => {
  const { post, stop } = await running(http('traces_url_path = "in/traces"'));
  assert.equal((await post("/v1/traces", "")).status, 404);
  assert.equal((await post("/in/traces", "")).status, 200);
  const method = await post("/v1/logs", "", {}, "PUT");
  assert.deepEqual([method.status, method.bytes.toString()], [405, "405 method not allowed, supported: [POST]"]);
  const format = await post("/v1/logs", "<a/>", { "content-type": "text/xml" });
  assert.deepEqual(
    [format.status, format.bytes.toString()],
    [415, "415 unsupported media type, supported: [application/json, application/x-protobuf]"],
  );
  await stop();
});

test("a signal that leads nowhere is not offered", async () => {
  const { post, call, update, stop } = await running(both, { outputs: "traces = [sink]" });
  assert.equal((await post("/v1/logs", requestOf("logs", ["a"]))).status, 404);
  assert.match((await call("logs", requestOf("logs", ["a"]))).text, /^UNIMPLEMENTED/);
  await update(both, "logs = [sink]");
  assert.equal((await post("/v1/logs", requestOf("logs", ["a"]))).status, 200);
  await stop();
});

for (const [reason, retryable, retryAfterMs, expected] of [
  ["queue_full", true, 2500, "429 3, RESOURCE_EXHAUSTED 2500"],
  ["memory_limit", true, undefined, "429 1, RESOURCE_EXHAUSTED 1000"],
  ["stopping", true, 5000, "503 5, UNAVAILABLE 5000"],
  ["record_too_large", false, undefined, "500 null, INTERNAL undefined"],
] as const)
  test(`${reason} is answered with ${expected}`, async () => {
    const { post, call, sink, context, stop } = await running(both);
    const refusal = new DeliveryError("no", { retryable, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) });
    // Refused only after the body was read.
    sink.pressure = () => undefined;
    sink.refusal = refusal;
    const overHttp = await post("/v1/traces", requestOf("traces", ["a", "b"]));
    const overGrpc = await call("traces", requestOf("traces", ["a"]));
    assert.equal(`${overHttp.status} ${overHttp.retryAfter}, ${overGrpc.text.split(":")[0]} ${overGrpc.retryAfterMs}`, expected);
    assert.equal(context.metric("otelcol_receiver_refused_spans_total", { transport: "http" }), 2);
    assert.equal(context.metric("otelcol_receiver_refused_spans_total", { transport: "grpc" }), 1);
    await stop();
  });

test("pushes back before it reads the body while nobody below takes anything", async () => {
  const { post, call, sink, context, stop } = await running(both);
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full", retryAfterMs: 2000 });
  const { status, retryAfter } = await post("/v1/traces", Buffer.from("this is not even read"));
  assert.deepEqual([status, retryAfter], [429, "2"]);
  const { text, retryAfterMs } = await call("traces", Buffer.from("nor is this"));
  assert.deepEqual([text.split(":")[0], retryAfterMs], ["RESOURCE_EXHAUSTED", 2000]);
  assert.equal(context.metric("invar_receiver_pushed_back_requests_total"), 2);
  assert.equal(context.metric("invar_receiver_malformed_requests_total"), undefined);
  await stop();
});

test("pushes back while the process has no memory to spare", async () => {
  const { post, context, stop } = await running(http(""), { budgetBytes: 100 });
  assert.equal((await post("/v1/traces", requestOf("traces", ["a".repeat(200)]))).status, 429);
  assert.equal((await post("/v1/traces", requestOf("traces", ["a"]))).status, 200);
  assert.equal(context.budget.usedBytes, 0);
  await stop();
});

test("lets in only who shows credentials", async () => {
  const { post, call, sink, stop } = await running(`${http("auth = auth")}\n${grpc("auth = auth")}`);
  const body = requestOf("traces", ["a"]);
  assert.equal((await post("/v1/traces", body)).status, 401);
  assert.match((await call("traces", body)).text, /^UNAUTHENTICATED: not you/);
  const good = { authorization: "Bearer good" };
  assert.equal((await post("/v1/traces", body, good)).status, 200);
  assert.equal((await call("traces", body, good)).text, "OK: ");
  assert.deepEqual(
    sink.batches.map(({ client }) => client?.attributes?.subject),
    ["me", "me"],
  );
  await stop();
});

test("passes metadata on only where told to, the address always", async () => {
  const { post, call, sink, stop } = await running(`${http("include_metadata = true")}\n${grpc("")}`);
  await post("/v1/traces", requestOf("traces", ["a"]), { "x-tenant": "one" });
  await call("traces", requestOf("traces", ["a"]), { "x-tenant": "one" });
  const [overHttp, overGrpc] = sink.batches.map(({ client }) => client);
  assert.deepEqual([overHttp?.metadata.get("X-Tenant"), overGrpc?.metadata.get("X-Tenant")], ["one", undefined]);
  assert.match(`${overGrpc?.address}`, /127\.0\.0\.1/);
  await stop();
});

test("answers pages of other origins as cors says", async () => {
  const { post, stop } = await running(http('cors {\nallowed_origins = ["https://*.example.com"]\nmax_age = 60\n}'));
  const asked = await post("/v1/traces", "", { origin: "https://a.example.com", "access-control-request-method": "POST" }, "OPTIONS");
  assert.equal(asked.headers.get("access-control-allow-origin"), "https://a.example.com");
  const other = await post("/v1/traces", "", { origin: "https://example.org" });
  assert.equal(other.headers.get("access-control-allow-origin"), null);
  await stop();
});

test("an update that changes nothing of a listener keeps it, one that can't listen keeps the old", async () => {
  const { info, update, post, sink, stop } = await running(http(""));
  const { port } = info().http ?? {};
  await update(http(""), "traces = [sink]\nlogs = [sink]\nmetrics = [sink, sink]");
  assert.equal(info().http?.port, port);
  await post("/v1/metrics", requestOf("metrics", ["a"]));
  assert.equal(sink.batches.length, 2);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port: takenPort } = taken.address() as { port: number };
  await assert.rejects(async () => update(`http {\nendpoint = "127.0.0.1:${takenPort}"\n}`), /address already in use/);
  assert.equal((await post("/v1/traces", requestOf("traces", ["a"]))).status, 200);
  await update(`${http("")}\n${grpc("")}`);
  assert.ok(info().grpc !== undefined);
  await update(grpc(""));
  assert.equal(info().http, undefined);
  taken.close();
  await stop();
});

test("says which address it can't have, and leaves the other one", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  await assert.rejects(running(`${grpc("")}\nhttp {\nendpoint = "127.0.0.1:${port}"\n}`), /address already in use/);
  taken.close();
});

test("a stop lets requests under way end", async () => {
  const { post, sink, receiver } = await running(http(""));
  sink.holds = true;
  const answer = post("/v1/traces", requestOf("traces", ["a"]));
  while (!sink.isAsked) await new Promise((resolve) => setTimeout(resolve, 2));
  const stopped = receiver.stop(AbortSignal.timeout(5000));
  sink.holds = false;
  sink.go();
  assert.equal((await answer).status, 200);
  await stopped;
});

test("metrics tell clients apart only where told to", async () => {
  const { post, context, stop } = await running(`${http("")}\ndebug_metrics {\ndisable_high_cardinality_metrics = false\n}`);
  await post("/v1/traces", requestOf("traces", ["a"]));
  assert.equal(context.metric("http_server_duration_milliseconds_count", { net_sock_peer_addr: "127.0.0.1" }), 1);
  await stop();
});

for (const [text, message] of [
  [http('traces_url_path = ""'), "traces_url_path cannot be empty"],
  ['http {\nendpoint = "nonsense"\n}', "must be host:port"],
  [http('compression_algorithms = ["brotli"]'), 'unsupported compression type "brotli"'],
  [grpc('transport = "udp"'), "udp"],
  [grpc("tls {\n}"), "must include both certificate and key"],
  [http("auth = wrong"), "does not support server authentication"],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const wrong = capsuleOf("otelcol.Handler", {
      id: "otelcol.auth.client_only.x",
      client: { requiresTls: false, authenticate: () => {} },
    });
    const { diagnostics } = tryDecodeText(component, `${text}\noutput {}`, { wrong });
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.message.includes(message)),
      diagnostics.map((d) => d.message).join(),
    );
  });
