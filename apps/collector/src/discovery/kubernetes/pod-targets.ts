import type { Container, ContainerPort, Pod } from "../../kubernetes/kinds/pod.ts";
import { type Target, target } from "../targets.ts";
import { addNamespace, addNode, addObject, hostAndPort, type MetaLabels, prefix } from "./meta-labels.ts";
import type { Surroundings } from "./surroundings.ts";

/** A target for each port of each container, and one for each container without any. */
export function podTargets(pod: Pod, around: Surroundings): Target[] {
  if (pod.podIp === "") return [];
  const node = around.node?.(pod.nodeName);
  // Where nodes are attached, selected nodes select their pods.
  if (around.node !== undefined && node === undefined) return [];
  const labels = podLabels(pod);
  labels[`${prefix}namespace`] = pod.namespace;
  addNode(labels, node);
  addNamespace(labels, around.namespace?.(pod.namespace));
  return pod.containers.flatMap((container) => {
    const { name, image, id, isInit } = container;
    const common = {
      ...labels,
      [`${prefix}pod_container_name`]: name,
      [`${prefix}pod_container_id`]: id,
      [`${prefix}pod_container_image`]: image,
      [`${prefix}pod_container_init`]: String(isInit),
    };
    if (container.ports.length === 0) return [target({ ...common, __address__: pod.podIp })];
    return container.ports.map((port) =>
      target({
        ...common,
        __address__: hostAndPort(pod.podIp, port.number),
        [`${prefix}pod_container_port_name`]: port.name,
        [`${prefix}pod_container_port_number`]: String(port.number),
        [`${prefix}pod_container_port_protocol`]: port.protocol,
      }),
    );
  });
}

/** What is said of a pod on every target that it backs. */
export function podLabels(pod: Pod): MetaLabels {
  const labels: MetaLabels = {
    [`${prefix}pod_ip`]: pod.podIp,
    [`${prefix}pod_ready`]: pod.ready,
    [`${prefix}pod_phase`]: pod.phase,
    [`${prefix}pod_node_name`]: pod.nodeName,
    [`${prefix}pod_host_ip`]: pod.hostIp,
    [`${prefix}pod_uid`]: pod.uid,
  };
  addObject(labels, pod, "pod");
  if (pod.controller?.kind) labels[`${prefix}pod_controller_kind`] = pod.controller.kind;
  if (pod.controller?.name) labels[`${prefix}pod_controller_name`] = pod.controller.name;
  return labels;
}

/** What is said of the container behind a port that a service names. */
export function addContainerPort(labels: MetaLabels, pod: Pod, port: number, protocol: string): void {
  // Where several containers declare a port, the last one counts.
  for (const container of pod.containers)
    for (const declared of container.ports)
      if (declared.number === port) {
        addContainer(labels, container, { ...declared, protocol });
        break;
      }
}

/** Targets for the ports of pods that no service names. */
export function otherPorts(pod: Pod, isNamed: (port: number) => boolean): Target[] {
  if (pod.podIp === "") return [];
  return pod.containers.flatMap((container) =>
    container.ports
      .filter(({ number }) => !isNamed(number))
      .map((port) => {
        const labels: MetaLabels = { __address__: hostAndPort(pod.podIp, port.number) };
        addContainer(labels, container, port);
        return target({ ...labels, ...podLabels(pod) });
      }),
  );
}

function addContainer(labels: MetaLabels, container: Container, port: ContainerPort): void {
  labels[`${prefix}pod_container_name`] = container.name;
  labels[`${prefix}pod_container_image`] = container.image;
  labels[`${prefix}pod_container_port_name`] = port.name;
  labels[`${prefix}pod_container_port_number`] = String(port.number);
  labels[`${prefix}pod_container_port_protocol`] = port.protocol;
  labels[`${prefix}pod_container_init`] = String(container.isInit);
}
