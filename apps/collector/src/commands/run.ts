import { accessSync, constants, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { renderDiagnostic } from "@invar/alloy-syntax";
import { parseDurationMs } from "@invar/go-compat";
import type { Stability } from "../component/arguments.ts";
import { parseByteSize } from "../component/byte-size.ts";
import { systemClock } from "../component/clock.ts";
import { MetricRegistry } from "../component/metrics.ts";
import { Budget } from "../delivery/budget.ts";
import { Controller } from "../graph/controller.ts";
import { globalId } from "../graph/nodes/node.ts";
import { viewOf } from "../graph/view.ts";
import { httpBlock } from "../services/http/block.ts";
import { ComponentPages } from "../services/http/component-pages.ts";
import { Pages } from "../services/http/pages.ts";
import { addProbes } from "../services/http/probes.ts";
import { ProcessServer } from "../services/http/server.ts";
import { addSupportBundle } from "../services/http/support-bundle.ts";
import { addWebApi } from "../services/http/web-api.ts";
import { LiveDebugging, liveDebuggingBlock } from "../services/live-debugging/live-debugging.ts";
import { loggingBlock } from "../services/log/block.ts";
import { ProcessLog } from "../services/log/logger.ts";
import { budgetBytes } from "../services/memory.ts";
import { addProfilePages } from "../services/profiles/pages.ts";
import { registerConfigMetrics } from "../services/telemetry/config-metrics.ts";
import { registerControllerMetrics } from "../services/telemetry/controller-metrics.ts";
import { exposition, expositionContentType } from "../services/telemetry/exposition.ts";
import { registerProcessMetrics } from "../services/telemetry/process-metrics.ts";
import { version } from "../version.ts";
import { watchSources } from "./config-watch.ts";
import { describeFlags, parseFlags, UsageError } from "./flags.ts";
import { runFlags } from "./run-flags.ts";
import { readSources } from "./sources.ts";
import { readImport, vocabulary } from "./vocabulary.ts";

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

  const log = new ProcessLog();
  const processLog = log.with({});
  for (const note of notes) processLog.warn(note);
  const clock = systemClock;
  const registry = new MetricRegistry();
  const processMetrics = registry.scope();
  const budget = new Budget(budgetOf(flags["memory.budget"]));
  const storagePath = writableFolder(flags["storage.path"]);
  if (storagePath === undefined)
    processLog.warn("the storage path can't be written: queues and positions are kept in memory only", { path: flags["storage.path"] });

  const pages = new Pages();
  const debug = new LiveDebugging();
  const server = new ProcessServer({ listenAddress: flags["server.http.listen-addr"], pages, log: log.with({ service: "http" }) });
  const componentPages = new ComponentPages(pages, flags["server.http.memory-addr"]);
  const expose = () => exposition(registry.expose());

  const controller = new Controller({
    vocabulary: vocabulary(flags["stability.level"] as Stability, [
      loggingBlock(log),
      liveDebuggingBlock(debug),
      httpBlock(server, log.with({ service: "http" })),
    ]),
    readImport,
    log: log.with({ service: "controller" }),
    now: () => clock.now(),
    after: (ms, callback) => clock.after(ms, callback),
    contextFor(identity, hooks) {
      const id = globalId(identity.modulePath, identity.id);
      const metrics = (identity.exposesMetrics ? registry : new MetricRegistry()).scope({
        component_id: identity.id,
        component_path: `/${identity.modulePath}`,
      });
      const routes = componentPages.routesOf(id);
      return {
        context: {
          id: identity.id,
          globalId: id,
          log: log.with({ component_path: `/${identity.modulePath}`, component_id: identity.id }),
          metrics,
          clock,
          dataPath: storagePath === undefined ? undefined : join(storagePath, id.replaceAll("/", "_")),
          budget,
          ...hooks,
          debugStream: debug.streamOf(id),
          http: routes,
          peers: { exposition: expose, fetchInProcess: (url) => componentPages.fetch(url), userAgent: `Invar/${version}` },
        },
        close() {
          metrics.close();
          routes.handle(undefined);
        },
      };
    },
  });
  const view = viewOf(controller.root, () => debug.enabled);
  registerProcessMetrics(processMetrics, { version, revision: "" });
  registerControllerMetrics(processMetrics, view);
  const configMetrics = registerConfigMetrics(processMetrics);

  let isReady = false;
  const load = async (): Promise<string | undefined> => {
    try {
      const sources = readSources(path);
      const { loaded, diagnostics } = await controller.load(sources);
      for (const diagnostic of diagnostics)
        if (diagnostic.severity === "warning")
          processLog.warn(diagnostic.message, { at: `${diagnostic.source.name}:${diagnostic.span.start}` });
      configMetrics.loaded(loaded, sources);
      if (loaded) return undefined;
      return diagnostics
        .filter((diagnostic) => diagnostic.severity === "error")
        .map((diagnostic) => renderDiagnostic(diagnostic))
        .join("\n");
    } catch (error) {
      configMetrics.loaded(false, []);
      return error instanceof Error ? error.message : String(error);
    }
  };
  const reload = async (): Promise<string | undefined> => {
    const problem = await load();
    if (problem === undefined) processLog.info("config reloaded", { path });
    else processLog.error("failed to reload config; everything goes on as before", { path, err: problem });
    return problem;
  };
  addProbes(pages, { isReady: () => isReady, reload, view });
  addWebApi(pages, view, debug, () => []);
  if (flags["server.http.enable-pprof"]) addProfilePages(pages);
  if (!flags["server.http.disable-support-bundle"])
    addSupportBundle(pages, { version, view, flags: argv, exposition: expose, recentLog: () => log.recent() });
  pages.set("/metrics", {
    kind: "page",
    methods: ["GET"],
    handle: () => ({ status: 200, contentType: expositionContentType, body: expose() }),
  });

  const problem = await load();
  if (problem !== undefined) {
    process.stderr.write(`Error: ${problem}\n`);
    await controller.stop(AbortSignal.abort());
    return 1;
  }
  try {
    await server.listen();
  } catch (error) {
    process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
    await controller.stop(AbortSignal.abort());
    return 1;
  }
  await controller.start();
  isReady = true;
  processLog.info("ready", { address: flags["server.http.listen-addr"], port: server.port, version, budget_bytes: budget.limitBytes });
  const unwatch = flags["config.watch"] ? watchSources(path, clock, () => void reload()) : () => {};

  await untilToldToStop(reload);
  isReady = false;
  unwatch();
  processLog.info("stopping: handing on what is held", { drain_timeout: flags["shutdown.drain-timeout"] });
  await controller.stop(AbortSignal.timeout(drainMs));
  await server.close();
  processLog.info("stopped");
  return 0;
}

function untilToldToStop(reload: () => Promise<unknown>): Promise<void> {
  return new Promise((done) => {
    process.on("SIGHUP", () => void reload());
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => done());
  });
}

function budgetOf(written: string): number {
  if (written === "") return budgetBytes();
  const bytes = parseByteSize(written);
  if (bytes === undefined || bytes <= 0) throw new UsageError(`--memory.budget: ${JSON.stringify(written)} is not a size; write 256MiB`);
  return bytes;
}

/** The folder as an absolute path, made if need be; undefined where it can't be written. */
function writableFolder(path: string): string | undefined {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}
