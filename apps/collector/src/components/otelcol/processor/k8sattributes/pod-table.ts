import type { Clock } from "../../../../component/clock.ts";
import type { Pod } from "../../../../kubernetes/kinds/pod.ts";
import { type Association, identitiesOf } from "./association.ts";
import { type Owners, type PodFacts, podFacts } from "./pod-facts.ts";
import type { Rules } from "./rules.ts";

export interface PodTableOptions {
  readonly rules: Rules;
  readonly associations: readonly Association[];
  readonly owners: Owners;
  readonly isExcluded: (pod: Pod) => boolean;
  readonly clock: Clock;
  /** A pod that is gone is known for so long, for what it said last is still on its way. */
  readonly graceMs: number;
}

export interface KnownPod {
  readonly pod: Pod;
  /** Undefined: the pod is excluded. */
  readonly facts: PodFacts | undefined;
}

/** Finds pods by what resources say. */
export class PodTable {
  readonly #options: PodTableOptions;
  readonly #byIdentity = new Map<string, KnownPod>();
  readonly #identities = new Map<string, readonly string[]>();
  readonly #going = new Set<() => void>();

  constructor(options: PodTableOptions) {
    this.#options = options;
  }

  /** Keys under which pods are found. */
  get size(): number {
    return this.#byIdentity.size;
  }

  find(identity: string): KnownPod | undefined {
    return this.#byIdentity.get(identity);
  }

  put(pod: Pod): void {
    const { rules, owners, associations, isExcluded } = this.#options;
    const facts = podFacts(pod, rules, owners);
    const known: KnownPod = { pod, facts: isExcluded(pod) ? undefined : facts };
    const identities = identitiesOf(pod, facts, associations);
    const before = this.#identities.get(pod.uid) ?? [];
    for (const identity of identities) {
      const there = this.#byIdentity.get(identity);
      // An address goes to the pod that began last, whatever the order in which we hear of pods.
      if (there === undefined || there.pod.uid === pod.uid || Date.parse(pod.startTime) >= (Date.parse(there.pod.startTime) || 0))
        this.#byIdentity.set(identity, known);
    }
    const left = before.filter((identity) => !identities.includes(identity));
    this.#identities.set(pod.uid, identities);
    if (left.length > 0) this.#later(() => this.#forget(left, pod.uid));
  }

  remove(pod: Pod): void {
    this.#later(() => {
      this.#forget(this.#identities.get(pod.uid) ?? [], pod.uid);
      this.#identities.delete(pod.uid);
    });
  }

  close(): void {
    for (const cancel of this.#going) cancel();
    this.#going.clear();
  }

  #forget(identities: readonly string[], uid: string): void {
    const now = this.#identities.get(uid);
    for (const identity of identities)
      if (this.#byIdentity.get(identity)?.pod.uid === uid && (now === identities || now?.includes(identity) !== true))
        this.#byIdentity.delete(identity);
  }

  #later(what: () => void): void {
    const cancel = this.#options.clock.after(this.#options.graceMs, () => {
      this.#going.delete(cancel);
      what();
    });
    this.#going.add(cancel);
  }
}
