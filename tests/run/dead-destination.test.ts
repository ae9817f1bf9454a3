import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startDestination } from "../destinations/destination.ts";
import { freePort, startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);

test("a destination that is dead with a full queue loses its oldest data, counted, and the healthy one beside it gets all at once", async () => {
  await using dead = await startDestination();
  await using healthy = await startDestination();
  const port = await freePort();
  const config = join(folder.path, "dead.alloy");
  writeFileSync(
    config,
    `
otelcol.receiver.otlp "in" {
  http {
    endpoint = "127.0.0.1:${port}"
  }
  output {
    logs = [otelcol.exporter.otlphttp.dead.input, otelcol.exporter.otlphttp.healthy.input]
  }
}
otelcol.exporter.otlphttp "dead" {
  client {
    endpoint = "${dead.url}"
  }
  sending_queue {
    queue_size    = 10
    num_consumers = 1
  }
  retry_on_failure {
    initial_interval = "100ms"
    max_interval     = "200ms"
  }
}
otelcol.exporter.otlphttp "healthy" {
  client {
    endpoint = "${healthy.url}"
  }
}
`,
  );
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "data")}`);
  dead.fault("503");
  for (let sequence = 0; sequence < 100; sequence++) {
    const logRecords = [{ timeUnixNano: "1700000000000000000", body: { stringValue: `seq=${sequence}` } }];
    const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    });
    assert.equal(response.status, 200);
    await response.arrayBuffer();
  }
  const seen = healthy.sequences("logRecords");
  await until(() => seen.counts().unique === 100, "all at the healthy destination", 10_000);
  assert.equal(seen.counts().duplicates, 0);
  const { text } = await invar.get("/metrics");
  const dropped = Number(/^invar_destination_dropped_items_total\{.*otlphttp\.dead.*reason="queue_full".*\} (\d+)/m.exec(text)?.[1] ?? 0);
  assert.ok(dropped >= 80 && dropped < 100, `${dropped} were dropped`);
  dead.fault("ok");
  const late = dead.sequences("logRecords");
  await until(() => late.counts().unique === 100 - dropped, `the ${100 - dropped} that were kept`, 10_000);
  for (let sequence = 95; sequence < 100; sequence++) assert.ok(late.has(sequence), `${sequence} is among the newest`);
  assert.equal(await invar.stop(), 0);
});

test("of two destinations for logs and for metrics one is dead: the other gets all at once, and the dead one gets it, too, when it returns", {
  timeout: 120_000,
}, async () => {
  await using dead = await startDestination();
  await using healthy = await startDestination();
  const log = join(folder.path, "app.log");
  const lines = 3000;
  writeFileSync(log, Array.from({ length: lines }, (_, sequence) => `seq=${sequence} all is well\n`).join(""));
  const config = join(folder.path, "both.alloy");
  const retries = 'min_backoff_period = "100ms"\n    max_backoff_period = "200ms"\n    batch_wait = "100ms"';
  writeFileSync(
    config,
    `
loki.source.file "app" {
  targets    = [{ __path__ = "${log}", job = "app" }]
  forward_to = [loki.write.dead.receiver, loki.write.healthy.receiver]
}
${[
  ["dead", dead],
  ["healthy", healthy],
]
  .map(
    ([label, destination]) => `loki.write "${label}" {
  endpoint {
    url = "${(destination as typeof dead).lokiUrl}"
    ${retries}
  }
}`,
  )
  .join("\n")}
prometheus.exporter.static "one" {
  text = "up_and_running 1\\n"
}
prometheus.scrape "one" {
  targets         = prometheus.exporter.static.one.targets
  scrape_interval = "1s"
  scrape_timeout  = "1s"
  forward_to      = [prometheus.remote_write.both.receiver]
}
prometheus.remote_write "both" {
  endpoint {
    name = "dead"
    url  = "${dead.remoteWriteUrl}"
    queue_config {
      batch_send_deadline = "100ms"
      max_backoff         = "200ms"
    }
  }
  endpoint {
    name = "healthy"
    url  = "${healthy.remoteWriteUrl}"
    queue_config {
      batch_send_deadline = "100ms"
    }
  }
}
`,
  );
  dead.fault("503");
  const invar = await startInvar(config, `--storage.path=${join(folder.path, "both-data")}`, "--stability.level=experimental");
  try {
    const scrapesAt = (destination: typeof dead) =>
      destination
        .received("samples")
        .filter(({ labels }) => labels.__name__ === "up_and_running")
        .map(({ timestampMs }) => timestampMs);
    await until(() => healthy.sequences("lines").counts().unique === lines, "all lines at the healthy destination", 30_000);
    await until(() => scrapesAt(healthy).length >= 3, "three scrapes at the healthy destination", 30_000);
    assert.equal(healthy.sequences("lines").counts().duplicates, 0);
    assert.equal(dead.sequences("lines").counts().unique, 0);
    assert.equal(scrapesAt(dead).length, 0);
    dead.fault("ok");
    const before = scrapesAt(healthy);
    await until(() => dead.sequences("lines").counts().unique === lines, "all lines at the destination that returned", 30_000);
    await until(() => before.every((time) => scrapesAt(dead).includes(time)), "all scrapes at the destination that returned", 30_000);
    assert.equal(dead.sequences("lines").counts().duplicates, 0);
  } finally {
    assert.equal(await invar.stop(), 0);
  }
});
