import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { startDestination } from "../destinations/destination.ts";
import { fuzzSeconds } from "../fuzz-time.ts";
import { type Invar, startInvar, temporaryFolder, until } from "./invar.ts";
import { RotatingLog } from "./rotating-log.ts";

const folder = temporaryFolder();
after(folder.remove);

test("kill -9 under load loses no entry of a rotating file that filelog reads, and doubles at most one batch a kill", {
  timeout: 140_000,
}, async () => {
  await using destination = await startDestination();
  const config = join(folder.path, "kill.alloy");
  writeFileSync(
    config,
    `
otelcol.receiver.filelog "logs" {
  include       = ["${folder.path}/*.log*"]
  start_at      = "beginning"
  poll_interval = "100ms"
  operators     = [{ type = "container", add_metadata_from_filepath = false }]
  output {
    logs = [otelcol.exporter.otlphttp.out.input]
  }
}
otelcol.exporter.otlphttp "out" {
  client {
    endpoint = "${destination.url}"
  }
  retry_on_failure {
    initial_interval = "50ms"
    max_interval     = "200ms"
  }
}
`,
  );
  const log = new RotatingLog(join(folder.path, "app.log"), 5_000);
  const start = () => startInvar(config, `--storage.path=${join(folder.path, "data")}`, "--stability.level=experimental");
  const kills = 2 + Math.ceil(fuzzSeconds() / 3);
  let process: Invar = await start();
  const faults = ["503", "ok", "429", "drop"] as const;
  for (let round = 0; round < kills; round++) {
    destination.fault(faults[round % faults.length] ?? "ok");
    for (let i = 0; i < 15; i++) {
      log.write(200);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await process.kill();
    log.write(200);
    process = await start();
  }
  destination.fault("ok");
  log.write(200);
  const lines = log.written;
  await until(() => destination.sequences("logRecords").counts().unique >= lines, `all of ${lines} lines arrive`, 40_000).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}; ${JSON.stringify(destination.stats())}\n${process.log().slice(-2000)}`);
    },
  );
  assert.equal(await process.stop(), 0);
  log.close();
  const { unique, duplicates } = destination.sequences("logRecords").counts();
  assert.equal(unique, lines);
  // Of what is read at once, 256 KiB, some 2,600 entries stand in a request.
  assert.ok(duplicates <= kills * 3_000, `${duplicates} of ${lines} entries came twice in ${kills} kills`);
});
