import type { ComponentContext } from "../../../component/context.ts";
import type { Component } from "../../../component/definition.ts";
import { type RoleName, roleNames } from "../../../discovery/kubernetes/roles.ts";
import { Settled } from "../../../discovery/kubernetes/settled.ts";
import { WatchedTargets } from "../../../discovery/kubernetes/watched-targets.ts";
import type { ApiServerArgs } from "../../../kubernetes/client-arguments.ts";
import { type ApiShare, shareApiServer } from "../../../kubernetes/shared-watches.ts";

export type KubernetesDiscoveryArgs = ApiServerArgs & {
  readonly role: RoleName;
  readonly namespaces: { readonly own_namespace: boolean; readonly names: readonly string[] };
  readonly selectors: readonly { readonly role: RoleName; readonly label?: string | undefined; readonly field?: string | undefined }[];
  readonly attach_metadata: { readonly node: boolean; readonly namespace: boolean };
};

export class KubernetesDiscovery implements Component<KubernetesDiscoveryArgs> {
  readonly #context: ComponentContext;
  readonly #event: (role: RoleName, event: "add" | "update" | "delete") => void;
  readonly #failed: () => void;
  #args: KubernetesDiscoveryArgs;
  #watching: { readonly api: ApiShare; readonly targets: WatchedTargets } | undefined;
  readonly #settled: Settled;
  #found = 0;

  constructor(context: ComponentContext, args: KubernetesDiscoveryArgs) {
    this.#context = context;
    this.#args = args;
    this.#settled = new Settled(context.clock, () => this.#publish());
    const events = context.metrics.counter("prometheus_sd_kubernetes_events_total", {
      help: "Changes of objects that were seen, by role and kind of change.",
      labels: ["role", "event"],
    });
    for (const role of roleNames) for (const event of ["add", "delete", "update"]) events.of(role, event);
    this.#event = (role, event) => events.of(role, event).add(1);
    const failures = context.metrics
      .counter("prometheus_sd_kubernetes_failures_total", { help: "Times that objects could not be listed or watched." })
      .of();
    this.#failed = () => failures.add(1);
    context.export({ targets: [] });
  }

  start(): void {
    this.#watching = this.#open(this.#args);
    this.#watching.targets.start();
  }

  async update(args: KubernetesDiscoveryArgs): Promise<void> {
    const previous = this.#watching;
    // The new watches share what the old ones know, so these end after those have begun.
    const next = this.#open(args);
    this.#args = args;
    this.#watching = next;
    next.targets.start();
    await close(previous);
  }

  async stop(): Promise<void> {
    this.#settled.stop();
    await close(this.#watching);
    this.#watching = undefined;
  }

  debugInfo(): unknown {
    return { role: this.#args.role, targets: this.#found, synced: this.#watching?.targets.isSynced ?? false };
  }

  #open(args: KubernetesDiscoveryArgs): { readonly api: ApiShare; readonly targets: WatchedTargets } {
    if (new Set(args.selectors.map(({ role }) => role)).size < args.selectors.length)
      this.#context.log.warn("of several selectors for a role the last counts: write label and field in one block");
    const api = shareApiServer(args, this.#context);
    try {
      const options = {
        role: args.role,
        namespaces: namespacesOf(args, api),
        selectors: Object.fromEntries(args.selectors.map(({ role, label = "", field = "" }) => [role, { label, field }])),
        attachNode: args.attach_metadata.node,
        attachNamespace: args.attach_metadata.namespace,
      };
      const targets: WatchedTargets = new WatchedTargets(api, options, {
        changed: () => this.#settled.changed(),
        trouble: (error) => this.#trouble(error),
        event: this.#event,
      });
      return { api, targets };
    } catch (error) {
      void api.release();
      throw error;
    }
  }

  #publish(): void {
    const watched = this.#watching?.targets;
    if (watched?.isSynced !== true) return;
    const targets = watched.targets();
    this.#found = targets.length;
    this.#context.export({ targets });
    this.#context.health("healthy", `found ${targets.length} targets`);
  }

  #trouble(error: Error | undefined): void {
    if (error === undefined) {
      this.#context.health("healthy", `found ${this.#found} targets`);
      return;
    }
    this.#failed();
    this.#context.health("unhealthy", `what was found before stays: ${error.message}`);
  }
}

function namespacesOf({ namespaces: { own_namespace: own, names } }: KubernetesDiscoveryArgs, { server }: ApiShare): readonly string[] {
  if (!own) return names;
  if (server.ownNamespace === undefined) throw new Error("could not determine the pod's namespace: its service account's folder has none");
  return [...new Set([...names, server.ownNamespace])];
}

async function close(watching: { readonly api: ApiShare; readonly targets: WatchedTargets } | undefined): Promise<void> {
  await watching?.targets.close();
  await watching?.api.release();
}
