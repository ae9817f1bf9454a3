import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { attributes, decodeRequest, encodeRequest, type Plain, plainAttributes, TestSink } from "../../../../signals/otlp/testing.ts";
import { component } from "./component.ts";
import { createServiceGraph } from "./connector.ts";

// What is made of which spans is compared with the reference in tests/conformance/connectors.

function running(text = "", budgetBytes = 1 << 28) {
  const sink = new TestSink();
  const clock = new FakeClock();
  const context = testContext({ id: "otelcol.connector.servicegraph.test", clock, budgetBytes });
  const args = (inside: string) =>
    decodeText(component, `${inside}\noutput {\nmetrics = [sink]\n}`, { sink: capsuleOf("otelcol.Consumer", sink) });
  const connector = createServiceGraph(context, args(text));
  void connector.start();
  /** `shop client 1`: a span of a service, its kind, its id; a server's id is that of its parent, 0: none. */
  const send = (...lines: string[]) => {
    const kinds = ["", "internal", "server", "client", "producer", "consumer"];
    const resourceSpans = lines.map((line) => {
      const [service, kind = "", id = "0", peer] = line.split(" ");
      const spanId = Buffer.alloc(8, Number(id));
      const isClient = kind === "client" || kind === "producer";
      const span = {
        name: "x",
        traceId: Buffer.alloc(16, 7),
        kind: kinds.indexOf(kind),
        ...(isClient ? { spanId } : { spanId: Buffer.alloc(8, 99), parentSpanId: spanId }),
      };
      return {
        resource: { attributes: attributes(service === "-" ? {} : { "service.name": service ?? "" }) },
        scopeSpans: [{ spans: [{ ...span, attributes: attributes(peer === undefined ? {} : { "peer.service": peer }) }] }],
      };
    });
    return connector.consumer.consume(
      new OtlpBatch({ signal: "traces", chunks: [encodeRequest("traces", { resourceSpans })], items: lines.length }),
    );
  };
  /** Requests in each batch: `shop>cart=1 |…`. */
  const requests = () => sink.batches.map(({ chunks }) => requestsIn(chunks)).join("|");
  return { sink, clock, context, connector, send, requests, args };
}

function requestsIn(chunks: readonly Uint8Array[]): string {
  const list = (content: Plain | undefined, name: string) => (content?.[name] ?? []) as Plain[];
  return list(decodeRequest("metrics", chunks), "resourceMetrics")
    .flatMap((r) => list(r, "scopeMetrics").flatMap((s) => list(s, "metrics")))
    .filter(({ name }) => name === "traces_service_graph_request_total")
    .flatMap((metric) => list(metric.sum as Plain, "dataPoints"))
    .map((point) => {
      const { client, server, connection_type: type, virtual_node: virtual } = plainAttributes(point.attributes);
      return `${client}>${server}${type === "" ? "" : `(${type})`}${virtual === undefined ? "" : `[${virtual}]`}=${point.asInt}`;
    })
    .join(" ");
}

test("pairs spans of several batches", async () => {
  const { send, clock, requests, context } = running();
  await send("shop client 1");
  await send("cart server 1");
  await send("cart server 2", "shop client 2");
  await clock.advance(60_000);
  assert.equal(requests(), "shop>cart=2");
  assert.equal(context.metric("otelcol_connector_servicegraph_total_edges_total"), 2);
});

test("makes nodes of those that send no spans", async () => {
  const { send, clock, requests, context } = running("virtual_node_extra_label = true");
  await send("shop client 1 bank", "shop client 2", "cart server 0", "cart server 3");
  await clock.advance(60_000);
  assert.equal(requests(), "shop>bank(virtual_node)[server]=1 shop>unknown(virtual_node)[server]=1 user>cart(virtual_node)[client]=1");
  assert.equal(context.metric("otelcol_connector_servicegraph_expired_edges_total"), 4);
});

test("makes none where no attribute is named", async () => {
  const { send, clock, requests } = running("virtual_node_peer_attributes = []");
  await send("shop client 1 bank");
  await clock.advance(60_000);
  assert.equal(requests(), "");
});

test("counts spans for which there is no room, and those of no service", async () => {
  const { send, context } = running("store {\nmax_items = 1\n}");
  await send("shop client 1", "shop client 2", "- client 3", "shop internal 4");
  assert.equal(context.metric("otelcol_connector_servicegraph_dropped_spans_total"), 1);
  assert.equal(context.metric("invar_connector_ignored_items_total", { reason: "store_full" }), 1);
  assert.equal(context.metric("invar_connector_ignored_items_total", { reason: "no_service_name" }), 1);
});

test("sends after every batch where there is no interval", async () => {
  const { send, requests } = running('metrics_flush_interval = "0s"');
  await send("shop client 1", "cart server 1");
  assert.equal(requests(), "shop>cart=1");
});

test("forgets series after 15 minutes without a request", async () => {
  const { send, clock, requests, context } = running('metrics_flush_interval = "14m"');
  await send("shop client 1", "cart server 1");
  await clock.advance(14 * 60_000);
  await send("shop client 2", "bank server 2");
  await clock.advance(14 * 60_000);
  assert.equal(requests(), "shop>cart=1|shop>bank=1");
  await clock.advance(60 * 60_000);
  const { sink } = { sink: requests() };
  assert.equal(sink.split("|").length, 2);
  assert.ok(context.budget.usedBytes < 5000);
});

test("sends what it has when it stops, and lets go of all memory", async () => {
  const { send, requests, connector, context, sink } = running();
  await send("shop client 1", "cart server 1", "shop client 2");
  await connector.stop(AbortSignal.timeout(1000));
  assert.equal(requests(), "shop>cart=1");
  assert.equal(context.metric("invar_connector_ignored_items_total", { reason: "stopping" }), 1);
  sink.batches[0]?.release();
  assert.equal(context.budget.usedBytes, 0);
});

test("sends what was counted in other buckets when these change", async () => {
  const { send, requests, connector, args, clock } = running();
  await send("shop client 1", "cart server 1");
  await connector.update(args('latency_histogram_buckets = ["1s"]'));
  await send("shop client 2", "cart server 2");
  await clock.advance(60_000);
  assert.equal(requests(), "shop>cart=1|shop>cart=1");
});

for (const [text, message] of [
  ['cache_loop = "0s"', "cache_loop must be greater than 0"],
  ['store_expiration_loop = "0s"', "store_expiration_loop must be greater than 0"],
  ["store {\nmax_items = 0\n}", "store.max_items must be greater than 0"],
  ['store {\nttl = "0s"\n}', "store.ttl must be greater than 0"],
] as const)
  test(`refuses ${text.replaceAll("\n", " ")}`, () => {
    const { diagnostics } = tryDecodeText(component, `${text}\noutput { }`);
    assert.equal(diagnostics.map((each) => each.message).join(";"), message);
  });
