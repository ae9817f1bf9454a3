/** Settings of a collector that are chosen by name. */
export const presets: Readonly<Record<string, object>> = {
  clustered: { alloy: { clustering: { enabled: true } } },
  daemonset: { controller: { type: "daemonset", tolerations: [{ effect: "NoSchedule", operator: "Exists" }] } },
  deployment: { controller: { type: "deployment", replicas: 1 } },
  "filesystem-log-reader": { alloy: { mounts: { varlog: true, dockercontainers: true } } },
  singleton: { controller: { type: "deployment", replicas: 1 } },
  statefulset: { controller: { type: "statefulset", replicas: 1 } },
};

/** Where lists of presets add up instead of one taking the other's place. */
export const addingLists = [
  ["alloy", "extraPorts"],
  ["controller", "initContainers"],
] as const;
