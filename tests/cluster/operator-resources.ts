// Definitions of resources as far as a cluster must know them to store some: their fields are taken as they come.

/** The resources of Prometheus' operator that collectors read. */
export const operatorDefinitions: readonly object[] = ["ServiceMonitor", "PodMonitor", "Probe"].map((kind) =>
  definition("monitoring.coreos.com", kind),
);

/** Istio's resources that the chart makes. */
export const istioDefinitions: readonly object[] = [
  definition("security.istio.io", "PeerAuthentication"),
  definition("security.istio.io", "AuthorizationPolicy"),
  definition("networking.istio.io", "Sidecar"),
  definition("networking.istio.io", "ServiceEntry"),
  definition("networking.istio.io", "VirtualService"),
];

export function definition(group: string, kind: string): object {
  const singular = kind.toLowerCase();
  const plural = singular.replace(/y$/, "ie").concat("s");
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  };
}

/** The names of these, as `kubectl wait` takes them. */
export function namesOf(definitions: readonly object[]): string[] {
  return definitions.map((each) => `customresourcedefinition/${(each as { metadata: { name: string } }).metadata.name}`);
}
