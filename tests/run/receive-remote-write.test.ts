import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startPrometheus } from "../backends/prometheus.ts";
import { realPart } from "../backends/real-part.ts";
import { freePort, startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);

for (const [version, message] of [
  ["1", "prometheus.WriteRequest"],
  ["2", "io.prometheus.write.v2.Request"],
] as const)
  test(`a real Prometheus writes its samples into the collector with remote write ${version}, and nothing is missing`, {
    skip: realPart("prometheus").skip,
    timeout: 120_000,
  }, async () => {
    const port = await freePort();
    const sink = await startPrometheus();
    const config = join(folder.path, `receive-${version}.alloy`);
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
    const invar = await startInvar(config, `--storage.path=${join(folder.path, version)}`, "--stability.level=experimental");
    const source = await startPrometheus({
      remoteWrite: `[{ url: "http://127.0.0.1:${port}/api/v1/metrics/write", protobuf_message: "${message}", queue_config: { batch_send_deadline: 500ms } }]`,
      selfScrape: true,
    });
    try {
      await until(async () => (await sink.query('count_over_time(up{job="self"}[5m]) >= 3')).length === 1, "three scrapes arrive", 60_000);
      const sent = (await source.query('count({job="self"} offset 2s)'))[0]?.value ?? 0;
      assert.ok(sent > 100, `${sent} series were scraped`);
      await until(async () => ((await sink.query('count({job="self"})'))[0]?.value ?? 0) >= sent, `all ${sent} series arrive`);
      const failed = await source.query(
        `sum(prometheus_remote_storage_samples_failed_total) + sum(prometheus_remote_storage_samples_dropped_total)`,
      );
      assert.equal(failed[0]?.value ?? 0, 0);
      if (version === "2") {
        const { text } = await invar.get("/metrics");
        assert.doesNotMatch(text, /status_code="4/);
      }
    } finally {
      await source.stop();
      await invar.stop();
      await sink.stop();
    }
  });
