import type { ComponentContext } from "../../../../component/context.ts";
import type { Described, Kept, Kind } from "../../../../kubernetes/kind.ts";
import { namespaces } from "../../../../kubernetes/kinds/namespace.ts";
import { nodes } from "../../../../kubernetes/kinds/node.ts";
import { type Pod, pods } from "../../../../kubernetes/kinds/pod.ts";
import { daemonSets, deployments, jobs, replicaSets, statefulSets, type Workload } from "../../../../kubernetes/kinds/workload.ts";
import type { ApiShare, WatchShare } from "../../../../kubernetes/shared-watches.ts";
import type { Association } from "./association.ts";
import { PodTable } from "./pod-table.ts";
import { addWritten, asksFor, type Rules, type Writer } from "./rules.ts";

export interface ClusterMetadataOptions {
  readonly rules: Rules;
  readonly associations: readonly Association[];
  readonly isExcluded: (pod: Pod) => boolean;
  readonly namespace: string;
  readonly labels: string;
  readonly fields: string;
  readonly graceMs: number;
}

/** What hears of objects, for metrics. */
export type WatchCount = (kind: string, event: "added" | "updated" | "deleted") => void;

/** The metadata that rules ask for, kept up to date by watches of just the kinds that are needed. */
export class ClusterMetadata {
  readonly table: PodTable;
  readonly #rules: Rules;
  readonly #shares: WatchShare<Kept>[] = [];
  readonly #stops: (() => void)[] = [];
  readonly #pods: WatchShare<Pod>;
  /** By kind: objects by name or, for workloads, by uid, with the attributes that their labels and annotations give. */
  readonly #byWriter = new Map<Writer, Map<string, ReadonlyMap<string, string>>>();
  readonly #trouble: (error: Error | undefined) => void;
  readonly #synced: () => void;
  readonly #nodeUids = new Map<string, string>();
  readonly #owners = {
    replicaSets: new Map<string, Workload>(),
    jobs: new Map<string, Workload>(),
    clusterUid: undefined as string | undefined,
  };

  constructor(
    api: ApiShare,
    options: ClusterMetadataOptions,
    context: Pick<ComponentContext, "clock">,
    listener: { readonly count: WatchCount; readonly trouble: (error: Error | undefined) => void; readonly synced: () => void },
  ) {
    const { rules, associations, isExcluded, graceMs, namespace } = options;
    this.#rules = rules;
    this.#trouble = listener.trouble;
    this.#synced = listener.synced;
    const owners = this.#owners;
    this.table = new PodTable({
      rules,
      associations,
      isExcluded,
      graceMs,
      clock: context.clock,
      owners: {
        replicaSet: (uid) => owners.replicaSets.get(uid),
        job: (uid) => owners.jobs.get(uid),
        get clusterUid() {
          return owners.clusterUid;
        },
      },
    });
    const { fields } = rules;
    const watch = <T extends Kept>(
      kind: Kind<T>,
      name: string,
      hear: (now: T | undefined, before: T | undefined) => void,
      within = namespace,
    ) => {
      const selection = { namespace: kind.namespaced ? within : "", labels: "", fields: "" };
      this.#listen(api.watch(kind, selection), name, listener.count, hear);
    };
    if (fields.has("k8s.cluster.uid") || asksFor(rules, "namespace"))
      watch(namespaces, "namespace", (now, before) => this.#hearNamespace(now, before));
    if (fields.has("k8s.node.uid") || asksFor(rules, "node")) watch(nodes, "node", (now, before) => this.#hearNode(now, before));
    const needsReplicaSets =
      (fields.has("k8s.deployment.name") && !rules.deploymentFromReplicaSet) ||
      fields.has("k8s.deployment.uid") ||
      asksFor(rules, "deployment");
    if (needsReplicaSets) watch(replicaSets, "replicaset", (now, before) => this.#hearOwner(owners.replicaSets, now, before));
    if (fields.has("k8s.cronjob.uid") || asksFor(rules, "job"))
      watch(jobs, "job", (now, before) => {
        this.#hearOwner(owners.jobs, now, before);
        this.#hearWorkload("job", now, before);
      });
    for (const [writer, kind] of [
      ["deployment", deployments],
      ["statefulset", statefulSets],
      ["daemonset", daemonSets],
    ] as const)
      if (asksFor(rules, writer)) watch(kind, writer, (now, before) => this.#hearWorkload(writer, now, before));
    this.#pods = api.watch(pods, { namespace, labels: options.labels, fields: options.fields });
    this.#listen(this.#pods, "pod", listener.count, (now, before) => {
      if (now === undefined) this.table.remove(before as Pod);
      else this.table.put(now);
    });
  }

  get isSynced(): boolean {
    return this.#shares.every(({ watch }) => watch.isSynced);
  }

  /** What the labels and annotations of an object give: by name for namespaces and nodes, else by uid. */
  attributesOf(writer: Writer, key: string): ReadonlyMap<string, string> | undefined {
    return this.#byWriter.get(writer)?.get(key);
  }

  nodeUid(name: string): string | undefined {
    return this.#nodeUids.get(name);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.table.close();
    await Promise.all(this.#shares.map((share) => share.release()));
  }

  #listen<T extends Kept>(
    share: WatchShare<T>,
    name: string,
    count: WatchCount,
    hear: (now: T | undefined, before: T | undefined) => void,
  ): void {
    this.#shares.push(share as unknown as WatchShare<Kept>);
    for (const object of share.watch.objects.values()) hear(object, undefined);
    this.#stops.push(
      share.watch.listen({
        changed: (_, now, before) => {
          count(name, now === undefined ? "deleted" : before === undefined ? "added" : "updated");
          hear(now, before);
        },
        synced: () => {
          // Pods that came before those who own them are looked at again.
          if (name !== "pod") this.#renew();
          if (this.isSynced) this.#synced();
        },
        trouble: () => this.#trouble(this.#shares.map(({ watch }) => watch.trouble).find((error) => error !== undefined)),
      }),
    );
  }

  #renew(): void {
    for (const pod of this.#pods?.watch.objects.values() ?? []) this.table.put(pod);
  }

  #hearNamespace(now: Described | undefined, before: Described | undefined): void {
    if (now?.name === "kube-system" && this.#owners.clusterUid !== now.uid) {
      this.#owners.clusterUid = now.uid;
      this.#renew();
    }
    this.#hearWritten("namespace", (now ?? before)?.name ?? "", now);
  }

  #hearNode(now: Described | undefined, before: Described | undefined): void {
    const name = (now ?? before)?.name ?? "";
    if (now === undefined) this.#nodeUids.delete(name);
    else if (this.#rules.fields.has("k8s.node.uid")) this.#nodeUids.set(name, now.uid);
    this.#hearWritten("node", name, now);
  }

  #hearOwner(owners: Map<string, Workload>, now: Workload | undefined, before: Workload | undefined): void {
    if (now !== undefined) owners.set(now.uid, now);
    else if (before !== undefined) owners.delete(before.uid);
    // A pod is made after its owner, but we may hear of it before.
    if (now === undefined || before !== undefined || !this.isSynced) return;
    for (const pod of this.#pods.watch.objects.values()) if (pod.controller?.uid === now.uid) this.table.put(pod);
  }

  #hearWorkload(writer: Writer, now: Workload | undefined, before: Workload | undefined): void {
    this.#hearWritten(writer, (now ?? before)?.uid ?? "", now);
  }

  #hearWritten(writer: Writer, key: string, now: Described | undefined): void {
    const known = this.#byWriter.get(writer) ?? new Map<string, ReadonlyMap<string, string>>();
    this.#byWriter.set(writer, known);
    if (now === undefined) {
      known.delete(key);
      return;
    }
    const attributes = new Map<string, string>();
    addWritten(attributes, this.#rules, writer, "labels", now.labels);
    addWritten(attributes, this.#rules, writer, "annotations", now.annotations);
    known.set(key, attributes);
  }
}
