import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startJaeger } from "./jaeger.ts";
import { startLoki } from "./loki.ts";
import { startNodeExporter } from "./node-exporter.ts";
import { startPrometheus } from "./prometheus.ts";
import { realPart } from "./real-part.ts";
import { runPart } from "./run-part.ts";

const needs = (...names: Parameters<typeof realPart>[0][]) => ({
  skip: names.map((name) => realPart(name).skip).find((skip) => skip !== undefined),
});

test("a real Prometheus scrapes the real node exporter and answers queries", needs("prometheus", "node-exporter"), async () => {
  await using exporter = await startNodeExporter();
  const target = new URL(exporter.metricsUrl).host;
  await using prometheus = await startPrometheus({
    scrapeConfigs: `[{ job_name: host, static_configs: [{ targets: ["${target}"] }] }]`,
  });
  let up = await prometheus.query("up");
  for (let tries = 0; tries < 100 && up[0]?.value !== 1; tries++) {
    await sleep(100);
    up = await prometheus.query("up");
  }
  assert.equal(up[0]?.value, 1);
  assert.deepEqual(up[0]?.labels, { __name__: "up", job: "host", instance: target });
});

test("a real Loki takes a push and answers LogQL", needs("loki"), async () => {
  await using loki = await startLoki();
  const nanoseconds = `${Date.now()}000001`;
  const body = { streams: [{ stream: { app: "shop" }, values: [[nanoseconds, "order placed", { trace: "1" }]] }] };
  const answer = await fetch(loki.pushUrl, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  assert.equal(answer.status, 204, await answer.text());
  const streams = await loki.query('{app="shop"} |= "placed"');
  assert.deepEqual(
    streams.flatMap((stream) => stream.entries),
    [{ timestampNs: BigInt(nanoseconds), line: "order placed" }],
  );
  assert.equal(streams[0]?.labels.trace, "1");
});

test("a real Jaeger takes OTLP and answers which spans there are", needs("jaeger"), async () => {
  await using jaeger = await startJaeger();
  const now = `${Date.now()}000000`;
  const span = { traceId: "1".repeat(32), spanId: "2".repeat(16), name: "pay", startTimeUnixNano: now, endTimeUnixNano: now };
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const resource = { attributes: [attribute("service.name", "shop"), attribute("k8s.pod.name", "till")] };
  const body = { resourceSpans: [{ resource, scopeSpans: [{ spans: [{ ...span, attributes: [attribute("kind", "book")] }] }] }] };
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`http://127.0.0.1:${jaeger.otlpHttpPort}/v1/traces`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
  let spans = await jaeger.spans("shop", { kind: "book" });
  for (let tries = 0; tries < 100 && spans.length === 0; tries++) {
    await sleep(100);
    spans = await jaeger.spans("shop", { kind: "book" });
  }
  assert.deepEqual([spans[0]?.name, spans[0]?.tags.kind, spans[0]?.resource["k8s.pod.name"]], ["pay", "book", "till"]);
  assert.deepEqual(await jaeger.services(), ["shop"]);
});

test("a stopped part is gone, and so is its folder", needs("node-exporter"), async () => {
  const exporter = await startNodeExporter();
  await exporter.stop();
  await assert.rejects(fetch(exporter.metricsUrl));
  assert.equal(existsSync(exporter.folder), false);
});

test("a part that cannot start says what it printed", needs("node-exporter"), async () => {
  await assert.rejects(
    startNodeExporter({ flags: ["--no-such-flag"] }),
    /did not start: it ended with 1\n.*unknown long flag '--no-such-flag'/s,
  );
});

test("the parts that end by themselves run", needs("helm", "h2spec", "telemetrygen"), async () => {
  const [helm, h2spec, telemetrygen] = await Promise.all([
    runPart("helm", ["version", "--short"]),
    runPart("h2spec", ["--version"]),
    runPart("telemetrygen", ["--help"]),
  ]);
  assert.deepEqual([helm.code, h2spec.code, telemetrygen.code], [0, 0, 0]);
  assert.match(helm.output, /^v3\./);
});
