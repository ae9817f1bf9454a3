import { assumed, bool, defaulted, list, many, oneOf, optional, required, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { roleNames, roles } from "../../../discovery/kubernetes/roles.ts";
import { targetsExport } from "../../../discovery/targets.ts";
import { apiServerArguments, apiServerBlocks, checkApiServer } from "../../../kubernetes/client-arguments.ts";
import { fieldSelectorError, labelSelectorError } from "../../../kubernetes/selectors.ts";
import { KubernetesDiscovery } from "./discovery.ts";

export const component = defineComponent({
  name: "discovery.kubernetes",
  stability: "generally-available",
  summary: "Finds targets in the objects of a Kubernetes cluster and follows their changes.",
  arguments: { role: required(oneOf(...roleNames), "Which objects targets are made of."), ...apiServerArguments },
  blocks: {
    namespaces: assumed("Where objects are looked for; without it in the whole cluster.", {
      arguments: {
        own_namespace: defaulted(bool, "Look in the namespace that this collector runs in.", false),
        names: defaulted(list(string), "The namespaces to look in.", []),
      },
    }),
    selectors: many("Which objects of a role there shall be; the API server selects. Of several for a role the last counts.", {
      arguments: {
        role: required(oneOf(...roleNames), "The role whose objects are selected."),
        label: optional(string, "A label selector: app=shop,tier!=test.", { check: labelSelectorError }),
        field: optional(string, "A field selector: spec.nodeName=node-1.", { check: fieldSelectorError }),
      },
    }),
    attach_metadata: assumed("What of other objects is said of each target.", {
      arguments: {
        node: defaulted(bool, "Labels and annotations of the node, for the roles pod, endpoints and endpointslice.", false),
        namespace: defaulted(bool, "Labels and annotations of the namespace, for all roles but node.", false),
      },
    }),
    ...apiServerBlocks,
  },
  exports: { targets: targetsExport },
  metrics: [
    {
      name: "prometheus_sd_kubernetes_events_total",
      kind: "counter",
      doc: "Changes of objects that were seen, by role and kind of change.",
    },
    { name: "prometheus_sd_kubernetes_failures_total", kind: "counter", doc: "Times that objects could not be listed or watched." },
  ],
  needs: {
    kubernetes: [
      { group: "", resource: "pods", verbs: ["get", "list", "watch"] },
      { group: "", resource: "services", verbs: ["get", "list", "watch"] },
      { group: "", resource: "endpoints", verbs: ["get", "list", "watch"] },
      { group: "", resource: "nodes", verbs: ["get", "list", "watch"] },
      { group: "", resource: "namespaces", verbs: ["get", "list", "watch"] },
      { group: "discovery.k8s.io", resource: "endpointslices", verbs: ["get", "list", "watch"] },
      { group: "networking.k8s.io", resource: "ingresses", verbs: ["get", "list", "watch"] },
    ],
  },
  check(args, report) {
    checkApiServer(args, report);
    if (args.namespaces.own_namespace && args.api_server) report("cannot use 'api_server' and 'namespaces.own_namespace' simultaneously");
    if (args.namespaces.own_namespace && args.kubeconfig_file)
      report("cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously");
    const { selectors } = roles[args.role];
    for (const { role } of args.selectors)
      if (!selectors.includes(role)) report(`${args.role} role supports only ${selectors.join(", ")} selectors`, "selectors");
  },
  create: (context, args) => new KubernetesDiscovery(context, args),
});
