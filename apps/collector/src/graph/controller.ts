import { type Diagnostic, parse, type Source } from "@invar/alloy-syntax";
import { checkConfiguration, type ReadImport } from "./check.ts";
import { Module } from "./module.ts";
import type { DependantModule, GraphNode, GraphProcess, Health } from "./nodes/node.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a load came to. */
export interface LoadResult {
  readonly loaded: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ControllerOptions extends Omit<GraphProcess, "exportsChanged"> {
  readonly readImport: ReadImport;
  /** Before the ids of everything in it; empty for the main one. */
  readonly path: string;
}

/**
 * The running configuration: loads it, changes it as a whole, follows changes of exports, and stops it in order. One thing happens at a
 * time: a reload waits for the evaluation that is under way, and the other way round.
 */
export class Controller {
  readonly root: Module;
  readonly #options: ControllerOptions;
  /** Where a node has changed, and since when. */
  readonly #changed = new Map<GraphNode, { readonly module: DependantModule; readonly sinceMs: number }>();
  #turn: Promise<unknown> = Promise.resolve();
  #isFollowing = false;
  #isRunning = false;
  #isStopped = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const process: GraphProcess = { ...options, exportsChanged: (module, node) => this.#follow(module, node) };
    this.root = new Module({ process, path: options.path, exposesMetrics: true, given: () => undefined, onExports: () => {} });
  }

  /** Checks, evaluates and puts into force; where anything stands against it, everything stays as it was. */
  load(sources: readonly Source[]): Promise<LoadResult> {
    return this.#inTurn(() => this.#load(sources));
  }

  /** Starts what was loaded; later loads start what they bring. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isRunning = true;
      await this.root.start();
      this.#schedule();
    });
  }

  /** Drains from sources to sinks until `deadline`. */
  stop(deadline: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      this.#isStopped = true;
      await this.root.stop(deadline);
    });
  }

  health(): Health {
    return this.root.health();
  }

  /** Resolves when every change so far has been followed. */
  settled(): Promise<void> {
    return this.#inTurn(async () => {
      while (this.#changed.size > 0) await this.#evaluateChanged();
    });
  }

  async #load(sources: readonly Source[]): Promise<LoadResult> {
    const surroundings = rootSurroundings(this.#options.vocabulary);
    const diagnostics: Diagnostic[] = [];
    const files = sources.map((source) => {
      const parsed = parse(source);
      diagnostics.push(...parsed.diagnostics);
      return parsed.file;
    });
    if (!hasErrors(diagnostics)) diagnostics.push(...checkConfiguration(files, surroundings, this.#options.readImport));
    if (hasErrors(diagnostics)) return { loaded: false, diagnostics };
    const found: Diagnostic[] = [];
    const { tracer, evaluations } = this.#options;
    const span = tracer.isOn ? tracer.start("GraphEvaluate", "internal") : undefined;
    evaluations.evaluating(true);
    if (this.#options.path !== "") span?.set("alloy.controller_id", this.#options.path);
    await this.root.prepare(files, surroundings, () => undefined, found, span);
    span?.end();
    evaluations.evaluating(false);
    if (hasErrors(found)) {
      await this.root.abandon();
      return { loaded: false, diagnostics: [...diagnostics, ...found.filter((diagnostic) => diagnostic.severity === "error")] };
    }
    await this.root.commit();
    await this.#defaultServices();
    return { loaded: true, diagnostics };
  }

  /** A service whose block is absent, or was taken away, has its defaults. */
  async #defaultServices(): Promise<void> {
    for (const service of this.#options.vocabulary.serviceBlocks.values()) {
      const isPresent = [...this.root.nodes.values()].some(
        ({ planned }) => planned.what.kind === "service" && planned.what.service === service,
      );
      if (!isPresent && service.defaults !== undefined) await service.apply(service.defaults);
    }
  }

  #follow(module: DependantModule, node: GraphNode): void {
    this.#changed.set(node, { module, sinceMs: this.#changed.get(node)?.sinceMs ?? this.#options.monotonic() });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isFollowing || !this.#isRunning || this.#isStopped || this.#changed.size === 0) return;
    this.#isFollowing = true;
    setImmediate(() => {
      this.#inTurn(async () => {
        this.#isFollowing = false;
        await this.#evaluateChanged();
        this.#schedule();
      }).catch((error: unknown) => this.#options.log.error("following a change failed", { err: String(error) }));
    });
  }

  /** One round: every dependant of what changed so far, each once. What changes meanwhile is the next round's. */
  async #evaluateChanged(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    const dependants = new Map<GraphNode, { readonly module: DependantModule; readonly sinceMs: number }>();
    for (const [node, change] of changed)
      for (const dependant of change.module.dependants(node)) if (!dependants.has(dependant)) dependants.set(dependant, change);
    if (dependants.size === 0) return;
    const { tracer, evaluations, monotonic } = this.#options;
    let waiting = dependants.size;
    evaluations.evaluating(true);
    const span = tracer.isOn ? tracer.start("SubmitDependantsForEvaluation", "internal") : undefined;
    span?.set("originators_count", changed.length);
    for (const [node, { module, sinceMs }] of dependants) {
      evaluations.queued(waiting--);
      if (this.#isStopped) break;
      const startedMs = monotonic();
      await module.evaluate(node, span);
      evaluations.followed(module.path, node.planned.id, (startedMs - sinceMs) / 1000, (monotonic() - startedMs) / 1000);
    }
    span?.end();
    evaluations.queued(0);
    evaluations.evaluating(false);
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** What the root configuration sees around itself: nothing but the vocabulary. */
export function rootSurroundings(vocabulary: Surroundings["vocabulary"]): Surroundings {
  return {
    vocabulary,
    isModule: false,
    variables: new Map(),
    templates: new Map(),
    importedBy: () => undefined,
    unknownVariables: new Set(),
  };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
