import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startDestination } from "../destinations/destination.ts";
import { startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);

test("the collector's own work reaches a destination as traces, and its requests say whose children they are", async () => {
  await using destination = await startDestination();
  const config = join(folder.path, "tracing.alloy");
  writeFileSync(
    config,
    `
tracing {
  sampling_fraction = 1
  send_traceparent  = true
  write_to          = [otelcol.exporter.otlphttp.out.input]
}
otelcol.exporter.otlphttp "out" {
  client {
    endpoint    = "${destination.url}"
    compression = "none"
  }
}
prometheus.exporter.self "self" { }
`,
  );
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "data")}`);
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` };
  await fetch(`${invar.url}/api/v0/component/prometheus.exporter.self.self/metrics`, { headers });
  assert.equal((await fetch(`${invar.url}/-/reload`, { method: "POST" })).status, 200);
  const spans = () => destination.received("spans");
  await until(() => spans().some(({ name }) => name === "GraphEvaluate"), "the reload as a trace", 20_000);
  const evaluation = spans().find(({ name }) => name === "GraphEvaluate");
  const nodes = spans().filter(({ name, traceId }) => name === "EvaluateNode" && traceId === evaluation?.traceId);
  assert.equal(nodes.length, 3);
  const page = spans().find(({ name }) => name.startsWith("GET /api/v0/component/"));
  assert.equal(page?.traceId, trace);
  await until(() => spans().some(({ name }) => name === "POST"), "the exporter's own request as a span", 20_000);
  const sent = destination.requests.at(0)?.headers.traceparent ?? "";
  assert.match(String(sent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(await invar.stop(), 0);
});
