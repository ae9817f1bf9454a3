import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startLoki } from "../backends/loki.ts";
import { startPrometheus } from "../backends/prometheus.ts";
import { realPart } from "../backends/real-part.ts";
import { startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);
const file = (name: string, text: string) => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};
const needs = (part: "prometheus" | "loki") => ({ skip: realPart(part).skip, timeout: 150_000 });

test("metrics of the host and of the collector itself reach a real Prometheus, relabelled", needs("prometheus"), async () => {
  const prometheus = await startPrometheus();
  const config = file(
    "metrics.alloy",
    `
prometheus.exporter.unix "host" { }
prometheus.exporter.self "self" { }
prometheus.scrape "all" {
  targets         = array.concat(prometheus.exporter.unix.host.targets, prometheus.exporter.self.self.targets)
  scrape_interval = "1s"
  scrape_timeout  = "1s"
  forward_to      = [prometheus.relabel.cluster.receiver]
}
prometheus.relabel "cluster" {
  rule {
    target_label = "cluster"
    replacement  = "test"
  }
  rule {
    source_labels = ["__name__"]
    regex         = "node_disk_.*"
    action        = "drop"
  }
  forward_to = [prometheus.remote_write.real.receiver]
}
prometheus.remote_write "real" {
  endpoint {
    url = "${prometheus.remoteWriteUrl}"
    queue_config {
      batch_send_deadline = "500ms"
    }
  }
}
`,
  );
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "metrics-data")}`);
  try {
    const count = async (query: string) => (await prometheus.query(query)).length;
    await until(async () => (await count('up{cluster="test"} == 1')) === 2, "both targets are up", 60_000);
    await until(
      async () => (await count('node_memory_MemTotal_bytes{cluster="test", job="integrations/unix"}')) === 1,
      "memory of the host",
    );
    await until(async () => (await count('alloy_build_info{job="integrations/self"}')) === 1, "the collector's own metrics");
    await until(async () => (await count('rate(node_cpu_seconds_total{mode="user"}[1m]) > 0')) > 0, "counters that move", 60_000);
    assert.equal(await count('{__name__=~"node_disk_.*"}'), 0);
  } finally {
    await invar.stop();
    await prometheus.stop();
  }
});

test("lines of a file reach a real Loki with their labels and structured metadata", needs("loki"), async () => {
  const loki = await startLoki();
  const log = file("app.log", "");
  const config = file(
    "logs.alloy",
    `
loki.source.file "app" {
  targets    = [{ __path__ = "${log}", job = "app" }]
  forward_to = [loki.process.level.receiver]
  file_watch {
    min_poll_frequency = "100ms"
    max_poll_frequency = "100ms"
  }
}
loki.process "level" {
  stage.logfmt {
    mapping = { level = "", user = "" }
  }
  stage.labels {
    values = { level = "" }
  }
  stage.structured_metadata {
    values = { user = "" }
  }
  forward_to = [loki.write.real.receiver]
}
loki.write "real" {
  endpoint {
    url        = "${loki.pushUrl}"
    batch_wait = "200ms"
  }
}
`,
  );
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "logs-data")}`);
  try {
    for (let i = 0; i < 100; i++) appendFileSync(log, `level=${i % 2 === 0 ? "info" : "warn"} user=u${i} msg="line ${i} — ünïcode"\n`);
    const lines = async (query: string) => (await loki.query(query)).flatMap(({ entries }) => entries.map(({ line }) => line));
    await until(async () => (await lines('{job="app"}')).length === 100, "a hundred lines in Loki", 60_000);
    const warnings = await lines('{job="app", level="warn"}');
    assert.equal(warnings.length, 50);
    assert.match(warnings[0] ?? "", /^level=warn user=u1 msg="line 1 — ünïcode"$/);
    assert.deepEqual(await lines('{job="app"} | user="u42"'), ['level=info user=u42 msg="line 42 — ünïcode"']);
  } finally {
    await invar.stop();
    await loki.stop();
  }
});
