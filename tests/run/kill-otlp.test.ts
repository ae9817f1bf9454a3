import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startDestination } from "../destinations/destination.ts";
import { fuzzSeconds } from "../fuzz-time.ts";
import { freePort, type Invar, startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);

/** One export request with these numbers in the bodies of its log records. */
function request(from: number, count: number): string {
  const logRecords = Array.from({ length: count }, (_, i) => ({
    timeUnixNano: "1700000000000000000",
    body: { stringValue: `seq=${from + i}` },
  }));
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}

test("kill -9 loses no acknowledged record though one destination is troubled, and doubles at most a request a kill at the healthy one", {
  timeout: 140_000,
}, async () => {
  await using troubled = await startDestination();
  await using healthy = await startDestination();
  const port = await freePort();
  const config = join(folder.path, "otlp.alloy");
  writeFileSync(
    config,
    `
otelcol.receiver.otlp "in" {
  http {
    endpoint = "127.0.0.1:${port}"
  }
  output {
    logs = [otelcol.processor.batch.both.input]
  }
}
otelcol.processor.batch "both" {
  timeout = "50ms"
  output {
    logs = [otelcol.exporter.otlphttp.troubled.input, otelcol.exporter.otlphttp.healthy.input]
  }
}
${[
  ["troubled", troubled.url],
  ["healthy", healthy.url],
]
  .map(
    ([label, url]) => `otelcol.exporter.otlphttp "${label}" {
  client {
    endpoint = "${url}"
    timeout  = "2s"
  }
  sending_queue {
    num_consumers = 1
  }
  retry_on_failure {
    initial_interval = "100ms"
    max_interval     = "300ms"
    max_elapsed_time = "0s"
  }
}`,
  )
  .join("\n")}
`,
  );
  const start = () => startInvar(config, `--storage.path=${join(folder.path, "data")}`);
  const kills = 2 + Math.ceil(fuzzSeconds() / 10);
  const faults = ["503", "429", "hang"] as const;
  const acknowledged: number[] = [];
  let next = 0;
  let invar: Invar = await start();
  let isOver = false;
  const send = async () => {
    while (!isOver) {
      const from = next;
      next += 50;
      try {
        const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: request(from, 50),
          signal: AbortSignal.timeout(10_000),
        });
        await response.arrayBuffer();
        if (response.status === 200) acknowledged.push(from);
      } catch {
        // Killed under way: not acknowledged, and may have arrived all the same.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const senders = [send(), send(), send()];
  after(() => {
    isOver = true;
    invar.child.kill("SIGKILL");
  });
  for (let round = 0; round < kills; round++) {
    troubled.fault(faults[round % faults.length] ?? "503");
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 20, "requests are acknowledged");
    await invar.kill();
    invar = await start();
  }
  isOver = true;
  await Promise.all(senders);
  troubled.fault("ok");
  const missing = (destination: typeof healthy) => {
    const seen = destination.sequences("logRecords");
    return acknowledged.filter((from) => Array.from({ length: 50 }, (_, i) => from + i).some((sequence) => !seen.has(sequence)));
  };
  const arrived = (destination: typeof healthy, what: string) =>
    until(() => missing(destination).length === 0, what, 30_000).catch((error: unknown) => {
      throw new Error(
        `${String(error)}; ${missing(destination).length} of ${acknowledged.length} requests are missing\n${invar.log().slice(-2000)}`,
      );
    });
  await arrived(healthy, "all acknowledged records at the healthy destination");
  await arrived(troubled, "all acknowledged records at the troubled destination");
  assert.equal(await invar.stop(), 0);
  const { duplicates } = healthy.sequences("logRecords").counts();
  const largest = Math.max(...healthy.requests.map(({ items }) => items));
  assert.ok(duplicates <= kills * largest, `${duplicates} records came twice in ${kills} kills, a request had at most ${largest}`);
});
