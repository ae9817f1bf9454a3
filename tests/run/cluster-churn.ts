import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, until } from "./invar.ts";
import { Replicas } from "./replicas.ts";
import { ScrapeLedger } from "./scrape-ledger.ts";

export interface ChurnPlan {
  readonly targets: number;
  readonly intervalMs: number;
  /** Between two events. */
  readonly stepMs: number;
  /** `+f`: f is added. `-b`: b is stopped. `!c`: c is killed. */
  readonly events: readonly string[];
}

export interface ChurnFigures {
  readonly samples: number;
  readonly doubled: readonly string[];
  readonly missed: readonly string[];
  readonly missedInARow: number;
  readonly stale: number;
  readonly log: string;
}

const first = ["a", "b", "c", "d", "e"];

/** Five collectors share targets while members come and go; what arrives of the targets is counted in a sink. */
export async function churn({ targets, intervalMs, stepMs, events }: ChurnPlan): Promise<ChurnFigures> {
  const folder = temporaryFolder();
  const ledger = await new ScrapeLedger(intervalMs).start();
  const config = join(folder.path, "cluster.alloy");
  const list = Array.from(
    { length: targets },
    (_, i) => `{ __address__ = "127.0.0.1:${ledger.port}", __metrics_path__ = "/${i}", target = "${i}" }`,
  );
  writeFileSync(
    config,
    `prometheus.scrape "shared" {
  targets         = [${list.join(", ")}]
  forward_to      = [prometheus.remote_write.out.receiver]
  scrape_interval = "${intervalMs / 1000}s"
  scrape_timeout  = "${Math.min(intervalMs / 1000, 10)}s"
  clustering { enabled = true }
}
prometheus.remote_write "out" {
  endpoint {
    url = "http://127.0.0.1:${ledger.port}/push"
    queue_config {
      batch_send_deadline = "500ms"
    }
  }
}
`,
  );
  const replicas = new Replicas(config, folder.path);
  await replicas.plan(...new Set([...first, ...events.map((event) => event.slice(1))]));
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  try {
    await Promise.all(first.map((name) => replicas.start(name)));
    await until(async () => (await replicas.owned()) === targets, "each target has its collector", 60_000);
    // Each has been scraped once by then, and nothing moves any more.
    await sleep(intervalMs + 2_000);
    const fromMs = Date.now() - intervalMs - 1_000;
    for (const event of events) {
      const name = event.slice(1);
      const atMs = Date.now();
      if (event[0] === "+") await replicas.start(name);
      else if (event[0] === "-") await replicas.stop(name);
      else await replicas.kill(name);
      await sleep(Math.max(stepMs - (Date.now() - atMs), 0));
    }
    await sleep(intervalMs);
    const toMs = Date.now();
    await sleep(3_000);
    const { stale } = ledger;
    return { ...ledger.count(fromMs, toMs), stale, log: replicas.log };
  } finally {
    await replicas.killAll();
    ledger.stop();
    folder.remove();
  }
}
