import { type EndpointSlice, type SliceEndpoint, type SlicePort, serviceNameLabel } from "../../kubernetes/kinds/endpoint-slice.ts";
import type { Service } from "../../kubernetes/kinds/service.ts";
import { type Target, target } from "../targets.ts";
import { addNodeOf, BackingPods, nodeNamed } from "./endpoints-targets.ts";
import { addNamespace, addObject, hostAndPort, labelName, type MetaLabels, prefix } from "./meta-labels.ts";
import { addService } from "./service-targets.ts";
import type { Surroundings } from "./surroundings.ts";

/** A target for each port of each address, and for the other ports of the pods behind them. */
export function endpointSliceTargets(slice: EndpointSlice, around: Surroundings): Target[] {
  const shared: MetaLabels = {
    [`${prefix}namespace`]: slice.namespace,
    [`${prefix}endpointslice_address_type`]: slice.addressType,
  };
  addObject(shared, slice, "endpointslice");
  const serviceName = slice.labels[serviceNameLabel];
  const service = serviceName === undefined ? undefined : around.service?.(`${slice.namespace}/${serviceName}`);
  addService(shared, service);
  addNamespace(shared, around.namespace?.(slice.namespace));
  if (service !== undefined && isSecondFamily(service, slice)) return [];
  const backing = new BackingPods(around);
  const targets: Target[] = [];
  for (const endpoint of slice.endpoints)
    for (const port of slice.ports)
      for (const address of endpoint.addresses) {
        const labels = { ...shared, ...addressLabels(address, endpoint, port) };
        addNodeOf(labels, nodeNamed(endpoint.target) ?? endpoint.nodeName, around);
        backing.add(labels, endpoint.target, port.number, port.protocol ?? "");
        targets.push(target(labels));
      }
  return [...targets, ...backing.others(shared)];
}

function addressLabels(address: string, endpoint: SliceEndpoint, port: SlicePort): MetaLabels {
  const labels: MetaLabels = { __address__: port.number === undefined ? address : hostAndPort(address, port.number) };
  const say = (name: string, value: string | boolean | number | undefined) => {
    if (value !== undefined) labels[`${prefix}endpointslice_${name}`] = String(value);
  };
  say("port_name", port.name);
  say("port_protocol", port.protocol);
  say("port", port.number);
  say("port_app_protocol", port.appProtocol);
  say("endpoint_conditions_ready", endpoint.ready);
  say("endpoint_conditions_serving", endpoint.serving);
  say("endpoint_conditions_terminating", endpoint.terminating);
  say("endpoint_hostname", endpoint.hostname);
  say("address_target_kind", endpoint.target?.kind);
  say("address_target_name", endpoint.target?.name);
  say("endpoint_node_name", endpoint.nodeName);
  say("endpoint_zone", endpoint.zone);
  for (const [key, value] of Object.entries(endpoint.topology ?? {})) {
    say(`endpoint_topology_${labelName(key)}`, value);
    say(`endpoint_topology_present_${labelName(key)}`, true);
  }
  return labels;
}

/** A service with two families has slices for both, which lead to the same pods: only those of its first family count. */
function isSecondFamily({ ipFamilyPolicy, ipFamilies }: Service, { addressType }: EndpointSlice): boolean {
  const isDual = ipFamilyPolicy === "PreferDualStack" || ipFamilyPolicy === "RequireDualStack";
  return isDual && ipFamilies.length > 0 && ipFamilies[0] !== addressType;
}
