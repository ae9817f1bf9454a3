import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import protobuf from "protobufjs";
import { systemClock } from "../../apps/collector/src/component/clock.ts";
import { testContext } from "../../apps/collector/src/component/testing.ts";
import type { ApiServerRig } from "../../apps/collector/src/kubernetes/api-server-rig.ts";
import { binary, i32, i64, list, str, struct } from "../../apps/collector/src/signals/thrift/testing.ts";
import { grpcClient } from "../../apps/collector/src/transport/grpc-client.ts";
import { encode, protos } from "../destinations/protos.ts";
import { pods } from "./world.ts";

/** What a configuration listens on, by the port that it names. */
export type ReadPorts = ReadonlyMap<string, number>;

/** Lines in the files of every container and of the node, one more each time. */
export function writeLines(root: string, text: string): void {
  for (const { namespace, name, uid, container } of pods) {
    const path = join(root, "var/log/pods", `${namespace}_${name}_${uid}`, container, "0.log");
    append(path, `${new Date().toISOString()} stdout F ${text}\n`);
  }
  append(join(root, "var/log/kubernetes/audit/audit.log"), `{"kind":"Event","text":${JSON.stringify(text)}}\n`);
}

function append(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, line);
}

/** An event in each namespace. */
export function putEvents(api: ApiServerRig, round: number): void {
  for (const { namespace, name, container } of pods)
    api.put(`/api/v1/namespaces/${namespace}/events`, {
      metadata: { name: `${container}.${round}` },
      involvedObject: { kind: "Pod", namespace, name },
      reason: "Started",
      message: `round ${round}`,
      type: "Normal",
      count: 1,
      lastTimestamp: new Date().toISOString(),
    });
}

/** Serves the logs of every pod: a line now, and the connection stays open as a followed log does. */
export function serveLogs(api: ApiServerRig): void {
  for (const { namespace, name } of pods)
    api.pages.set(`/api/v1/namespaces/${namespace}/pods/${name}/log`, (_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write(`${new Date().toISOString()} started\n`);
    });
}

const resource = (namespace: string) => ({
  attributes: [
    { key: "service.name", value: { stringValue: "shop" } },
    { key: "k8s.namespace.name", value: { stringValue: namespace } },
    { key: "k8s.pod.ip", value: { stringValue: "10.1.0.1" } },
    { key: "k8s.node.name", value: { stringValue: "n1" } },
  ],
});
const nowNs = () => String(BigInt(Date.now()) * 1_000_000n);
const overNamespaces = (scope: (at: string) => object) =>
  ["default", "alpha"].map((name) => ({ resource: resource(name), ...scope(nowNs()) }));

const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

/** Of each signal: how it is called over gRPC, and a request as JSON. */
const otlp = {
  traces: {
    method: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    type: protos.traces,
    body: () => ({
      resourceSpans: overNamespaces((at) => ({
        scopeSpans: [{ spans: [{ ...ids, name: "GET /", kind: 2, startTimeUnixNano: at, endTimeUnixNano: at }] }],
      })),
    }),
  },
  metrics: {
    method: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    type: protos.metrics,
    body: () => ({
      resourceMetrics: overNamespaces((at) => ({
        scopeMetrics: [{ metrics: [{ name: "orders", gauge: { dataPoints: [{ timeUnixNano: at, asDouble: 1 }] } }] }],
      })),
    }),
  },
  logs: {
    method: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    type: protos.logs,
    body: () => ({
      resourceLogs: overNamespaces((at) => ({ scopeLogs: [{ logRecords: [{ timeUnixNano: at, body: { stringValue: "hello" } }] }] })),
    }),
  },
};

const jaegerModel = protobuf.parse(
  `syntax = "proto3"; message Span { bytes trace_id = 1; bytes span_id = 2; string operation_name = 3; }
  message Process { string service_name = 1; } message Batch { repeated Span spans = 1; Process process = 2; } message PostSpansRequest { Batch batch = 1; }`,
  { keepCase: true },
).root;

function jaegerPost(): Uint8Array {
  const type = jaegerModel.lookupType("PostSpansRequest");
  const span = { trace_id: Buffer.from(ids.traceId, "hex"), span_id: Buffer.from(ids.spanId, "hex"), operation_name: "GET /" };
  return type.encode(type.fromObject({ batch: { spans: [span], process: { service_name: "shop" } } })).finish();
}

function jaegerBatch(): Uint8Array {
  const times = { 8: i64(Date.now() * 1000), 9: i64(5) };
  const span = struct({ 1: i64(1), 2: i64(2), 3: i64(3), 4: i64(0), 5: str("GET /"), 7: i32(1), ...times });
  return binary(struct({ 1: struct({ 1: str("shop") }), 2: list(span) }));
}

function zipkinSpan(): object {
  return {
    traceId: ids.traceId,
    id: ids.spanId,
    name: "get /",
    timestamp: Date.now() * 1000,
    duration: 5,
    localEndpoint: { serviceName: "shop" },
  };
}

/** Sends something of every signal to each receiver that a configuration has; what is refused for now comes again in the next round. */
export async function sendEverywhere(ports: ReadPorts): Promise<void> {
  for (const [written, port] of ports) await send(written, port);
}

async function send(written: string, port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  switch (written) {
    case "4318":
      for (const [signal, { body }] of Object.entries(otlp)) await post(`${url}/v1/${signal}`, "application/json", JSON.stringify(body()));
      return;
    case "4317":
      for (const { method, type, body } of Object.values(otlp)) await unary(port, method, encode(type, withBytes(body())));
      return;
    case "14268":
      return await post(`${url}/api/traces?format=jaeger.thrift`, "application/x-thrift", new Uint8Array(jaegerBatch()));
    case "14250":
      return await unary(port, "/jaeger.api_v2.CollectorService/PostSpans", jaegerPost());
    case "9411":
      return await post(`${url}/api/v2/spans`, "application/json", JSON.stringify([zipkinSpan()]));
    default:
      throw new Error(`what is sent to port ${written}?`);
  }
}

/** Identifiers are hexadecimal in JSON and bytes in protobuf. */
function withBytes(value: unknown): object {
  return JSON.parse(JSON.stringify(value), (key, inner) =>
    key === "traceId" || key === "spanId" ? Buffer.from(inner, "hex").toString("base64") : inner,
  );
}

async function post(url: string, type: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": type }, body });
  const answer = await response.text();
  // Told to come again: there will be another round. And a receiver takes in only those signals that it hands on.
  if (!response.ok && ![404, 429, 503].includes(response.status)) throw new Error(`${url}: ${response.status} ${answer}`);
}

const codes = { ok: 0, resourceExhausted: 8, unimplemented: 12, unavailable: 14 };

async function unary(port: number, method: string, body: Uint8Array): Promise<void> {
  const client = grpcClient({
    endpoint: `127.0.0.1:${port}`,
    tls: undefined,
    balancer: "pick_first",
    waitForReady: true,
    userAgent: "test",
    maxResponseBytes: 1 << 20,
    clock: systemClock,
    log: testContext().log,
  });
  try {
    const { status } = await client.unary(method, [body], { timeoutMs: 10_000, headers: {} });
    if (![codes.ok, codes.resourceExhausted, codes.unimplemented, codes.unavailable].includes(status.code))
      throw new Error(`${method}: ${status.code} ${status.message}`);
  } finally {
    await client.close(AbortSignal.timeout(1000));
  }
}
