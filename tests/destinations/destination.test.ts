import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { compressSync } from "snappy";
import { testAuthority } from "../../apps/collector/src/transport/tls/test-certificates.ts";
import { startNodeExporter } from "../backends/node-exporter.ts";
import { startPrometheus } from "../backends/prometheus.ts";
import { realPart } from "../backends/real-part.ts";
import { runPart } from "../backends/run-part.ts";
import { type Destination, startDestination } from "./destination.ts";
import { encode, protos } from "./protos.ts";
import { bitsOfDouble, staleMarkerBits } from "./remote-write.ts";

// "1 2 5" stands for the spans "work seq=1", "work seq=2", "work seq=5".
function traces(sequence: string): Buffer {
  const spans = sequence
    .split(" ")
    .map((n) => ({ traceId: Buffer.alloc(16, 7), spanId: Buffer.alloc(8, 9), name: `work seq=${n}`, endTimeUnixNano: 5n }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  return encode(protos.traces, { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

async function post(url: string, body: Buffer | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body: new Uint8Array(Buffer.from(body)),
    headers: { "content-type": "application/x-protobuf", ...headers },
  });
}

const pushTraces = (to: Destination, sequence: string) => post(`${to.url}/v1/traces`, traces(sequence));

type Call = { status: string; message: Buffer; details: Buffer };

async function callGrpc(to: Destination, message: Buffer, headers: Record<string, string> = {}, flag = 0): Promise<Call> {
  const session = connectHttp2(`http://${to.grpcUrl}`);
  // A reset connection reaches the stream as well, whose reader throws.
  session.on("error", () => session.destroy());
  try {
    const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...headers });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt8(flag, 0);
    prefix.writeUInt32BE(message.length, 1);
    let trailers: Record<string, unknown> = {};
    for (const event of ["response", "trailers"] as const) stream.on(event, (fields: object) => (trailers = { ...trailers, ...fields }));
    stream.end(Buffer.concat([prefix, message]));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    if (trailers["grpc-status"] === undefined) throw new Error("the call ended without a status");
    const details = Buffer.from(String(trailers["grpc-status-details-bin"] ?? ""), "base64");
    return { status: String(trailers["grpc-status"]), message: Buffer.concat(chunks).subarray(5), details };
  } finally {
    session.destroy();
  }
}

test("takes OTLP over HTTP in every encoding and shows what it understood", async () => {
  await using to = await startDestination();
  const encodings = [
    ["identity", (body: Buffer) => body],
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
    ["snappy", compressSync],
  ] as const;
  for (const [encoding, compress] of encodings) {
    const answer = await post(`${to.url}/v1/traces`, await compress(traces("0 1")), { "content-encoding": encoding });
    assert.equal(answer.status, 200, encoding);
  }
  assert.equal(to.stats().spans, 8);
  const [span] = to.received("spans");
  assert.deepEqual(
    [span?.resource, span?.name, span?.traceId, span?.spanId, span?.endTimeUnixNano],
    [{ "service.name": "shop" }, "work seq=0", "07".repeat(16), "09".repeat(8), 5n],
  );
});

test("takes OTLP in JSON, with hexadecimal identifiers and integers as text", async () => {
  await using to = await startDestination();
  const record = {
    timeUnixNano: "1700000000000000001",
    body: { stringValue: "hello" },
    traceId: "5B8EFFF798038103D269B633813FC60C",
    attributes: [
      { key: "n", value: { intValue: "9007199254740993" } },
      { key: "list", value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } } },
    ],
  };
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  const answer = await post(`${to.url}/v1/logs`, body, { "content-type": "application/json" });
  assert.deepEqual(await answer.json(), {});
  const [log] = to.received("logRecords");
  assert.equal(log?.timeUnixNano, 1700000000000000001n);
  assert.equal(log?.traceId, "5b8efff798038103d269b633813fc60c");
  assert.deepEqual(log?.attributes, { n: 9007199254740993n, list: [true, 1.5] });
});

test("takes every kind of OTLP metric", async () => {
  await using to = await startDestination();
  const at = { timeUnixNano: 7n };
  const metrics = [
    { name: "g", gauge: { dataPoints: [{ ...at, asInt: -3n }] } },
    { name: "s", sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...at, asDouble: 2.5 }] } },
    { name: "h", histogram: { dataPoints: [{ ...at, count: 3n, bucketCounts: [1n, 2n], explicitBounds: [10] }] } },
    { name: "e", exponentialHistogram: { dataPoints: [{ ...at, scale: -1, positive: { offset: -2, bucketCounts: [4n] } }] } },
    { name: "q", summary: { dataPoints: [{ ...at, quantileValues: [{ quantile: 0.5, value: 8 }] }] } },
  ];
  await post(`${to.url}/v1/metrics`, encode(protos.metrics, { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  const points = to.received("points");
  assert.deepEqual(
    points.map((point) => [point.metric, point.kind, point.value, point.timeUnixNano]),
    [
      ["g", "gauge", -3n, 7n],
      ["s", "sum", 2.5, 7n],
      ["h", "histogram", undefined, 7n],
      ["e", "exponentialHistogram", undefined, 7n],
      ["q", "summary", undefined, 7n],
    ],
  );
  assert.deepEqual(points[2]?.data.bucketCounts, ["1", "2"]);
});

test("takes OTLP over gRPC, compressed or not, and refuses an unknown method", async () => {
  await using to = await startDestination();
  assert.equal((await callGrpc(to, traces("0"))).status, "0");
  assert.equal((await callGrpc(to, gzipSync(traces("1")), { "grpc-encoding": "gzip" }, 1)).status, "0");
  assert.equal((await callGrpc(to, Buffer.from("nonsense"))).status, "3");
  assert.equal((await callGrpc(to, traces("2"), { ":path": "/shop.Cart/Add" })).status, "12");
  assert.deepEqual(to.sequences("spans").counts(), { unique: 2, duplicates: 0, missing: 0 });
});

test("takes remote write of both versions with staleness markers, histograms, exemplars and metadata", async () => {
  await using to = await startDestination();
  const value = bitsOfDouble(1.5);
  const stale = { value: staleMarkerBits, timestamp: 2000n };
  const first = encode(protos.remoteWrite1, {
    timeseries: [
      {
        labels: [
          { name: "__name__", value: "up" },
          { name: "job", value: "a" },
        ],
        samples: [{ value, timestamp: 1000n }, stale],
        exemplars: [{ labels: [{ name: "trace_id", value: "x" }], value: 3, timestamp: 900n }],
      },
    ],
    metadata: [{ type: 2, metricFamilyName: "up", help: "is it up" }],
  });
  const second = encode(protos.remoteWrite2, {
    symbols: ["", "__name__", "up", "job", "a", "is it up"],
    timeseries: [
      {
        labelsRefs: [1, 2, 3, 4],
        samples: [{ value, timestamp: 3000n, startTimestamp: 500n }],
        histograms: [{ countInt: 4n, sum: bitsOfDouble(9), schema: -1, positiveDeltas: [3n, -2n], timestamp: 4000n }],
        metadata: { type: 2, helpRef: 5 },
      },
    ],
  });
  const headers = { "content-encoding": "snappy" };
  assert.equal((await post(to.remoteWriteUrl, await compressSync(first), headers)).status, 204);
  const type = { ...headers, "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request" };
  const answer = await post(to.remoteWriteUrl, await compressSync(second), type);
  assert.equal(answer.headers.get("x-prometheus-remote-write-samples-written"), "1");
  assert.equal(answer.headers.get("x-prometheus-remote-write-histograms-written"), "1");
  const samples = to.received("samples");
  assert.deepEqual(
    samples.map((sample) => [sample.version, sample.labels.job, sample.timestampMs, sample.value, sample.isStale, sample.startTimestampMs]),
    [
      [1, "a", 1000, 1.5, false, 0],
      [1, "a", 2000, Number.NaN, true, 0],
      [2, "a", 3000, 1.5, false, 500],
      [2, "a", 4000, undefined, false, 0],
    ],
  );
  assert.deepEqual(samples[3]?.histogram?.positiveDeltas, ["3", "-2"]);
  assert.deepEqual(to.received("exemplars")[0]?.labels, { trace_id: "x" });
  assert.deepEqual(
    to.received("metadata").map((entry) => `${entry.metric}: ${entry.help}`),
    ["up: is it up", "up: is it up"],
  );
  assert.deepEqual([to.stats().series, to.stats().outOfOrderSamples, to.stats().repeatedSamples], [1, 0, 0]);
});

test("refuses label sets that are not sorted, and remote write that is not compressed", async () => {
  await using to = await startDestination();
  const labels = ["b", "a"].map((name) => ({ name, value: "x" }));
  const body = encode(protos.remoteWrite1, { timeseries: [{ labels, samples: [{}] }] });
  const answer = await post(to.remoteWriteUrl, await compressSync(body), { "content-encoding": "snappy" });
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /label a after b/);
  assert.equal((await post(to.remoteWriteUrl, body)).status, 400);
  assert.equal(to.stats().malformed, 2);
});

test("takes Loki pushes in protobuf and JSON, with tenant and structured metadata", async () => {
  await using to = await startDestination();
  const entry = { timestamp: { seconds: 10n, nanos: 5 }, line: "placed seq=0", structuredMetadata: [{ name: "user", value: "u" }] };
  const body = encode(protos.lokiPush, { streams: [{ labels: '{app="shop", path="a\\"b\\\\c\\xc3\\xa9"}', entries: [entry] }] });
  assert.equal((await post(to.lokiUrl, await compressSync(body), { "x-scope-orgid": "team" })).status, 204);
  const json = JSON.stringify({ streams: [{ stream: { app: "shop" }, values: [["10000000004", "placed seq=1", { user: "v" }]] }] });
  assert.equal((await post(to.lokiUrl, json, { "content-type": "application/json" })).status, 204);
  assert.deepEqual(
    to.received("lines").map((line) => [line.labels, line.timestampNs, line.line, line.structuredMetadata, line.tenant]),
    [
      [{ app: "shop", path: 'a"b\\cé' }, 10_000_000_005n, "placed seq=0", { user: "u" }, "team"],
      [{ app: "shop" }, 10_000_000_004n, "placed seq=1", { user: "v" }, ""],
    ],
  );
});

test("tells lines and samples that come out of order or twice", async () => {
  await using to = await startDestination();
  const values = ["5", "9", "7", "9"].map((time, index) => [time, `seq=${index}`]);
  await post(to.lokiUrl, JSON.stringify({ streams: [{ stream: { app: "a" }, values }] }), { "content-type": "application/json" });
  assert.equal(to.stats().outOfOrderLines, 1);
  const samples = [1n, 3n, 3n, 2n, 4n].map((timestamp) => ({ timestamp }));
  const body = encode(protos.remoteWrite1, { timeseries: [{ labels: [{ name: "__name__", value: "up" }], samples }] });
  await post(to.remoteWriteUrl, await compressSync(body), { "content-encoding": "snappy" });
  assert.deepEqual([to.stats().outOfOrderSamples, to.stats().repeatedSamples], [1, 1]);
});

test("tells loss from duplication by sequence numbers", async () => {
  await using to = await startDestination();
  await pushTraces(to, "0 1 4");
  await pushTraces(to, "1 5");
  assert.deepEqual(to.sequences("spans").counts(), { unique: 4, duplicates: 1, missing: 2 });
  assert.deepEqual(to.sequences("spans").gaps(8), [2, 3, 6, 7]);
});

test("answers a fault with its status and does not take the data", async () => {
  await using to = await startDestination();
  to.fault({ mode: 429, retryAfterSeconds: 3 });
  const answer = await pushTraces(to, "0");
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, "3"]);
  to.fault("503");
  assert.equal((await pushTraces(to, "0")).status, 503);
  to.fault("ok");
  assert.equal((await pushTraces(to, "0")).status, 200);
  assert.deepEqual([to.stats().refused, to.stats().spans], [2, 1]);
  assert.deepEqual(
    to.requests.map((request) => request.answer),
    [429, 503, 200],
  );
});

test("answers the same faults over gRPC with its codes and RetryInfo", async () => {
  await using to = await startDestination();
  const expected = { 400: "3", 401: "16", 403: "7", 429: "8", 500: "13", 503: "14" };
  for (const [status, code] of Object.entries(expected)) {
    to.fault(Number(status));
    assert.equal((await callGrpc(to, traces("0"))).status, code);
  }
  to.fault({ mode: 429, retryAfterSeconds: 1.5 });
  const { details } = await callGrpc(to, traces("0"));
  const status = protos.rpcStatus.toObject(protos.rpcStatus.decode(details), { longs: String });
  assert.equal(status.details[0].typeUrl, "type.googleapis.com/google.rpc.RetryInfo");
  const retry = protos.retryInfo.toObject(protos.retryInfo.decode(status.details[0].value), { longs: String });
  assert.deepEqual(retry, { retryDelay: { seconds: "1", nanos: 500_000_000 } });
});

test("hits every Nth request, with several modes in turn, and only the protocol named", async () => {
  await using to = await startDestination();
  to.fault({ mode: [503, 429], every: 2, only: "otlp/http" });
  const seen: number[] = [];
  for (let request = 0; request < 6; request++) {
    assert.equal((await callGrpc(to, traces(String(100 + request)))).status, "0");
    seen.push((await pushTraces(to, String(request))).status);
  }
  assert.deepEqual(seen, [200, 503, 200, 429, 200, 503]);
});

test("drops a connection before or after it took the data", async () => {
  await using to = await startDestination();
  to.fault("drop");
  await assert.rejects(pushTraces(to, "0"));
  to.fault("drop-after");
  await assert.rejects(pushTraces(to, "1"));
  await assert.rejects(callGrpc(to, traces("2")));
  assert.deepEqual(
    to.received("spans").map((span) => span.name),
    ["work seq=1", "work seq=2"],
  );
});

test("hangs until the client gives up, and stops all the same", async () => {
  await using to = await startDestination();
  to.fault("hang");
  const request = httpRequest(`${to.url}/v1/traces`, { method: "POST", headers: { "content-type": "application/x-protobuf" } });
  const broken = once(request, "error");
  request.end(traces("0"));
  await to.until((stats) => stats.requests === 1);
  await to.stop();
  await broken;
  assert.equal(to.stats().spans, 0);
});

test("is slow when told, and takes half with a partial success", async () => {
  await using to = await startDestination();
  to.fault({ mode: "slow", delayMs: 60 });
  const begin = performance.now();
  await pushTraces(to, "0");
  assert.ok(performance.now() - begin >= 55);
  to.fault("partial");
  const answer = await pushTraces(to, "1 2 3");
  const response = protos.otlpResponse.toObject(protos.otlpResponse.decode(new Uint8Array(await answer.arrayBuffer())), { longs: String });
  assert.equal(response.partialSuccess.rejected, "1");
  assert.deepEqual(to.sequences("spans").counts(), { unique: 3, duplicates: 0, missing: 0 });
});

test("asks for credentials over HTTP and gRPC", async () => {
  await using to = await startDestination({ credentials: { username: "me", password: "secret" } });
  const authorization = `Basic ${Buffer.from("me:secret").toString("base64")}`;
  assert.equal((await pushTraces(to, "0")).status, 401);
  assert.equal((await post(`${to.url}/v1/traces`, traces("0"), { authorization: "Basic bm8=" })).status, 401);
  assert.equal((await post(`${to.url}/v1/traces`, traces("0"), { authorization })).status, 200);
  assert.equal((await callGrpc(to, traces("1"))).status, "16");
  assert.equal((await callGrpc(to, traces("1"), { authorization })).status, "0");
  assert.deepEqual([to.stats().unauthenticated, to.stats().spans], [3, 2]);
});

test("asks for a client certificate where TLS is mutual", async () => {
  const [authority, stranger] = [testAuthority(), testAuthority("stranger")];
  const server = authority.issue("localhost", "127.0.0.1");
  await using to = await startDestination({ tls: { ...server, clientCa: authority.ca } });
  const push = async (client: { cert: string; key: string } | undefined) => {
    const { hostname, port } = new URL(to.url);
    const headers = { "content-type": "application/x-protobuf" };
    const request = httpsRequest({
      hostname,
      port,
      path: "/v1/traces",
      method: "POST",
      headers,
      ca: authority.ca,
      agent: false,
      ...client,
    });
    request.end(traces("0"));
    const [response] = await once(request, "response");
    response.resume();
    return response.statusCode;
  };
  assert.equal(await push(authority.issue("client")), 200);
  await assert.rejects(push(undefined));
  await assert.rejects(push(stranger.issue("client")));
  assert.equal(to.stats().spans, 1);
});

test("counts on, but keeps no more items than it was told", async () => {
  await using to = await startDestination({ keep: 2 });
  await pushTraces(to, "0 1 2");
  await pushTraces(to, "3");
  assert.deepEqual([to.received("spans").length, to.stats().spans], [2, 4]);
});

test("can be asked and switched by hand over HTTP", async () => {
  await using to = await startDestination();
  await fetch(`${to.url}/fault?mode=503&retry_after=2`);
  assert.equal((await pushTraces(to, "0")).headers.get("retry-after"), "2");
  assert.equal((await fetch(`${to.url}/fault?mode=nonsense`)).status, 400);
  await fetch(`${to.url}/fault?mode=`);
  await pushTraces(to, "0");
  const stats = (await (await fetch(`${to.url}/stats`)).json()) as { spans: number };
  assert.equal(stats.spans, 1);
  assert.equal((await post(`${to.url}/nowhere`, "x")).status, 404);
});

const needs = (...names: Parameters<typeof realPart>[0][]) => ({
  skip: names.map((name) => realPart(name).skip).find((skip) => skip !== undefined),
});

test("understands a real OTLP client over gRPC and HTTP", needs("telemetrygen"), async () => {
  await using to = await startDestination();
  const args = ["--otlp-insecure", "--workers=1", "--rate=0"];
  const grpc = await runPart("telemetrygen", ["traces", ...args, "--traces=5", "--child-spans=1", `--otlp-endpoint=${to.grpcUrl}`]);
  assert.equal(grpc.code, 0, grpc.output);
  const host = new URL(to.url).host;
  const http = await runPart("telemetrygen", ["logs", ...args, "--logs=5", "--otlp-http", `--otlp-endpoint=${host}`]);
  assert.equal(http.code, 0, http.output);
  assert.deepEqual([to.stats().spans, to.stats().logRecords, to.stats().malformed], [10, 5, 0]);
  assert.equal(to.received("spans")[0]?.resource["service.name"], "telemetrygen");
});

test("understands a real Prometheus writing version 1 and version 2", needs("prometheus", "node-exporter"), async () => {
  await using exporter = await startNodeExporter();
  const target = new URL(exporter.metricsUrl).host;
  await using to = await startDestination();
  const versions = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"];
  const remoteWrite = versions.map((message) => `{ url: "${to.remoteWriteUrl}", protobuf_message: "${message}" }`);
  await using prometheus = await startPrometheus({
    scrapeConfigs: `[{ job_name: host, static_configs: [{ targets: ["${target}"] }] }]`,
    remoteWrite: `[${remoteWrite.join(", ")}]`,
  });
  const seen = (version: 1 | 2) =>
    to.received("samples").some((sample) => sample.version === version && sample.labels.__name__ === "node_load1");
  await to.until(() => seen(1) && seen(2), 60_000);
  assert.equal(to.stats().malformed, 0, prometheus.output());
});
