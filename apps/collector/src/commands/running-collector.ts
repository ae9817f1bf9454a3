import { join } from "node:path";
import { type Diagnostic, renderDiagnostic, type Source } from "@invar/alloy-syntax";
import type { Stability } from "../component/arguments.ts";
import { systemClock } from "../component/clock.ts";
import type { ProcessServices } from "../component/context.ts";
import type { GraphView } from "../component/graph-view.ts";
import { MetricRegistry } from "../component/metrics.ts";
import type { Budget } from "../delivery/budget.ts";
import { watchOrphans } from "../delivery/orphans.ts";
import { Controller } from "../graph/controller.ts";
import { ComponentNode } from "../graph/nodes/component-node.ts";
import { globalId } from "../graph/nodes/node.ts";
import { viewOf } from "../graph/view.ts";
import type { ClusterNode } from "../services/cluster/cluster-node.ts";
import { ComponentPages } from "../services/http/component-pages.ts";
import { Pages } from "../services/http/pages.ts";
import { addProbes } from "../services/http/probes.ts";
import { ProcessServer } from "../services/http/server.ts";
import { addSupportBundle } from "../services/http/support-bundle.ts";
import { addUiPages } from "../services/http/ui-pages.ts";
import { addWebApi } from "../services/http/web-api.ts";
import { LiveDebugging } from "../services/live-debugging/live-debugging.ts";
import type { ProcessLog } from "../services/log/logger.ts";
import { addProfilePages } from "../services/profiles/pages.ts";
import { RemoteConfig } from "../services/remote-config/remote-config.ts";
import { registerConfigMetrics } from "../services/telemetry/config-metrics.ts";
import { ControllerMetrics } from "../services/telemetry/controller-metrics.ts";
import { exposition, expositionContentType } from "../services/telemetry/exposition.ts";
import { registerProcessMetrics } from "../services/telemetry/process-metrics.ts";
import { ProcessTracer } from "../services/tracing/process-tracer.ts";
import { httpClient } from "../transport/http-client.ts";
import { version } from "../version.ts";
import type { ClusterMembership } from "./cluster.ts";
import { serviceBlocks } from "./service-blocks.ts";
import { readImport, vocabulary } from "./vocabulary.ts";

export interface CollectorOptions {
  readonly log: ProcessLog;
  readonly budget: Budget;
  readonly stability: Stability;
  readonly storagePath: string | undefined;
  /** How long data on disk waits for a destination that is gone. */
  readonly orphanMaxAgeMs: number;
  readonly listenAddress: string;
  readonly memoryAddress: string;
  readonly uiPrefix: string;
  /** Where the bundled pages lie. */
  readonly uiFolder: string;
  readonly servesProfiles: boolean;
  readonly servesSupportBundle: boolean;
  /** As given on the command line, for the support bundle. */
  readonly flags: readonly string[];
  /** Undefined: this collector works alone. */
  readonly cluster: ClusterMembership | undefined;
  /** Where the configuration comes from. Throws where it can't be read. */
  readSources(): readonly Source[];
}

/** How long it may take to hand work over to other collectors; the rest of the time is for what is held. */
const mostHandoverMs = 12_000;
/** How long the last spans of the collector's own work may take to leave. */
const lastSpansMs = 5_000;
const userAgent = `Invar/${version}`;
const clock = systemClock;

/** A collector in this process: the configuration and what runs it, the services around it, and the one HTTP server. */
export class RunningCollector {
  readonly pages = new Pages();
  readonly server: ProcessServer;
  readonly view: GraphView;
  readonly #options: CollectorOptions;
  readonly #registry = new MetricRegistry();
  readonly #debug = new LiveDebugging();
  readonly #tracer: ProcessTracer;
  readonly #controllerMetrics: ControllerMetrics;
  readonly #componentPages: ComponentPages;
  readonly #controller: Controller;
  /** What a server gives by `remotecfg` runs beside the local configuration; none sees the other. */
  readonly #remoteController: Controller;
  readonly #remote: RemoteConfig;
  readonly #configMetrics: ReturnType<typeof registerConfigMetrics>;
  readonly #cluster: ClusterNode | undefined;
  #orphans: ReturnType<typeof watchOrphans> | undefined;
  #isReady = false;
  /** One object for all components: by it they know that they are of one process, and share clients. */
  readonly #services: ProcessServices;

  constructor(options: CollectorOptions) {
    this.#options = options;
    const { log } = options;
    const ownMetrics = this.#registry.scope();
    this.#controllerMetrics = new ControllerMetrics(ownMetrics);
    this.#tracer = new ProcessTracer({ clock, log: log.with({ service: "tracing" }), metrics: ownMetrics, version });
    this.server = new ProcessServer({
      listenAddress: options.listenAddress,
      pages: this.pages,
      tracer: this.#tracer,
      log: log.with({ service: "http" }),
    });
    this.#componentPages = new ComponentPages(this.pages, options.memoryAddress);
    this.#services = this.#processServices();
    this.#remote = new RemoteConfig({
      clock,
      log: log.with({ service: "remotecfg" }),
      metrics: ownMetrics,
      storagePath: options.storagePath,
      version,
      client: (args) => httpClient(args, { clock, log: log.with({ service: "remotecfg" }), peers: this.#services }),
      load: (text) => this.#loadRemote(text),
    });
    const clusterLog = log.with({ service: "cluster" });
    this.#cluster = options.cluster?.create({ clock, log: clusterLog, peers: this.#services }, this.server, this.#registry.scope());
    const blocks = serviceBlocks({ log, debug: this.#debug, server: this.server, tracer: this.#tracer, remote: this.#remote });
    this.#controller = this.#newController("", blocks);
    this.#remoteController = this.#newController("remotecfg", []);
    this.view = viewOf(this.#controller.root, () => this.#debug.enabled);
    registerProcessMetrics(ownMetrics, { version, revision: "" });
    this.#controllerMetrics.show(this.view);
    this.#configMetrics = registerConfigMetrics(ownMetrics, options.cluster?.name ?? "");
    this.#addPages();
  }

  /** Reads and loads the configuration; the text is what stands against it, and then everything is as it was. */
  async load(): Promise<string | undefined> {
    try {
      const sources = this.#options.readSources();
      const { loaded, diagnostics } = await this.#controller.load(sources);
      this.#configMetrics.loaded(loaded, sources);
      const log = this.#options.log.with({ service: "controller" });
      for (const diagnostic of diagnostics) if (diagnostic.severity === "warning") log.warn(diagnostic.message, { at: place(diagnostic) });
      return loaded ? undefined : errorText(diagnostics);
    } catch (error) {
      this.#configMetrics.loaded(false, []);
      return error instanceof Error ? error.message : String(error);
    }
  }

  async reload(): Promise<string | undefined> {
    const problem = await this.load();
    const log = this.#options.log.with({ service: "controller" });
    if (problem === undefined) log.info("config reloaded");
    else log.error("failed to reload config; everything goes on as before", { err: problem });
    return problem;
  }

  /** Listens and starts what was loaded. Throws where the address can't be had. */
  async start(): Promise<void> {
    await this.server.listen();
    await this.#controller.start();
    await this.#remoteController.start();
    this.#cluster?.start();
    this.#watchOrphans();
    this.#isReady = true;
  }

  /** Hands on what is held until `deadline`; what is left goes to disk. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#isReady = false;
    // First of all, while everything still works: the others take over without a gap.
    await this.#cluster?.leave(AbortSignal.any([deadline, AbortSignal.timeout(mostHandoverMs)]));
    await this.#orphans?.close();
    await this.#remote.close();
    // While those that take the spans are still there.
    await this.#tracer.close(AbortSignal.any([deadline, AbortSignal.timeout(lastSpansMs)]));
    await Promise.all([this.#controller.stop(deadline), this.#remoteController.stop(deadline)]);
    await this.server.close();
  }

  #watchOrphans(): void {
    const { storagePath, orphanMaxAgeMs, log } = this.#options;
    if (storagePath === undefined) return;
    this.#orphans = watchOrphans({
      storagePath,
      otherFolders: () => this.#storageFolders(),
      maxAgeMs: orphanMaxAgeMs,
      clock,
      log: log.with({ service: "storage" }),
      metrics: this.#registry.scope(),
    });
  }

  /** Where components of the kind `otelcol.storage.file` let others keep their queues. */
  #storageFolders(): string[] {
    const folders: string[] = [];
    for (const { root } of [this.#controller, this.#remoteController])
      for (const node of root.nodes.values())
        if (node instanceof ComponentNode && node.definition.name === "otelcol.storage.file") {
          const { directory } = (node.debugInfo() ?? {}) as { directory?: string };
          if (directory !== undefined) folders.push(directory);
        }
    return folders;
  }

  async #loadRemote(text: string): Promise<string | undefined> {
    const { loaded, diagnostics } = await this.#remoteController.load([{ name: "remotecfg", text }]);
    return loaded ? undefined : errorText(diagnostics);
  }

  #newController(path: string, blocks: Parameters<typeof vocabulary>[1]): Controller {
    const { log } = this.#options;
    return new Controller({
      path,
      vocabulary: vocabulary(this.#options.stability, blocks),
      readImport,
      monotonic: () => clock.monotonic(),
      evaluations: this.#controllerMetrics,
      log: log.with({ service: "controller" }),
      tracer: this.#tracer,
      now: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
      contextFor: (identity, hooks) => {
        const id = globalId(identity.modulePath, identity.id);
        const registry = identity.exposesMetrics ? this.#registry : new MetricRegistry();
        const componentPath = `/${identity.modulePath}`;
        const metrics = registry.scope({ component_id: identity.id, component_path: componentPath });
        const http = this.#componentPages.routesOf(id);
        const { storagePath, budget } = this.#options;
        return {
          context: {
            id: identity.id,
            globalId: id,
            log: log.with({ component_path: componentPath, component_id: identity.id }),
            metrics,
            clock,
            dataPath: storagePath === undefined ? undefined : join(storagePath, id.replaceAll("/", "_")),
            budget,
            ...hooks,
            debugStream: this.#debug.streamOf(id),
            http,
            peers: this.#services,
          },
          close() {
            metrics.close();
            http.handle(undefined);
          },
        };
      },
    });
  }

  #processServices(): ProcessServices {
    const cluster = () => this.#cluster;
    return {
      exposition: () => this.#exposition(),
      fetchInProcess: (url: URL) => this.#componentPages.fetch(url),
      userAgent,
      tracer: this.#tracer,
      get cluster() {
        return cluster();
      },
    };
  }

  #exposition(): string {
    return exposition(this.#registry.expose());
  }

  #addPages(): void {
    const { pages, view } = this;
    const peers = () => this.#cluster?.peers() ?? [];
    addProbes(pages, {
      isReady: () => this.#isReady && this.#cluster?.isPartitioned !== true,
      remark: () => this.#cluster?.problem(),
      reload: () => this.reload(),
      view,
    });
    addWebApi(pages, "/api/v0/web/", view, this.#debug, peers);
    addWebApi(
      pages,
      "/api/v0/web/remotecfg/",
      viewOf(this.#remoteController.root, () => this.#debug.enabled),
      this.#debug,
      peers,
    );
    addUiPages(pages, this.#options.uiPrefix, this.#options.uiFolder);
    if (this.#options.servesProfiles) addProfilePages(pages);
    if (this.#options.servesSupportBundle)
      addSupportBundle(pages, {
        version,
        view,
        flags: this.#options.flags,
        exposition: () => this.#exposition(),
        recentLog: () => this.#options.log.recent(),
      });
    pages.set("/metrics", {
      kind: "page",
      methods: ["GET"],
      handle: () => ({ status: 200, contentType: expositionContentType, body: this.#exposition() }),
    });
  }
}

function errorText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter((diagnostic) => diagnostic.severity === "error")
    .map((diagnostic) => renderDiagnostic(diagnostic))
    .join("\n");
}

function place({ source, span }: Diagnostic): string {
  return `${source.name}:${source.text.slice(0, span.start).split("\n").length}`;
}
