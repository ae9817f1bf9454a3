import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
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
