// Settings of a collector that are chosen by name.

const size = (cpu: string, memory: string, cpuLimit: string, memoryLimit: string) => ({
  alloy: { resources: { requests: { cpu, memory }, limits: { cpu: cpuLimit, memory: memoryLimit } } },
});

/** A folder of the node, read-only in the container. */
const hostFolder = (name: string, path: string, mountPath: string) => ({
  mount: { name, mountPath, readOnly: true },
  volume: { name, hostPath: { path, type: "Directory" } },
});

const hostFolders = (...folders: ReturnType<typeof hostFolder>[]) => ({
  alloy: { mounts: { extra: folders.map(({ mount }) => mount) } },
  controller: { volumes: { extra: folders.map(({ volume }) => volume) } },
});

const monitored = hostFolders(
  hostFolder("host-root", "/", "/host/root"),
  hostFolder("host-proc", "/proc", "/host/proc"),
  hostFolder("host-sys", "/sys", "/host/sys"),
);

const asRoot = { securityContext: { allowPrivilegeEscalation: true, privileged: true, runAsUser: 0, runAsGroup: 0 } };

export const presets: Readonly<Record<string, object>> = {
  clustered: { alloy: { clustering: { enabled: true } } },
  daemonset: { controller: { type: "daemonset", tolerations: [{ effect: "NoSchedule", operator: "Exists" }] } },
  deployment: { controller: { type: "deployment", replicas: 1 } },
  "filesystem-log-reader": { alloy: { mounts: { varlog: true, dockercontainers: true } } },
  "host-cgroup": hostFolders(hostFolder("cgroup", "/sys/fs/cgroup", "/sys/fs/cgroup")),
  "host-network": { controller: { hostPID: true, hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" } },
  "host-storage": { alloy: { storagePath: "/var/lib/alloy" }, storage: { kind: "node", path: "/var/lib/alloy" } },
  "host-tracefs": hostFolders(hostFolder("tracefs", "/sys/kernel/tracing", "/sys/kernel/tracing")),
  // No privileges: what is read there, everybody may read.
  "linux-host-monitor": {
    ...monitored,
    alloy: {
      ...monitored.alloy,
      mounts: { ...monitored.alloy.mounts, varlog: true },
      extraEnv: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
    },
  },
  "otel-receiver": {
    alloy: {
      extraPorts: [
        { name: "otlp-grpc", port: 4317, targetPort: 4317, protocol: "TCP", appProtocol: "grpc" },
        { name: "otlp-http", port: 4318, targetPort: 4318, protocol: "TCP", appProtocol: "http" },
      ],
    },
  },
  privileged: { alloy: asRoot, controller: { hostPID: true } },
  root: { alloy: asRoot },
  "service-discovery": { remoteConfig: { extraAttributes: { "service-discovery": true } } },
  singleton: { controller: { type: "deployment", replicas: 1 } },
  statefulset: { controller: { type: "statefulset", replicas: 1 } },
  small: size("100m", "128Mi", "500m", "512Mi"),
  medium: size("250m", "512Mi", "1000m", "1Gi"),
  large: size("500m", "1Gi", "2000m", "2Gi"),
  xlarge: size("1000m", "2Gi", "4000m", "4Gi"),
};

/** Presets that k8s-monitoring has and this chart can't have, and why. */
export const absentPresets: Readonly<Record<string, string>> = {
  windows: "the collector runs on Linux only",
  "windows-host-process": "the collector runs on Linux only",
  "windows-scrapeable": "the collector runs on Linux only",
};

/** Where lists of presets add up instead of one taking the other's place. */
export const addingLists = [
  ["alloy", "extraPorts"],
  ["alloy", "mounts", "extra"],
  ["controller", "volumes", "extra"],
  ["controller", "initContainers"],
] as const;
