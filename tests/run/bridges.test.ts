import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { startDestination } from "../destinations/destination.ts";
import { freePort, startInvar, temporaryFolder } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);

const page = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200"} 7
# TYPE latency histogram
latency_bucket{le="0.5"} 2
latency_bucket{le="+Inf"} 3
latency_sum 1.5
latency_count 3
# TYPE target_info gauge
target_info{version="3"} 1
`;

test("moves metrics and logs from Prometheus and Loki through OpenTelemetry and back", async () => {
  await using to = await startDestination();
  const target = createServer((_, response) => response.setHeader("content-type", "text/plain; version=0.0.4").end(page)).listen(
    0,
    "127.0.0.1",
  );
  await once(target, "listening");
  after(() => {
    target.close();
    target.closeAllConnections();
  });
  const lokiPort = await freePort();
  const config = join(folder.path, "bridges.alloy");
  writeFileSync(
    config,
    `prometheus.scrape "page" {
  targets         = [{ "__address__" = "127.0.0.1:${(target.address() as AddressInfo).port}", "job" = "page", "instance" = "i-1" }]
  scrape_interval = "1s"
  scrape_timeout  = "1s"
  forward_to      = [otelcol.receiver.prometheus.in.receiver]
}
otelcol.receiver.prometheus "in" {
  output {
    metrics = [otelcol.exporter.otlphttp.out.input, otelcol.exporter.prometheus.back.input]
  }
}
otelcol.exporter.otlphttp "out" {
  client {
    endpoint = "${to.url}"
  }
}
otelcol.exporter.prometheus "back" {
  add_metric_suffixes = false
  forward_to          = [prometheus.remote_write.out.receiver]
}
prometheus.remote_write "out" {
  endpoint {
    url = "${to.remoteWriteUrl}"
    queue_config {
      batch_send_deadline = "100ms"
    }
  }
}
loki.source.api "in" {
  http {
    listen_address = "127.0.0.1"
    listen_port    = ${lokiPort}
  }
  use_incoming_timestamp = true
  forward_to             = [otelcol.receiver.loki.in.receiver]
}
otelcol.receiver.loki "in" {
  output {
    logs = [otelcol.exporter.loki.back.input]
  }
}
otelcol.exporter.loki "back" {
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url        = "${to.lokiUrl}"
    batch_wait = "100ms"
  }
}
`,
  );
  const process = await startInvar(config, `--storage.path=${join(folder.path, "data")}`);
  after(() => process.child.kill("SIGKILL"));
  const stream = { stream: { app: "shop" }, values: [["1700000000000000007", "a line"]] };
  const pushed = await fetch(`http://127.0.0.1:${lokiPort}/loki/api/v1/push`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ streams: [stream] }),
  });
  assert.equal(pushed.status, 204);
  await to.until((stats) => stats.lines >= 1 && stats.samples >= 20 && stats.points >= 4);

  const [line] = to.received("lines");
  assert.deepEqual(
    [line?.labels, line?.line, String(line?.timestampNs)],
    [{ app: "shop", exporter: "OTLP" }, '{"body":"a line"}', "1700000000000000007"],
  );

  const points = to
    .received("points")
    .map(({ metric, kind, isMonotonic, description }) => `${metric} ${kind} ${isMonotonic} ${description}`);
  assert.ok(points.includes("requests_total sum true Requests."), points.join("\n"));
  assert.ok(points.includes("latency histogram false "), points.join("\n"));

  const values = new Map(
    to.received("samples").map(({ labels: { __name__: name, job, instance, ...labels }, value }) => {
      assert.deepEqual([job, instance], ["page", "i-1"]);
      return [`${name}${JSON.stringify(labels)}`, value];
    }),
  );
  assert.equal(values.get('requests_total{"code":"200"}'), 7);
  assert.equal(values.get('latency_bucket{"le":"0.5"}'), 2);
  assert.equal(values.get('latency_bucket{"le":"+Inf"}'), 3);
  assert.equal(values.get("latency_sum{}"), 1.5);
  assert.equal(values.get("latency_count{}"), 3);
  assert.equal(values.get("up{}"), 1);
  assert.equal([...values].find(([name]) => name.startsWith("target_info") && name.includes('"version":"3"'))?.[1], 1);
  assert.equal(await process.stop(), 0);
});
