import { choice, flag, integer, kubernetes, kubernetesList, labels, section, text, textOrNumber } from "../words.ts";

const scaling = (direction: string, seconds: number) =>
  section(`How it scales ${direction}.`, {
    policies: kubernetesList("How much may change at once."),
    selectPolicy: choice("Which of the policies counts.", ["Max", "Min", "Disabled"], "Max"),
    stabilizationWindowSeconds: integer("Over how long a wish must hold.", seconds, { minimum: 0 }),
  });

const horizontal = {
  enabled: flag("Whether a HorizontalPodAutoscaler sets the number of pods."),
  minReplicas: integer("The fewest pods.", 1, { minimum: 0 }),
  maxReplicas: integer("The most pods.", 5, { minimum: 1 }),
  targetCPUUtilizationPercentage: integer("Of the requested processor time, in percent; 0: not by that.", 0, { minimum: 0 }),
  targetMemoryUtilizationPercentage: integer("Of the requested memory, in percent; 0: not by that.", 80, { minimum: 0 }),
  scaleDown: scaling("down", 300),
  scaleUp: scaling("up", 0),
};

/** The workload of a collector: its kind and its pods. */
export const workload = section("The workload.", {
  type: choice("Its kind.", ["daemonset", "deployment", "statefulset"], "daemonset"),
  replicas: integer("How many pods, where it is no DaemonSet.", 1, { minimum: 0 }),
  extraLabels: labels("More labels of the workload."),
  extraAnnotations: labels("Annotations of the workload."),
  podLabels: labels("More labels of the pods."),
  podAnnotations: labels("Annotations of the pods.", { "k8s.grafana.com/logs.job": "integrations/alloy" }),
  parallelRollout: flag("Whether a StatefulSet starts and stops its pods at once.", true),
  minReadySeconds: integer("How long a pod must be ready before it counts.", 10, { minimum: 0 }),
  hostNetwork: flag("Run in the node's network."),
  hostPID: flag("See the node's processes."),
  dnsPolicy: text("How names are resolved.", "ClusterFirst"),
  terminationGracePeriodSeconds: integer(
    "How long a pod has to hand on what it holds; all but ten of these seconds are given to the drain.",
    60,
    {
      minimum: 1,
    },
  ),
  revisionHistoryLimit: integer("How many former revisions are kept.", 10, { minimum: 0 }),
  updateStrategy: kubernetes("How pods are replaced."),
  nodeSelector: kubernetes("Labels of the nodes that may run it.", { "kubernetes.io/os": "linux" }),
  tolerations: kubernetesList("Taints that do not keep it away."),
  topologySpreadConstraints: kubernetesList(
    "How pods spread. Empty, with more than one replica: over zones and nodes, as far as it is possible.",
  ),
  affinity: kubernetes("Which nodes and neighbours its pods prefer."),
  priorityClassName: text("The priority of its pods."),
  podDisruptionBudget: section("How many pods may be away at once when nodes are drained.", {
    enabled: flag("Whether there is a budget."),
    minAvailable: textOrNumber("How many must stay: a number or a percentage."),
    maxUnavailable: textOrNumber("How many may go: a number or a percentage."),
  }),
  enableStatefulSetAutoDeletePVC: flag("Delete the volume claims of a StatefulSet with it, and with pods that are scaled away."),
  autoscaling: section("How the number and the size of pods follow the load.", {
    ...horizontal,
    enabled: flag("As `horizontal.enabled`, with the settings beside this key."),
    horizontal: section("The number of pods.", {
      ...horizontal,
      externalHPA: flag("Somebody else sets the number: it is left out of the workload."),
    }),
    vertical: section("The size of pods.", {
      enabled: flag("Whether a VerticalPodAutoscaler sets it."),
      recommenders: kubernetesList("Who recommends it."),
      resourcePolicy: kubernetes("What may be set.", {
        containerPolicies: [{ containerName: "alloy", controlledResources: ["cpu", "memory"], controlledValues: "RequestsAndLimits" }],
      }),
      updatePolicy: kubernetes("When it is set."),
    }),
  }),
  volumes: section("Volumes of the pods.", { extra: kubernetesList("More volumes.") }),
  volumeClaimTemplates: kubernetesList("Volume claims for each pod of a StatefulSet."),
  initContainers: kubernetesList("Containers that run first."),
  extraContainers: kubernetesList("Containers that run beside it."),
});
