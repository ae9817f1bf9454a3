import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, type RunningPart, startPart, temporaryFolder } from "../backends/running-part.ts";
import type { Case, Load, Places } from "./cases.ts";
import { runLoad, type Sink, startSink, startTargets } from "./load.ts";
import { cpuSeconds, residentMiB } from "./process-cost.ts";

/** A collector to measure: ours, or a peer that takes the same command line. */
export type Program = { readonly name: string; readonly path: string; readonly isOurs: boolean };

export type Result = {
  readonly case: string;
  readonly program: string;
  readonly readyMs: number;
  readonly items: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly cpuPerMillion?: number;
  readonly idlePercent?: number;
  readonly peakMiB: number;
  /** At ready, and when the work was done. */
  readonly startMiB: number;
  readonly endMiB: number;
  /** Growth after the second scrape of everything. */
  readonly growthMiB?: number;
  readonly refused: number;
  readonly duplicates: number;
  readonly missing: number;
  readonly error?: string;
};

export type MeasureOptions = { readonly load: string; readonly scale: number; readonly profileFolder: string | undefined };

/** Runs one case with one program as a process of its own on fixed work. */
export async function measure(item: Case, program: Program, { load, scale, profileFolder }: MeasureOptions): Promise<Result> {
  const folder = temporaryFolder("bench");
  const ports = await Promise.all(Array.from({ length: 5 }, freePort));
  const [http, grpc, sinkPort, targetsPort, own] = ports.map((port) => `127.0.0.1:${port}`) as [string, string, string, string, string];
  const places: Places = { otlpHttp: http, otlpGrpc: grpc, sink: sinkPort, targets: targetsPort, logs: join(folder, "logs") };
  const work = scaled(item.load, scale);
  writeFileSync(join(folder, "config.alloy"), item.config(places));
  mkdirSync(places.logs);
  await using sink = await startSink(load, portOf(places.sink), isNumbered(work));
  await using _targets = "series" in work ? await startTargets(load, portOf(places.targets), work.series) : undefined;
  if (work.kind === "files") await runLoad(load, ["logs", `--dir=${places.logs}`, `--files=${work.files}`, `--lines=${work.items}`]);
  if (item.outageSeconds !== undefined) await sink.fault("503");
  const begin = performance.now();
  await using collector = await startPart({
    path: program.path,
    folder,
    args: [
      ...["run", join(folder, "config.alloy"), `--server.http.listen-addr=${own}`, `--storage.path=${join(folder, "storage")}`],
      ...["--stability.level=experimental", "--disable-reporting", ...(program.isOurs ? (item.flags ?? []) : [])],
    ],
    env:
      profileFolder === undefined || !program.isOurs
        ? {}
        : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder} --cpu-prof-name=${item.name}.cpuprofile` },
    readyUrl: `http://${own}/-/ready`,
    readyWithinMs: 60_000,
    patienceMs: 30_000,
  });
  const ready = { ms: performance.now() - begin, cpu: cpuSeconds(collector.pid), miB: residentMiB(collector.pid).now };
  const recovery = item.outageSeconds === undefined ? undefined : sleep(item.outageSeconds * 1000).then(() => sink.fault(""));
  const done = await drive(work, { load, places, sink, collector, own, limitMs: item.limitSeconds * 1000 });
  await recovery;
  // Files are read from the first moment on, so their start counts as work.
  const cpu = cpuSeconds(collector.pid) - (work.kind === "files" ? 0 : ready.cpu);
  const { peak, now } = residentMiB(collector.pid);
  const stats = await sink.stats();
  return {
    case: item.name,
    program: program.name,
    readyMs: ready.ms,
    items: done.items,
    seconds: done.seconds,
    cpuSeconds: cpu,
    ...(done.items > 0 ? { cpuPerMillion: cpu / (done.items / 1e6) } : {}),
    ...(work.kind === "idle" ? { idlePercent: (100 * done.idleCpu) / work.seconds } : {}),
    peakMiB: peak,
    startMiB: ready.miB,
    endMiB: now,
    ...(done.growthMiB === undefined ? {} : { growthMiB: done.growthMiB }),
    refused: done.refused,
    duplicates: stats.duplicates ?? 0,
    missing: Math.max(0, done.wanted - done.items),
    ...(done.error === undefined ? {} : { error: `${done.error}\n${collector.output().slice(-2000)}` }),
  };
}

type Drive = {
  readonly load: string;
  readonly places: Places;
  readonly sink: Sink;
  readonly collector: RunningPart;
  readonly own: string;
  readonly limitMs: number;
};
type Done = { items: number; wanted: number; seconds: number; refused: number; idleCpu: number; growthMiB?: number; error?: string };

async function drive(work: Load, by: Drive): Promise<Done> {
  const begin = performance.now();
  const nothing = { items: 0, wanted: 0, refused: 0, idleCpu: 0 };
  const seconds = () => (performance.now() - begin) / 1000;
  switch (work.kind) {
    case "otlp": {
      const to = work.protocol === "http" ? by.places.otlpHttp : by.places.otlpGrpc;
      const counter = work.distinct ? "unique" : work.signal === "traces" ? "spans" : "logRecords";
      const output = await runLoad(by.load, [
        ...[
          "otlp",
          `--to=${to}`,
          `--signal=${work.signal}`,
          `--protocol=${work.protocol}`,
          `--items=${work.items}`,
          `--batch=${work.batch}`,
        ],
        ...[`--conns=${work.connections ?? 4}`, `--distinct=${work.distinct ?? false}`],
      ]);
      const refused = Number(/(\d+) refusals/.exec(output)?.[1] ?? "0");
      return { ...nothing, ...(await arrival(by, counter, work.items)), refused, seconds: seconds() };
    }
    case "files":
      return { ...nothing, ...(await arrival(by, "unique", work.items)), seconds: seconds() };
    case "scrape":
      return { ...nothing, ...(await arrival(by, "samples", work.items, 2 * work.targets * work.series)), seconds: seconds() };
    case "shed": {
      await sleep(work.seconds * 1000);
      const { samples = 0 } = await by.sink.stats();
      const health = await fetch(`http://${by.own}/-/healthy`);
      await health.arrayBuffer();
      const skipped = await skippedScrapes(by.own);
      const error = health.ok
        ? "targets are shed, and yet it calls itself healthy"
        : skipped === 0
          ? "targets are shed, and no scrape is counted as skipped"
          : undefined;
      return { ...nothing, items: samples, wanted: samples, refused: skipped, seconds: seconds(), ...(error !== undefined && { error }) };
    }
    case "idle": {
      // Start-up work (compilation, first discovery) is over after a while.
      await sleep(10_000);
      const before = cpuSeconds(by.collector.pid);
      await sleep(work.seconds * 1000);
      return { ...nothing, seconds: seconds(), idleCpu: cpuSeconds(by.collector.pid) - before };
    }
    default:
      return work satisfies never;
  }
}

/** Scrapes that our collector says it left out. */
async function skippedScrapes(own: string): Promise<number> {
  const metrics = await (await fetch(`http://${own}/metrics`)).text();
  let skipped = 0;
  for (const [, count] of metrics.matchAll(/^invar_scrapes_skipped_total\{[^\n]*\} (\d+)$/gm)) skipped += Number(count);
  return skipped;
}

/** Waits until all has arrived; the memory grown since `settledAt` items is reported where that is given. */
async function arrival(
  by: Drive,
  counter: string,
  wanted: number,
  settledAt?: number,
): Promise<{ items: number; wanted: number; growthMiB?: number; error?: string }> {
  let settledMiB: number | undefined;
  for (const end = performance.now() + by.limitMs; ; await sleep(100)) {
    const items = (await by.sink.stats())[counter] ?? 0;
    if (settledAt !== undefined && items >= settledAt) settledMiB ??= residentMiB(by.collector.pid).now;
    const growth = settledMiB === undefined ? {} : { growthMiB: residentMiB(by.collector.pid).now - settledMiB };
    if (items >= wanted) return { items, wanted, ...growth };
    if (performance.now() > end)
      return { items, wanted, ...growth, error: `${items} of ${wanted} ${counter} arrived in ${by.limitMs / 1000} s` };
  }
}

function scaled(load: Load, scale: number): Load {
  if (!("items" in load)) return load;
  // Whole requests only: the generator rounds down to them.
  const step = load.kind === "otlp" ? load.batch : 1;
  return { ...load, items: Math.max(step, Math.round((load.items * scale) / step) * step) };
}

function isNumbered(load: Load): boolean {
  return load.kind === "files" || (load.kind === "otlp" && load.distinct === true);
}

function portOf(address: string): number {
  return Number(address.split(":")[1]);
}
