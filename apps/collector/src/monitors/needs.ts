import type { Needs } from "../component/definition.ts";

/** What a component for one kind of monitors needs of the cluster. */
export function monitorNeeds(resource: string): Needs {
  const watch = ["get", "list", "watch"];
  return {
    kubernetes: [
      { group: "monitoring.coreos.com", resource, verbs: watch },
      ...["pods", "services", "endpoints", "nodes"].map((each) => ({ group: "", resource: each, verbs: watch })),
      ...["secrets", "configmaps"].map((each) => ({ group: "", resource: each, verbs: ["get"] })),
      { group: "discovery.k8s.io", resource: "endpointslices", verbs: watch },
      { group: "networking.k8s.io", resource: "ingresses", verbs: watch },
    ],
  };
}
