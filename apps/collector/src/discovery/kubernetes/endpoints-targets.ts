import type { Endpoints, ObjectReference } from "../../kubernetes/kinds/endpoints.ts";
import type { Pod } from "../../kubernetes/kinds/pod.ts";
import { type Target, target } from "../targets.ts";
import { addNamespace, addNode, addObject, hostAndPort, type MetaLabels, prefix } from "./meta-labels.ts";
import { addContainerPort, otherPorts, podLabels } from "./pod-targets.ts";
import { addService } from "./service-targets.ts";
import type { Surroundings } from "./surroundings.ts";

/** A target for each port of each address, and for the other ports of the pods behind them. */
export function endpointsTargets(endpoints: Endpoints, around: Surroundings): Target[] {
  const shared: MetaLabels = { [`${prefix}namespace`]: endpoints.namespace };
  addService(shared, around.service?.(`${endpoints.namespace}/${endpoints.name}`));
  addObject(shared, endpoints, "endpoints");
  addNamespace(shared, around.namespace?.(endpoints.namespace));
  const backing = new BackingPods(around);
  const targets: Target[] = [];
  for (const { ports, addresses } of endpoints.subsets)
    for (const port of ports)
      for (const address of addresses) {
        const labels: MetaLabels = {
          ...shared,
          __address__: hostAndPort(address.ip, port.number),
          [`${prefix}endpoint_port_name`]: port.name,
          [`${prefix}endpoint_port_protocol`]: port.protocol,
          [`${prefix}endpoint_ready`]: String(address.isReady),
        };
        if (address.target !== undefined) {
          labels[`${prefix}endpoint_address_target_kind`] = address.target.kind;
          labels[`${prefix}endpoint_address_target_name`] = address.target.name;
        }
        if (address.nodeName !== undefined) labels[`${prefix}endpoint_node_name`] = address.nodeName;
        if (address.hostname !== "") labels[`${prefix}endpoint_hostname`] = address.hostname;
        addNodeOf(labels, address.nodeName ?? nodeNamed(address.target), around);
        backing.add(labels, address.target, port.number, port.protocol);
        targets.push(target(labels));
      }
  return [...targets, ...backing.others(shared)];
}

/** The pods that were met behind the addresses of one object, and which of their ports were named there. */
export class BackingPods {
  readonly #around: Surroundings;
  readonly #pods = new Map<string, { readonly pod: Pod; readonly ports: Set<number> }>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Says of a target what is known of the pod behind it. */
  add(labels: MetaLabels, reference: ObjectReference | undefined, port: number | undefined, protocol: string): void {
    if (reference?.kind !== "Pod") return;
    const key = `${reference.namespace}/${reference.name}`;
    const pod = this.#around.pod?.(key);
    if (pod === undefined) return;
    const met = this.#pods.get(key) ?? { pod, ports: new Set<number>() };
    this.#pods.set(key, met);
    Object.assign(labels, podLabels(pod));
    if (port === undefined) return;
    met.ports.add(port);
    addContainerPort(labels, pod, port, protocol);
  }

  others(shared: MetaLabels): Target[] {
    return [...this.#pods.values()].flatMap(({ pod, ports }) =>
      otherPorts(pod, (port) => ports.has(port)).map((each) => target({ ...shared, ...each })),
    );
  }
}

export function nodeNamed(reference: ObjectReference | undefined): string | undefined {
  return reference?.kind === "Node" ? reference.name : undefined;
}

export function addNodeOf(labels: MetaLabels, name: string | undefined, around: Surroundings): void {
  if (name !== undefined) addNode(labels, around.node?.(name));
}
