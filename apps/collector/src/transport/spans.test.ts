import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { systemClock } from "../component/clock.ts";
import { recordingTracer, testContext } from "../component/testing.ts";
import type { Tracer } from "../component/tracing.ts";
import { grpcClient } from "./grpc-client.ts";
import { defaultGrpcKeepalive, defaultGrpcLimits, startGrpcServer } from "./grpc-server.ts";
import { grpcStatus } from "./grpc-status.ts";
import { createHttpClient } from "./http/client.ts";
import { startHttpServer } from "./http-server.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const { log } = testContext();
const clock = systemClock;
const limits = {
  maxBodyBytes: 1000,
  maxConnections: 0,
  readTimeoutMs: 0,
  headerTimeoutMs: 60_000,
  writeTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAlive: true,
};

async function httpServer(tracer: Tracer) {
  const routes = {
    "/a": { methods: ["POST"], handle: () => ({ status: 204 }) },
    "/bad": { methods: ["POST"], handle: () => ({ status: 503 }) },
  };
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, routes, encodings: [], limits, tracer, clock, log });
  closing.push(() => server.close(AbortSignal.abort()));
  return server;
}

function httpClient(tracer: Tracer) {
  const client = createHttpClient({ tls: undefined, followRedirects: false, http2: false, idleTimeoutMs: 1000, tracer, clock, log });
  closing.push(() => client.close());
  return client;
}

const noPort = (span: string) => span.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:PORT").replace(/port=\d+/, "port=PORT");

test("requests over HTTP are spans of both sides, the server's a child of the client's", async () => {
  const [ours, theirs] = [recordingTracer(), recordingTracer()];
  const server = await httpServer(theirs);
  const client = httpClient(ours);
  const post = (path: string, timeoutMs = 5000) =>
    client.request({ method: "POST", url: `http://user:secret@127.0.0.1:${server.port}${path}?token=x`, timeoutMs, maxResponseBytes: 0 });
  await post("/a");
  await post("/bad");
  const request = "client POST http.request.method=POST server.address=127.0.0.1 server.port=PORT url.full=http://127.0.0.1:PORT";
  assert.deepEqual(ours.spans.map(noPort), [
    `${request}/a http.response.status_code=204`,
    `${request}/bad http.response.status_code=503 ! the answer is 503`,
  ]);
  const of = (path: string) =>
    `server POST ${path} in traceparent of POST http.request.method=POST url.path=${path} http.route=${path} client.address=127.0.0.1`;
  assert.deepEqual(theirs.spans, [
    `${of("/a")} http.response.status_code=204`,
    `${of("/bad")} http.response.status_code=503 ! the answer is 503`,
  ]);
});

test("a request that gets no answer says why in its span, and names itself only where that is wanted", async () => {
  const [ours, theirs] = [recordingTracer(false), recordingTracer()];
  const server = await httpServer(theirs);
  const client = httpClient(ours);
  await client.request({ method: "POST", url: `http://127.0.0.1:${server.port}/a`, timeoutMs: 5000, maxResponseBytes: 0 });
  assert.doesNotMatch(theirs.spans[0] ?? "", / in traceparent/);
  await assert.rejects(client.request({ method: "GET", url: "http://127.0.0.1:1/", timeoutMs: 5000, maxResponseBytes: 0 }));
  assert.match(ours.spans[1] ?? "", /^client GET .* error\.type=connection ! /);
});

test("calls over gRPC are spans of both sides", async () => {
  const [ours, theirs] = [recordingTracer(), recordingTracer()];
  const answer = (message: Uint8Array) => Promise.resolve(message.length > 0 ? message : grpcStatus("INVALID_ARGUMENT", "nothing in it"));
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    methods: { "/test.Service/Echo": { maxMessageBytes: 1000, handle: answer } },
    limits: defaultGrpcLimits,
    keepalive: defaultGrpcKeepalive,
    tracer: theirs,
    clock,
    log,
  });
  closing.push(() => server.close(AbortSignal.abort()));
  const client = grpcClient({
    endpoint: `127.0.0.1:${server.port}`,
    tls: undefined,
    balancer: "pick_first",
    waitForReady: true,
    userAgent: "test",
    maxResponseBytes: 1000,
    tracer: ours,
    clock,
    log,
    environment: {},
  });
  closing.push(() => client.close(AbortSignal.abort()));
  await client.unary("/test.Service/Echo", [Buffer.from("x")], { timeoutMs: 5000 });
  await client.unary("/test.Service/Echo", [], { timeoutMs: 5000 });
  const call = "rpc.system=grpc rpc.service=test.Service rpc.method=Echo";
  assert.deepEqual(ours.spans.map(noPort), [
    `client test.Service/Echo ${call} server.address=127.0.0.1:PORT rpc.grpc.status_code=0`,
    `client test.Service/Echo ${call} server.address=127.0.0.1:PORT rpc.grpc.status_code=3 ! INVALID_ARGUMENT`,
  ]);
  assert.deepEqual(theirs.spans, [
    `server test.Service/Echo in traceparent of test.Service/Echo ${call} rpc.grpc.status_code=0`,
    `server test.Service/Echo in traceparent of test.Service/Echo ${call} rpc.grpc.status_code=3`,
  ]);
});
