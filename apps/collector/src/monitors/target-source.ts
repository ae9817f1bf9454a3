import type { ComponentContext } from "../component/context.ts";
import { Settled } from "../discovery/kubernetes/settled.ts";
import { WatchedTargets } from "../discovery/kubernetes/watched-targets.ts";
import type { Target } from "../discovery/targets.ts";
import type { ApiShare } from "../kubernetes/shared-watches.ts";
import type { FindTargets } from "./job-plan.ts";

/** Finds the targets of jobs; jobs that look for the same ones share what is found. */
export class TargetSources {
  readonly #context: Pick<ComponentContext, "clock">;
  readonly #api: ApiShare;
  readonly #trouble: (source: string, error: Error | undefined) => void;
  readonly #known = new Map<string, Source>();

  constructor(context: Pick<ComponentContext, "clock">, api: ApiShare, trouble: (source: string, error: Error | undefined) => void) {
    this.#context = context;
    this.#api = api;
    this.#trouble = trouble;
  }

  /** Calls back with all targets now and at each change, until the returned function is called. */
  find(what: FindTargets, found: (targets: readonly Target[]) => void): () => Promise<void> {
    if (what.kind === "static") {
      found(what.targets);
      return async () => {};
    }
    const key = JSON.stringify(what);
    let source = this.#known.get(key);
    if (source === undefined) {
      source = new Source(this.#context, this.#api, what, (error) => this.#trouble(key, error));
      this.#known.set(key, source);
    }
    const shared = source;
    shared.listen(found);
    return async () => {
      if (shared.leave(found)) return;
      this.#known.delete(key);
      await shared.close();
      this.#trouble(key, undefined);
    };
  }
}

class Source {
  readonly #listeners = new Set<(targets: readonly Target[]) => void>();
  readonly #watched: WatchedTargets;
  readonly #settled: Settled;
  #targets: readonly Target[] | undefined;

  constructor(
    { clock }: Pick<ComponentContext, "clock">,
    api: ApiShare,
    { role, namespaces, attachNode }: FindTargets & { readonly kind: "role" },
    trouble: (error: Error | undefined) => void,
  ) {
    this.#settled = new Settled(clock, () => {
      if (!this.#watched.isSynced) return;
      this.#targets = this.#watched.targets();
      for (const found of [...this.#listeners]) found(this.#targets);
    });
    this.#watched = new WatchedTargets(
      api,
      { role, namespaces, selectors: {}, attachNode, attachNamespace: false },
      { changed: () => this.#settled.changed(), trouble, event: () => {} },
    );
    this.#watched.start();
  }

  listen(found: (targets: readonly Target[]) => void): void {
    this.#listeners.add(found);
    if (this.#targets !== undefined) found(this.#targets);
  }

  /** Whether others still listen. */
  leave(found: (targets: readonly Target[]) => void): boolean {
    this.#listeners.delete(found);
    return this.#listeners.size > 0;
  }

  async close(): Promise<void> {
    this.#settled.stop();
    await this.#watched.close();
  }
}
