import type { Namespace } from "../../kubernetes/kinds/namespace.ts";
import type { Node } from "../../kubernetes/kinds/node.ts";
import type { Pod } from "../../kubernetes/kinds/pod.ts";
import type { Service } from "../../kubernetes/kinds/service.ts";

/** The objects that a target's labels are taken from beside its own; what is not attached is undefined. */
export interface Surroundings {
  readonly node?: (name: string) => Node | undefined;
  readonly namespace?: (name: string) => Namespace | undefined;
  readonly pod?: (key: string) => Pod | undefined;
  readonly service?: (key: string) => Service | undefined;
}
