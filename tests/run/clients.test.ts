import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { realPart } from "../backends/real-part.ts";
import { runPart } from "../backends/run-part.ts";
import { type Destination, startDestination } from "../destinations/destination.ts";
import type { Span } from "../destinations/items.ts";
import { freePort, type Invar, startInvar, temporaryFolder } from "./invar.ts";
import { sendFromJavaScript } from "./javascript-client.ts";

// Telemetry as applications send it: each library's own format, counted and compared at the destination.

const folder = temporaryFolder();
after(folder.remove);
const count = 200;

/** A collector with every receiver, which sends on to a destination of its own. */
async function collector(): Promise<{
  invar: Invar;
  to: Destination;
  ports: Record<"grpc" | "http" | "jaegerGrpc" | "jaegerHttp" | "jaegerCompact" | "zipkin", number>;
}> {
  const to = await startDestination();
  const [grpc, http, jaegerGrpc, jaegerHttp, jaegerCompact, zipkin] = (await Promise.all(Array.from({ length: 6 }, freePort))) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const path = join(folder.path, `clients-${grpc}.alloy`);
  const output =
    "output {\n\ttraces = [otelcol.exporter.otlphttp.out.input]\n\tmetrics = [otelcol.exporter.otlphttp.out.input]\n\tlogs = [otelcol.exporter.otlphttp.out.input]\n}";
  const listen = (name: string, port: number) => `${name} {\n\tendpoint = "127.0.0.1:${port}"\n}`;
  writeFileSync(
    path,
    `
otelcol.receiver.otlp "in" {
  ${listen("grpc", grpc)}
  ${listen("http", http)}
  ${output}
}
otelcol.receiver.jaeger "in" {
  protocols {
    ${listen("grpc", jaegerGrpc)}
    ${listen("thrift_http", jaegerHttp)}
    ${listen("thrift_compact", jaegerCompact)}
  }
  output {
    traces = [otelcol.exporter.otlphttp.out.input]
  }
}
otelcol.receiver.zipkin "in" {
  endpoint = "127.0.0.1:${zipkin}"
  output {
    traces = [otelcol.exporter.otlphttp.out.input]
  }
}
otelcol.exporter.otlphttp "out" {
  client {
    endpoint = "${to.url}"
  }
}
`,
  );
  const invar = await startInvar(path, `--storage.path=${join(folder.path, `data-${grpc}`)}`);
  return { invar, to, ports: { grpc, http, jaegerGrpc, jaegerHttp, jaegerCompact, zipkin } };
}

const running = collector();
after(async () => {
  const { invar, to } = await running;
  await invar.stop();
  await to.stop();
});

/** Runs a client and answers what had not been there before, when as many spans as it sends have come. */
async function sent(client: (ports: Awaited<typeof running>["ports"]) => Promise<void>, spans: number) {
  const { to, ports } = await running;
  const before = { spans: to.received("spans").length, points: to.received("points").length, logs: to.received("logRecords").length };
  await client(ports);
  await to.until((stats) => stats.spans >= before.spans + spans, 20_000);
  return {
    to,
    before,
    spans: to.received("spans").slice(before.spans),
    points: () => to.received("points").slice(before.points),
    logs: () => to.received("logRecords").slice(before.logs),
  };
}

async function runClient(kind: string, port: number): Promise<void> {
  const { code, output } = await runPart("clients", [kind, `127.0.0.1:${port}`, String(count)]);
  assert.equal(code, 0, output);
}

/** Every number once, and as many trace ids as spans. */
function assertAll(spans: readonly Span[], numberOf: (span: Span) => unknown): void {
  assert.deepEqual(
    spans
      .map(numberOf)
      .map(Number)
      .sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i),
  );
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, count);
  for (const { traceId, spanId, startTimeUnixNano, endTimeUnixNano, resource } of spans) {
    assert.match(`${traceId} ${spanId}`, /^[0-9a-f]{32} [0-9a-f]{16}$/);
    assert.ok(startTimeUnixNano > 1_600_000_000_000_000_000n && endTimeUnixNano >= startTimeUnixNano);
    assert.equal(resource["service.name"], "shop");
  }
}

/** Values with 64-bit integers as numbers. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? Number(each) : each)));
}

const needs = { skip: realPart("clients").skip };

for (const [what, send, options] of [
  ["the SDK for Go by gRPC", ({ grpc }) => runClient("otel-grpc", grpc), needs],
  ["the SDK for Go by HTTP in protobuf", ({ http }) => runClient("otel-http", http), needs],
  ["the SDK for JavaScript by HTTP in JSON", ({ http }) => sendFromJavaScript(`http://127.0.0.1:${http}`, count), {}],
] as const satisfies readonly (readonly [string, (ports: Awaited<typeof running>["ports"]) => Promise<void>, object])[])
  test(`${what}: every span, data point and log record arrives as it was sent`, options, async () => {
    const { to, before, spans, points, logs } = await sent(send, count);
    await to.until((stats) => stats.points >= before.points + 4 && stats.logRecords >= before.logs + count);
    assertAll(spans, ({ attributes }) => attributes.number);
    const [span] = spans;
    const { number: _, ...attributes } = span?.attributes ?? {};
    assert.deepEqual(plain(attributes), { route: "/orders", ok: true, share: 0.5, tags: ["a", "b"] });
    assert.equal(`${span?.name} ${span?.kind} ${span?.scope.name} ${span?.scope.version}`, "GET /orders 2 clients 1.2.3");
    assert.deepEqual(plain(span?.events.map(({ name, attributes: of }) => [name, of])), [["read", { bytes: 10 }]]);
    assert.deepEqual(
      points()
        .map(({ metric, kind, unit, isMonotonic, value, data }) =>
          [metric, kind, unit, isMonotonic, value ?? `${data.count} ${data.sum} ${data.bucketCounts}`].join(" "),
        )
        .sort(),
      [
        `duration histogram s false ${count} ${count / 4} 0,${count},0`,
        "queued sum  false -2.5",
        `requests sum 1 true ${count}`,
        "temperature gauge Cel false 21.5",
      ],
    );
    const records = logs();
    assert.deepEqual(new Set(records.map(({ body }) => body)), new Set(Array.from({ length: count }, (_, i) => `order ${i}`)));
    assert.equal(records.length, count);
    const [record] = records;
    assert.equal(`${record?.severityNumber} ${record?.severityText} ${record?.resource["service.name"]}`, "13 WARN shop");
    assert.deepEqual(plain(record?.attributes.user), { name: "ann" });
  });

for (const [what, kind, port] of [
  ["Thrift over HTTP", "jaeger-thrift-http", "jaegerHttp"],
  ["compact Thrift over UDP", "jaeger-compact", "jaegerCompact"],
] as const)
  test(`Jaeger's client for Go by ${what}: spans of both kinds with tags and logs`, needs, async () => {
    const { spans } = await sent((ports) => runClient(kind, ports[port]), 2 * count);
    assert.equal(spans.length, 2 * count);
    const parents = spans.filter(({ name }) => name === "parent");
    const children = spans.filter(({ name }) => name !== "parent");
    assertAll(children, ({ attributes }) => attributes.number);
    assert.deepEqual(new Set(children.map(({ parentSpanId }) => parentSpanId)), new Set(parents.map(({ spanId }) => spanId)));
    const [span] = children;
    assert.equal(`${span?.name} ${span?.kind} ${span?.status.code} ${span?.resource.zone}`, "GET /orders 2 2 a");
    assert.equal(span?.attributes.share, 0.5);
    assert.deepEqual(plain(span?.events.map(({ name, attributes }) => [name, attributes])), [["read", { bytes: 10 }]]);
  });

test("Jaeger's protobuf by gRPC, from its own generated client", needs, async () => {
  const { spans } = await sent(({ jaegerGrpc }) => runClient("jaeger-grpc", jaegerGrpc), count);
  assertAll(spans, ({ attributes }) => attributes.number);
  assert.equal(`${spans[0]?.name} ${spans[0]?.kind} ${spans[0]?.resource.zone} ${spans[0]?.attributes.share}`, "GET /orders 2 a 0.5");
});

for (const format of ["json", "proto"] as const)
  test(`Zipkin's client for Go in ${format}`, needs, async () => {
    const { spans } = await sent(({ zipkin }) => runClient(`zipkin-${format}`, zipkin), count);
    assertAll(spans, ({ attributes }) => attributes.number);
    const [span] = spans;
    assert.equal(`${span?.name} ${span?.kind} ${span?.attributes["http.method"]}`, "get /orders 2 GET");
    assert.deepEqual(
      span?.events.map(({ name }) => name),
      ["read"],
    );
  });
