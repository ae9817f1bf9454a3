import type { Service } from "../../kubernetes/kinds/service.ts";
import { type Target, target } from "../targets.ts";
import { addNamespace, addObject, hostAndPort, type MetaLabels, prefix } from "./meta-labels.ts";
import type { Surroundings } from "./surroundings.ts";

/** A target for each port of a service, by its name in the cluster. */
export function serviceTargets(service: Service, around: Surroundings): Target[] {
  const labels: MetaLabels = {};
  addService(labels, service);
  addNamespace(labels, around.namespace?.(service.namespace));
  labels[`${prefix}service_type`] = service.type;
  if (service.type === "ExternalName") labels[`${prefix}service_external_name`] = service.externalName;
  else labels[`${prefix}service_cluster_ip`] = service.clusterIp;
  if (service.type === "LoadBalancer") labels[`${prefix}service_loadbalancer_ip`] = service.loadBalancerIps.join(",");
  return service.ports.map(({ name, number, protocol }) =>
    target({
      ...labels,
      __address__: hostAndPort(`${service.name}.${service.namespace}.svc`, number),
      [`${prefix}service_port_name`]: name,
      [`${prefix}service_port_number`]: String(number),
      [`${prefix}service_port_protocol`]: protocol,
    }),
  );
}

/** What is said of a service on every target that belongs to it. */
export function addService(to: MetaLabels, service: Service | undefined): void {
  if (service === undefined) return;
  to[`${prefix}namespace`] = service.namespace;
  addObject(to, service, "service");
}
