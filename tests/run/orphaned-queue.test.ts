import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startDestination } from "../destinations/destination.ts";
import { freePort, type Invar, startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);

test("what waits for a destination that a reload removes waits for its return, and is counted as dropped once it is too old", async (t) => {
  await using destination = await startDestination();
  const port = await freePort();
  const config = join(folder.path, "orphan.alloy");
  const receiver = (output: string) => `
otelcol.receiver.otlp "in" {
  http {
    endpoint = "127.0.0.1:${port}"
  }
  output {
    logs = [${output}]
  }
}
otelcol.exporter.debug "other" { }
`;
  const withDestination = `${receiver("otelcol.exporter.otlphttp.out.input")}
otelcol.exporter.otlphttp "out" {
  client {
    endpoint = "${destination.url}"
  }
  retry_on_failure {
    initial_interval = "100ms"
    max_interval     = "200ms"
  }
}
`;
  const without = receiver("otelcol.exporter.debug.other.input");
  let running: Invar | undefined;
  t.after(async () => running?.kill());
  const start = async (maxAge: string) => {
    running = await startInvar(
      config,
      `--storage.path=${join(folder.path, "data")}`,
      `--storage.orphan-max-age=${maxAge}`,
      "--stability.level=experimental",
    );
    return running;
  };
  const load = async (invar: Invar, text: string) => {
    writeFileSync(config, text);
    const answer = await fetch(`${invar.url}/-/reload`, { method: "POST" });
    assert.equal(answer.status, 200, await answer.text());
  };
  const send = async (bodies: readonly string[]) => {
    const logRecords = bodies.map((stringValue) => ({ timeUnixNano: "1700000000000000000", body: { stringValue } }));
    const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    });
    assert.equal(response.status, 200);
  };
  const metric = async (invar: Invar, pattern: RegExp) => Number(pattern.exec((await invar.get("/metrics")).text)?.[1] ?? 0);

  writeFileSync(config, withDestination);
  const first = await start("4s");
  destination.fault("503");
  await send(["seq=0", "seq=1", "seq=2"]);
  await load(first, without);
  await until(async () => (await metric(first, /^invar_orphaned_items (\d+)/m)) === 3, "three records that nobody has");
  destination.fault("ok");
  await load(first, withDestination);
  await until(() => destination.sequences("logRecords").counts().unique === 3, "the records after the destination's return");

  destination.fault("503");
  await send(["seq=3", "seq=4"]);
  await load(first, without);
  await until(
    async () => (await metric(first, /^invar_destination_dropped_items_total\{.*reason="orphaned".*\} (\d+)/m)) === 2,
    "two records dropped by their age",
  );
  await until(async () => (await metric(first, /^invar_orphaned_queues (\d+)/m)) === 0, "no queue left");
  destination.fault("ok");
  await load(first, withDestination);
  await send(["seq=5"]);
  await until(() => destination.sequences("logRecords").has(5), "new data");
  assert.equal(destination.sequences("logRecords").counts().unique, 4);
  assert.equal(await first.stop(), 0);
});
