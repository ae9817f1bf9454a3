import { controllerOf, type Described, describedOf, type Kind, type Owner, type WireObject } from "../kind.ts";

/** What looks after pods, or after what looks after them. */
export interface Workload extends Described {
  readonly controller: Owner | undefined;
}

const keep = (wire: WireObject): Workload => ({ ...describedOf(wire), controller: controllerOf(wire) });

function workload(group: string, resource: string): Kind<Workload> {
  return { group, version: "v1", resource, namespaced: true, keep };
}

export const replicaSets = workload("apps", "replicasets");
export const deployments = workload("apps", "deployments");
export const statefulSets = workload("apps", "statefulsets");
export const daemonSets = workload("apps", "daemonsets");
export const jobs = workload("batch", "jobs");
