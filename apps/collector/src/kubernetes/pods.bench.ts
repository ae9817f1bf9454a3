// What 10,000 pods take while they are watched: node --expose-gc apps/collector/src/kubernetes/pods.bench.ts
import { keyOf } from "./kind.ts";
import { type Pod, pods } from "./kinds/pod.ts";

const count = 10_000;
const pageSize = 500;

const before = heapMiB();
const kept = new Map<string, Pod>();
for (let first = 0; first < count; first += pageSize) {
  // As pages come: each object has texts of its own.
  const page = JSON.stringify(Array.from({ length: pageSize }, (_, i) => podOf(first + i)));
  for (const wire of JSON.parse(page) as object[]) {
    const pod = pods.keep(wire);
    kept.set(keyOf(pod), pod);
  }
}
const taken = heapMiB() - before;
console.log(`${kept.size} pods of ${JSON.stringify(podOf(0)).length} bytes: ${taken.toFixed(1)} MiB`);

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** A pod with a sidecar and a usual number of labels and annotations, and as much as a cluster writes that is not kept. */
function podOf(i: number): object {
  const ip = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const app = `app-${i % 200}`;
  const status = (name: string) => ({
    name,
    containerID: `containerd://${name.repeat(20).slice(0, 55)}${i}`,
    imageID: `registry.example/${name}@sha256:${"0123456789abcdef".repeat(4)}`,
    restartCount: 0,
    state: { running: {} },
  });
  return {
    metadata: {
      name: `${app}-${i}`,
      namespace: `ns-${i % 50}`,
      uid: `00000000-0000-0000-0000-${String(i).padStart(12, "0")}`,
      resourceVersion: String(1_000_000 + i),
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels: { app, "pod-template-hash": `h${i % 300}`, "app.kubernetes.io/name": app, "app.kubernetes.io/version": "1.2.3" },
      annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8080", "sidecar.istio.io/status": "x".repeat(200) },
      ownerReferences: [{ kind: "ReplicaSet", name: `${app}-h${i % 300}`, uid: `r-${i % 300}`, controller: true }],
      managedFields: [{ manager: "kubelet", fieldsV1: { all: "y".repeat(3000) } }],
    },
    spec: {
      nodeName: `node-${i % 100}`,
      containers: [
        {
          name: "app",
          image: "registry.example/team/app:1.2.3",
          ports: [
            { name: "http", containerPort: 8080, protocol: "TCP" },
            { name: "metrics", containerPort: 9090, protocol: "TCP" },
          ],
          env: Array.from({ length: 20 }, (_, at) => ({ name: `E${at}`, value: "v" })),
        },
        { name: "proxy", image: "registry.example/proxy:1", ports: [{ name: "admin", containerPort: 15090, protocol: "TCP" }] },
      ],
    },
    status: {
      podIP: ip,
      podIPs: [{ ip }],
      hostIP: "192.0.2.1",
      phase: "Running",
      startTime: "2026-01-01T00:00:00Z",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [status("app"), status("proxy")],
    },
  };
}
