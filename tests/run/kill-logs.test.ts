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

test("kill -9 under load loses no line of a rotating file, and doubles at most one batch a kill", { timeout: 140_000 }, async () => {
  await using destination = await startDestination();
  const path = join(folder.path, "app.log");
  const config = join(folder.path, "kill.alloy");
  writeFileSync(
    config,
    `
loki.source.file "logs" {
  targets    = [{ __path__ = "${path}", job = "test" }]
  forward_to = [loki.process.cri.receiver]
  file_watch {
    min_poll_frequency = "100ms"
    max_poll_frequency = "100ms"
  }
}
loki.process "cri" {
  stage.cri { }
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url        = "${destination.lokiUrl}"
    batch_wait = "100ms"
    batch_size = "64KiB"
    min_backoff_period = "50ms"
    max_backoff_period = "200ms"
  }
}
`,
  );
  const log = new RotatingLog(path, 20_000);
  const start = () => startInvar(config, `--storage.path=${join(folder.path, "data")}`);
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
  await until(() => destination.sequences("lines").counts().unique >= lines, `all of ${lines} lines arrive`, 40_000).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}; ${JSON.stringify(destination.stats())}\n${process.log().slice(-2000)}`);
    },
  );
  assert.equal(await process.stop(), 0);
  log.close();
  const { unique, duplicates } = destination.sequences("lines").counts();
  assert.equal(unique, lines);
  // A batch of 64 KiB holds some 900 of these lines.
  assert.ok(duplicates <= kills * 2_000, `${duplicates} of ${lines} lines came twice in ${kills} kills`);
});
