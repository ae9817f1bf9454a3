import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startPrometheus } from "../backends/prometheus.ts";
import { realPart } from "../backends/real-part.ts";
import { freePort, startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);

test("a real Prometheus writes its samples into the collector with remote write 1 and 2, and nothing is missing", {
  skip: realPart("prometheus").skip,
  timeout: 140_000,
}, async () => {
  const port = await freePort();
  const sink = await startPrometheus();
  const config = join(folder.path, "receive.alloy");
  writeFileSync(
    config,
    `
prometheus.receive_http "in" {
  http {
    listen_address = "127.0.0.1"
    listen_port    = ${port}
  }
  accepted_remote_write_protobuf_messages = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"]
  forward_to = [prometheus.remote_write.out.receiver]
}
prometheus.remote_write "out" {
  endpoint {
    url = "${sink.remoteWriteUrl}"
    queue_config {
      batch_send_deadline = "500ms"
    }
  }
}
`,
  );
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "data")}`, "--stability.level=experimental");
  const writes = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"].map(
    (message) =>
      `{ url: "http://127.0.0.1:${port}/api/v1/metrics/write", protobuf_message: "${message}", queue_config: { batch_send_deadline: 500ms }, write_relabel_configs: [{ target_label: message, replacement: "${message}" }] }`,
  );
  const source = await startPrometheus({ remoteWrite: `[${writes.join(", ")}]`, selfScrape: true });
  try {
    const both = async (query: string) => (await sink.query(query)).length === 2;
    await until(() => both('count_over_time(up{job="self"}[5m]) >= 3'), "three scrapes arrive in both versions", 60_000);
    const sent = (await source.query('count({job="self"} offset 2s)'))[0]?.value ?? 0;
    assert.ok(sent > 100, `${sent} series were scraped`);
    await until(() => both(`count by (message) ({job="self"}) >= ${sent}`), `all ${sent} series arrive in both versions`);
    const failed = await source.query(
      "sum(prometheus_remote_storage_samples_failed_total) + sum(prometheus_remote_storage_samples_dropped_total)",
    );
    assert.equal(failed[0]?.value ?? 0, 0);
    assert.doesNotMatch((await invar.get("/metrics")).text, /prometheus_receive_http_request_duration_seconds_count\{.*status_code="[45]/);
  } finally {
    await source.stop();
    await invar.stop();
    await sink.stop();
  }
});
