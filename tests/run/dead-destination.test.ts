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
