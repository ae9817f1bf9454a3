import type { Node } from "../../kubernetes/kinds/node.ts";
import { type Target, target } from "../targets.ts";
import { addObject, hostAndPort, labelName, type MetaLabels, prefix } from "./meta-labels.ts";

/** The kubelet of a node, at the first of its addresses in the order of `preferred`; none where it has no address. */
export function nodeTargets(node: Node): Target[] {
  const first = new Map<string, string>();
  for (const { type, address } of node.addresses) if (!first.has(type)) first.set(type, address);
  const address = preferred.map((type) => first.get(type)).find((each) => each !== undefined);
  if (address === undefined) return [];
  const labels: MetaLabels = {
    __address__: hostAndPort(address, node.kubeletPort),
    instance: node.name,
    [`${prefix}node_provider_id`]: node.providerId,
  };
  for (const { type, status } of node.conditions) labels[`${prefix}node_condition_${labelName(type.toLowerCase())}`] = status.toLowerCase();
  addObject(labels, node, "node");
  for (const [type, each] of first) labels[`${prefix}node_address_${labelName(type)}`] = each;
  return [target(labels)];
}

const preferred = ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];
