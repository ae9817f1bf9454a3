import { controllerOf, type Kept, type Kind, keptOf, type Owner, type WireObject } from "../kind.ts";

/** An object of which only its owner matters: the step from a pod to the deployment or cron job above it. */
export interface Owned extends Kept {
  readonly controller: Owner | undefined;
}

const keep = (wire: WireObject): Owned => ({ ...keptOf(wire), controller: controllerOf(wire) });

export const replicaSets: Kind<Owned> = { group: "apps", version: "v1", resource: "replicasets", namespaced: true, keep };
export const jobs: Kind<Owned> = { group: "batch", version: "v1", resource: "jobs", namespaced: true, keep };
