import type { Ingress } from "../../kubernetes/kinds/ingress.ts";
import { type Target, target } from "../targets.ts";
import { addNamespace, addObject, type MetaLabels, prefix } from "./meta-labels.ts";
import type { Surroundings } from "./surroundings.ts";

/** A target for each path of each rule. */
export function ingressTargets(ingress: Ingress, around: Surroundings): Target[] {
  const labels: MetaLabels = { [`${prefix}namespace`]: ingress.namespace };
  if (ingress.className !== undefined) labels[`${prefix}ingress_class_name`] = ingress.className;
  addObject(labels, ingress, "ingress");
  addNamespace(labels, around.namespace?.(ingress.namespace));
  return ingress.rules.flatMap(({ host, paths }) => {
    const scheme = ingress.tlsHosts.some((pattern) => covers(pattern, host)) ? "https" : "http";
    return (paths ?? ["/"]).map((path) =>
      target({
        ...labels,
        __address__: host,
        [`${prefix}ingress_scheme`]: scheme,
        [`${prefix}ingress_host`]: host,
        [`${prefix}ingress_path`]: path === "" ? "/" : path,
      }),
    );
  });
}

/** A star stands for one part of a name, the first. */
function covers(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  const parts = pattern.split(".");
  const hostParts = host.split(".");
  return parts[0] === "*" && parts.length === hostParts.length && parts.slice(1).every((part, index) => part === hostParts[index + 1]);
}
