import type { Kept, Kind } from "../../kubernetes/kind.ts";
import { endpointSlices } from "../../kubernetes/kinds/endpoint-slice.ts";
import { endpoints } from "../../kubernetes/kinds/endpoints.ts";
import { ingresses } from "../../kubernetes/kinds/ingress.ts";
import { nodes } from "../../kubernetes/kinds/node.ts";
import { pods } from "../../kubernetes/kinds/pod.ts";
import { services } from "../../kubernetes/kinds/service.ts";
import type { Target } from "../targets.ts";
import { endpointSliceTargets } from "./endpoint-slice-targets.ts";
import { endpointsTargets } from "./endpoints-targets.ts";
import { ingressTargets } from "./ingress-targets.ts";
import { nodeTargets } from "./node-targets.ts";
import { podTargets } from "./pod-targets.ts";
import { serviceTargets } from "./service-targets.ts";
import type { Surroundings } from "./surroundings.ts";

export const roleNames = ["node", "pod", "service", "endpoints", "endpointslice", "ingress"] as const;

export type RoleName = (typeof roleNames)[number];

/** What objects a role makes its targets of, and what else it looks at. */
export interface Role {
  readonly kind: Kind<Kept>;
  targets(object: Kept, around: Surroundings): readonly Target[];
  /** Always looked at, whether or not anything is attached. */
  readonly with: readonly ("pod" | "service")[];
  readonly attaches: readonly ("node" | "namespace")[];
  /** Whose selectors may be given. */
  readonly selectors: readonly RoleName[];
}

export const roles: Readonly<Record<RoleName, Role>> = {
  node: role({ kind: nodes, targets: nodeTargets, with: [], attaches: [], selectors: ["node"] }),
  pod: role({ kind: pods, targets: podTargets, with: [], attaches: ["node", "namespace"], selectors: ["pod", "node"] }),
  service: role({ kind: services, targets: serviceTargets, with: [], attaches: ["namespace"], selectors: ["service"] }),
  endpoints: role({
    kind: endpoints,
    targets: endpointsTargets,
    with: ["pod", "service"],
    attaches: ["node", "namespace"],
    selectors: ["pod", "service", "endpoints"],
  }),
  endpointslice: role({
    kind: endpointSlices,
    targets: endpointSliceTargets,
    with: ["pod", "service"],
    attaches: ["node", "namespace"],
    selectors: ["pod", "service", "endpointslice"],
  }),
  ingress: role({ kind: ingresses, targets: ingressTargets, with: [], attaches: ["namespace"], selectors: ["ingress"] }),
};

/** Forgets of which kind a role's objects are: it is asked about those of its own kind only. */
function role<T extends Kept>(
  known: Omit<Role, "kind" | "targets"> & { readonly kind: Kind<T>; targets(object: T, around: Surroundings): readonly Target[] },
): Role {
  return known as unknown as Role;
}
