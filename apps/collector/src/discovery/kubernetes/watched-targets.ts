import type { Selection } from "../../kubernetes/api-server.ts";
import type { Described, Kept, Kind } from "../../kubernetes/kind.ts";
import { namespaces } from "../../kubernetes/kinds/namespace.ts";
import { nodes } from "../../kubernetes/kinds/node.ts";
import { pods } from "../../kubernetes/kinds/pod.ts";
import { services } from "../../kubernetes/kinds/service.ts";
import type { ApiShare, WatchShare } from "../../kubernetes/shared-watches.ts";
import type { Target } from "../targets.ts";
import { type RoleName, roles } from "./roles.ts";
import type { Surroundings } from "./surroundings.ts";

export interface WatchedTargetsOptions {
  readonly role: RoleName;
  /** Empty: all of the cluster. */
  readonly namespaces: readonly string[];
  readonly selectors: Readonly<Partial<Record<RoleName, { readonly label: string; readonly field: string }>>>;
  readonly attachNode: boolean;
  readonly attachNamespace: boolean;
}

export interface WatchedTargetsListener {
  /** Something changed: `targets` may give others now. Called once everything is known, and at each change after that. */
  changed(): void;
  /** Why some objects can't be watched; undefined: all can. */
  trouble(error: Error | undefined): void;
  event(role: RoleName, event: "add" | "update" | "delete"): void;
}

type Around = "pod" | "service" | "node" | "namespace";

/**
 * The targets of one role, kept up to date by watches. Which other objects a group of targets was made of is noted while it is made, so that a
 * change of one of them makes just those groups anew, when they are next asked for.
 */
export class WatchedTargets {
  readonly #options: WatchedTargetsOptions;
  readonly #listener: WatchedTargetsListener;
  readonly #own: WatchShare<Kept>[] = [];
  readonly #all: WatchShare<Kept>[] = [];
  readonly #around: Surroundings;
  readonly #groups = new Map<string, readonly Target[]>();
  readonly #stale = new Set<string>();
  /** By object looked at (`pod shop/a`): the groups made with it. */
  readonly #usedBy = new Map<string, Set<string>>();
  readonly #uses = new Map<string, Set<string>>();
  #making = "";
  readonly #stops: (() => void)[] = [];

  constructor(api: ApiShare, options: WatchedTargetsOptions, listener: WatchedTargetsListener) {
    this.#options = options;
    this.#listener = listener;
    const { role, attachNode, attachNamespace } = options;
    const { kind, with: always, attaches } = roles[role];
    const places = options.namespaces.length === 0 || !kind.namespaced ? [""] : options.namespaces;
    for (const namespace of places) this.#own.push(api.watch(kind, this.#selection(role, namespace)));
    const lookUps: Partial<Record<Around, (key: string) => Kept | undefined>> = {};
    const lookAt = (name: Around, of: Kind<Kept>, from: readonly string[], selected: boolean) => {
      const watches = from.map((namespace) =>
        api.watch(of, selected ? this.#selection(name as RoleName, namespace) : everything(namespace)),
      );
      lookUps[name] = this.#lookUp(name, watches);
      this.#all.push(...watches);
    };
    if (always.includes("pod")) lookAt("pod", pods, places, true);
    if (always.includes("service")) lookAt("service", services, places, true);
    if (attachNode && attaches.includes("node")) lookAt("node", nodes, [""], true);
    if (attachNamespace && attaches.includes("namespace")) lookAt("namespace", namespaces, [""], false);
    // Each look-up gives objects of the kind that its name says.
    this.#around = lookUps as Surroundings;
    this.#all.push(...this.#own);
  }

  start(): void {
    for (const share of this.#own) {
      for (const key of share.watch.objects.keys()) this.#stale.add(key);
      this.#listen(share, (key, now, before) => {
        const { role } = this.#options;
        this.#listener.event(role, now === undefined ? "delete" : before === undefined ? "add" : "update");
        this.#stale.add(key);
      });
    }
    if (this.isSynced) this.#listener.changed();
  }

  get isSynced(): boolean {
    return this.#all.every(({ watch }) => watch.isSynced);
  }

  /** All targets as they are now. */
  targets(): readonly Target[] {
    for (const key of this.#stale) this.#make(key);
    this.#stale.clear();
    return [...this.#groups.values()].flat();
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await Promise.all(this.#all.map((share) => share.release()));
  }

  #selection(role: RoleName, namespace: string): Selection {
    const { label = "", field = "" } = this.#options.selectors[role] ?? {};
    return { namespace, labels: label, fields: field };
  }

  #lookUp(name: Around, shares: readonly WatchShare<Kept>[]): (key: string) => Kept | undefined {
    for (const share of shares)
      this.#listen(share, (key, now, before) => {
        // Kubelets report the state of their node all the time: only what targets say of it counts.
        if ((name === "node" || name === "namespace") && isSameWriting(now as Described | undefined, before as Described | undefined))
          return;
        for (const group of this.#usedBy.get(`${name} ${key}`) ?? []) this.#stale.add(group);
      });
    return (key) => {
      this.#note(`${name} ${key}`);
      for (const { watch } of shares) {
        const found = watch.objects.get(key);
        if (found !== undefined) return found;
      }
      return undefined;
    };
  }

  #listen(share: WatchShare<Kept>, changed: (key: string, now: Kept | undefined, before: Kept | undefined) => void): void {
    const tell = () => {
      if (this.#stale.size > 0 && this.isSynced) this.#listener.changed();
    };
    this.#stops.push(
      share.watch.listen({
        changed: (key, now, before) => {
          changed(key, now, before);
          tell();
        },
        synced: () => {
          if (this.isSynced) this.#listener.changed();
        },
        trouble: () => this.#listener.trouble(this.#all.map(({ watch }) => watch.trouble).find((error) => error !== undefined)),
      }),
    );
  }

  #make(group: string): void {
    for (const object of this.#uses.get(group) ?? []) this.#forget(object, group);
    this.#uses.delete(group);
    this.#making = group;
    const object = this.#own.map(({ watch }) => watch.objects.get(group)).find((each) => each !== undefined);
    const made = object === undefined ? [] : roles[this.#options.role].targets(object, this.#around);
    if (made.length === 0) this.#groups.delete(group);
    else this.#groups.set(group, made);
  }

  #note(object: string): void {
    const uses = this.#uses.get(this.#making) ?? new Set();
    this.#uses.set(this.#making, uses.add(object));
    const usedBy = this.#usedBy.get(object) ?? new Set();
    this.#usedBy.set(object, usedBy.add(this.#making));
  }

  #forget(object: string, group: string): void {
    const groups = this.#usedBy.get(object);
    groups?.delete(group);
    if (groups?.size === 0) this.#usedBy.delete(object);
  }
}

function everything(namespace: string): Selection {
  return { namespace, labels: "", fields: "" };
}

function isSameWriting(now: Described | undefined, before: Described | undefined): boolean {
  return (
    now !== undefined && before !== undefined && isSameMap(now.labels, before.labels) && isSameMap(now.annotations, before.annotations)
  );
}

function isSameMap(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
