import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseDurationMs } from "@invar/go-compat";
import type { Stability } from "../component/arguments.ts";
import { parseByteSize } from "../component/byte-size.ts";
import { systemClock } from "../component/clock.ts";
import { Budget } from "../delivery/budget.ts";
import { ProcessLog } from "../services/log/logger.ts";
import { budgetBytes } from "../services/memory.ts";
import { addPreviewPages, PreviewBackend } from "../services/preview/backend.ts";
import { version } from "../version.ts";
import type { ClusterMembership } from "./cluster.ts";
import { watchSources } from "./config-watch.ts";
import { describeFlags, type FlagValues, parseFlags } from "./flags.ts";
import { printProgress } from "./preview-progress.ts";
import { runFlags } from "./run-flags.ts";
import { RunningCollector } from "./running-collector.ts";
import { readSources } from "./sources.ts";
import { UsageError } from "./usage-error.ts";

export const runUsage = `Usage: invar run [flags] PATH

Runs the configuration in PATH, a file or a folder of *.alloy files, until it is told to stop.

Flags:
${describeFlags(runFlags)}
`;

/** Runs a configuration; resolves with the exit code once it has stopped. */
export async function run(argv: readonly string[]): Promise<number> {
  const { flags, args, notes } = parseFlags(runFlags, argv);
  const [path] = args;
  if (path === undefined || args.length > 1) throw new UsageError("write the path of one configuration: invar run PATH");
  const drainMs = parseDurationMs(flags["shutdown.drain-timeout"]);
  const orphanMaxAgeMs = parseDurationMs(flags["storage.orphan-max-age"]);
  const log = new ProcessLog();
  const own = log.with({});
  for (const note of notes) own.warn(note);
  const storagePath = writableFolder(flags["storage.path"]);
  if (storagePath === undefined)
    own.warn("the storage path can't be written: queues and positions are kept in memory only", { path: flags["storage.path"] });
  const budget = new Budget(budgetOf(flags["memory.budget"]));
  const cluster = await membership(flags, log);

  const preview = flags["quick-start"] ? new PreviewBackend() : undefined;
  await preview?.listen();
  if (preview !== undefined) process.env.INVAR_PREVIEW_URL = `http://127.0.0.1:${preview.port}`;
  const collector = new RunningCollector({
    log,
    budget,
    stability: flags["stability.level"] as Stability,
    storagePath,
    orphanMaxAgeMs,
    listenAddress: flags["server.http.listen-addr"],
    memoryAddress: flags["server.http.memory-addr"],
    uiPrefix: flags["server.http.ui-path-prefix"],
    uiFolder: uiFolder(),
    servesProfiles: flags["server.http.enable-pprof"],
    servesSupportBundle: !flags["server.http.disable-support-bundle"],
    flags: argv,
    cluster,
    readSources: () => readSources(path),
  });
  if (preview !== undefined) addPreviewPages(collector.pages, preview.store);
  const problem = (await collector.load()) ?? (await started(collector));
  if (problem !== undefined) {
    process.stderr.write(problem.startsWith("Error: ") ? `${problem}\n` : `Error: ${problem}\n`);
    await collector.stop(AbortSignal.abort());
    await preview?.close();
    return 1;
  }
  own.info("ready", { address: flags["server.http.listen-addr"], version, budget_bytes: budget.limitBytes });
  const unwatch = flags["config.watch"] ? watchSources(path, systemClock, () => void collector.reload()) : () => {};
  if (preview !== undefined)
    process.stdout.write(`\nInvar runs. See it at http://${flags["server.http.listen-addr"]}. Ctrl-C ends it.\n\n`);
  const endProgress = preview === undefined ? () => {} : printProgress(preview.store, process.stdout);

  const hurry = await toldToStop(() => void collector.reload());
  unwatch();
  endProgress();
  own.info("stopping: handing on what is held", { drain_timeout: flags["shutdown.drain-timeout"] });
  await collector.stop(AbortSignal.any([AbortSignal.timeout(drainMs), hurry]));
  await preview?.close();
  own.info("stopped");
  return 0;
}

/** Beside the folder of the bundled program's parts, or where the build puts it for the sources. */
function uiFolder(): string {
  const here = import.meta.dirname;
  return here.endsWith("commands") ? join(here, "../../dist/ui") : join(here, "../ui");
}

async function membership(flags: FlagValues<typeof runFlags>, log: ProcessLog): Promise<ClusterMembership | undefined> {
  if (!flags["cluster.enabled"]) return undefined;
  const { clusterMembership, clusterSettings } = await import("./cluster.ts");
  return clusterMembership(clusterSettings(flags, flags["server.http.listen-addr"], log.with({ service: "cluster" })));
}

async function started(collector: RunningCollector): Promise<string | undefined> {
  try {
    await collector.start();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Resolves when the process is told to stop; the signal that it gives is aborted when it is told so again. A terminal and `npm` both pass on the same
 * Ctrl-C: what comes within a second is no second word.
 */
function toldToStop(reload: () => void): Promise<AbortSignal> {
  return new Promise((done) => {
    const hurry = new AbortController();
    let toldMs: number | undefined;
    const told = () => {
      const nowMs = performance.now();
      if (toldMs === undefined) {
        toldMs = nowMs;
        done(hurry.signal);
      } else if (nowMs - toldMs > sameWordMs) hurry.abort();
    };
    process.on("SIGHUP", reload);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, told);
  });
}

const sameWordMs = 1_000;

function budgetOf(written: string): number {
  if (written === "") return budgetBytes();
  const bytes = parseByteSize(written);
  if (bytes === undefined || bytes <= 0) throw new UsageError(`--memory.budget: ${JSON.stringify(written)} is not a size; write 256MiB`);
  return bytes;
}

/** Level by level: where a file system knows no folders to be made, as /proc, Node's own way of making all at once never ends. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** The folder as an absolute path, made if need be; undefined where it can't be written. */
function writableFolder(path: string): string | undefined {
  const folder = resolve(path);
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}
