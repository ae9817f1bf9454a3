const kinds = { ServiceMonitor: "servicemonitors", PodMonitor: "podmonitors", Probe: "probes" } as const;

/** The definitions of the operator's resources, as far as a cluster must know them to store some: their fields are taken as they come. */
export const operatorDefinitions: readonly object[] = Object.entries(kinds).map(([kind, plural]) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.monitoring.coreos.com` },
  spec: {
    group: "monitoring.coreos.com",
    scope: "Namespaced",
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
}));
