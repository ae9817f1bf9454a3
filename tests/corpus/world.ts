import type { ApiServerRig } from "../../apps/collector/src/kubernetes/api-server-rig.ts";

type Labels = Readonly<Record<string, string>>;

/** A pod of the world with one container. */
export interface WorldPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly container: string;
  readonly ports: Readonly<Record<string, number>>;
}

export const NODE = "n1";

const scraped = {
  "k8s.grafana.com/scrape": "true",
  "k8s.grafana.com/metrics.portName": "http",
  "prometheus.io/scrape": "true",
  "prometheus.io/port": "8080",
};
const app = "app.kubernetes.io/name";

// namespace/name: labels, ports, annotations. Named after what the configurations look for.
const written: [string, Labels, Readonly<Record<string, number>>?, Labels?][] = [
  ...["default", "alpha", "production", "development", "staging", "workload", "collectors", "o11y", "monitoring"].map(
    (namespace): [string, Labels, Readonly<Record<string, number>>, Labels] => [
      `${namespace}/shop`,
      { [app]: "my-app", color: "red", owner: "us", team: "t" },
      { http: 8080, metrics: 9090 },
      scraped,
    ],
  ),
  ...["default", "alpha"].map((namespace): [string, Labels, Readonly<Record<string, number>>, Labels] => [
    `${namespace}/secured`,
    {},
    { http: 8443 },
    { ...scraped, "k8s.grafana.com/metrics.scheme": "https", "prometheus.io/scheme": "https" },
  ]),
  ["default/kube-state-metrics", { release: "k8smon", [app]: "kube-state-metrics" }, { http: 8080 }],
  ["default/node-exporter", { release: "k8smon", [app]: "node-exporter" }, { metrics: 9100 }],
  ["default/windows-exporter", { release: "k8smon", [app]: "windows-exporter" }, { metrics: 9182 }],
  ["default/opencost", { "app.kubernetes.io/instance": "k8smon", [app]: "opencost" }, { http: 9003 }],
  ["default/kepler", { [app]: "kepler" }, { http: 9102 }],
  ["default/cost", { [app]: "cost-metric-source" }, { http: 9003 }],
  ["default/energy", { [app]: "energy-metric-source" }, { http: 9102 }],
  ["openshift-monitoring/kube-state-metrics", { [app]: "kube-state-metrics" }, { http: 8443 }],
  ["openshift-monitoring/node-exporter", { [app]: "prometheus-node-exporter" }, { metrics: 9100 }],
  ["kube-system/dns", { "k8s-app": "kube-dns" }, { metrics: 9153 }],
  ["kube-system/scheduler", { component: "kube-scheduler" }, { https: 10259 }],
  ["kube-system/controller-manager", { component: "kube-controller-manager" }, { https: 10257 }],
  ["kube-system/proxy", { "k8s-app": "kube-proxy" }, { metrics: 10249 }],
  ["kube-system/etcd", { "app.kubernetes.io/component": "etcd", component: "etcd" }, { metrics: 2381 }],
  ["istio-system/istio-proxy", { app: "istiod" }, { "http-monitoring": 15014, "http-envoy-prom": 15020 }],
  ...["alloy", "alloy-metrics", "alloy-logs", "alloy-singleton", "alloy-receiver"].map(
    (name): [string, Labels, Readonly<Record<string, number>>] => [
      `default/${name}`,
      { [app]: name, "app.kubernetes.io/instance": `k8smon-${name}` },
      { "http-metrics": 12345 },
    ],
  ),
  ...["collectors", "logs"].map((namespace): [string, Labels, Readonly<Record<string, number>>] => [
    `${namespace}/alloy`,
    { [app]: namespace === "logs" ? "alloy" : "alloy-logs", "app.kubernetes.io/instance": "k8smon-alloy" },
    { "http-metrics": 12345 },
  ]),
  ["o11y/grafana", { [app]: "grafana", "app.kubernetes.io/instance": "grafana" }, { grafana: 3000 }],
  ["logs/loki", { [app]: "loki", "app.kubernetes.io/instance": "loki" }, { "http-metrics": 3100 }],
  ["metrics/mimir", { [app]: "mimir", "app.kubernetes.io/instance": "mimir" }, { "http-metrics": 8080 }],
  ["default/dcgm", { app: "nvidia-dcgm-exporter" }, { metrics: 9400 }],
  ["cert-manager/cert-manager", { [app]: "cert-manager" }, { "http-metrics": 9402 }],
  ["default/beyla", { [app]: "beyla" }, { metrics: 9090 }],
  ["zoo/animal", { [app]: "animal-service" }, { http: 8080 }],
  ["default/manifests", { [app]: "k8s-manifest-tail" }, { http: 8080 }],
];

export const pods: readonly WorldPod[] = written.map(([path, labels, ports = {}, annotations = {}], index) => {
  const [namespace = "", container = ""] = path.split("/");
  const name = `${container}-0`;
  return {
    namespace,
    name,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    ip: `10.1.0.${index + 1}`,
    labels,
    annotations,
    container,
    ports,
  };
});

/** Puts nodes, pods, and a service with its endpoints for each pod, in place. */
export function putWorld(api: ApiServerRig, proxyUrl: string): void {
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))];
  for (const name of namespaces)
    api.put("/api/v1/namespaces", { metadata: { name, labels: { team: "t", color: "red" }, annotations: { cost_center: "c" } } });
  api.put("/api/v1/nodes", {
    metadata: { name: NODE, labels: { "kubernetes.io/os": "linux" } },
    status: {
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: { osImage: "linux" },
    },
  });
  for (const pod of pods) putPod(api, pod);
  putSlice(api, "default", "kubernetes", "10.0.0.1", { https: 6443 }, undefined);
  for (const namespace of ["default", "alpha", "production"]) putMonitors(api, namespace, proxyUrl);
}

function putPod(api: ApiServerRig, pod: WorldPod): void {
  const { namespace, name, uid, ip, labels, annotations, container } = pod;
  const ports = Object.entries(pod.ports).map(([port, number]) => ({ name: port, containerPort: number, protocol: "TCP" }));
  api.put(`/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name, uid, labels, annotations },
    spec: { nodeName: NODE, containers: [{ name: container, image: "image:1", ports }] },
    status: {
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
      hostIP: "10.0.0.1",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ name: container, containerID: "containerd://1", ready: true, restartCount: 0, state: { running: {} } }],
    },
  });
  api.put(`/api/v1/namespaces/${namespace}/services`, {
    metadata: { name: container, labels, annotations: { ...annotations, "k8s.grafana.com/metrics.portName": "http" } },
    spec: { type: "ClusterIP", clusterIP: ip, ports: Object.entries(pod.ports).map(([port, number]) => ({ name: port, port: number })) },
  });
  api.put(`/api/v1/namespaces/${namespace}/endpoints`, {
    metadata: { name: container, labels },
    subsets: [
      {
        addresses: [{ ip, nodeName: NODE, targetRef: { kind: "Pod", name, namespace } }],
        ports: Object.entries(pod.ports).map(([port, number]) => ({ name: port, port: number, protocol: "TCP" })),
      },
    ],
  });
  const service = labels["k8s-app"] ?? labels.app ?? container;
  putSlice(api, namespace, service, ip, pod.ports, pod, labels);
}

function putSlice(
  api: ApiServerRig,
  namespace: string,
  service: string,
  address: string,
  ports: Readonly<Record<string, number>>,
  pod: WorldPod | undefined,
  labels: Labels = {},
): void {
  api.put(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    metadata: { name: service, labels: { ...labels, "kubernetes.io/service-name": service } },
    addressType: "IPv4",
    endpoints: [
      {
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: NODE,
        ...(pod && { targetRef: { kind: "Pod", name: pod.name, namespace } }),
      },
    ],
    ports: Object.entries(ports).map(([name, port]) => ({ name, port, protocol: "TCP" })),
  });
}

function putMonitors(api: ApiServerRig, namespace: string, monitorProxy: string): void {
  const metadata = { name: "shop", labels: { [app]: "my-app" } };
  const collection = (kind: string) => `/apis/monitoring.coreos.com/v1/namespaces/${namespace}/${kind}`;
  const selector = { matchLabels: { [app]: "my-app" } };
  const proxied = { proxyUrl: monitorProxy };
  api.put(collection("servicemonitors"), { metadata, spec: { selector, endpoints: [{ port: "http", ...proxied }] } });
  api.put(collection("podmonitors"), { metadata, spec: { selector, podMetricsEndpoints: [{ port: "metrics", ...proxied }] } });
  api.put(collection("probes"), {
    metadata,
    spec: { prober: { url: "prober:9115", ...proxied }, module: "http_2xx", targets: { staticConfig: { static: ["shop.example"] } } },
  });
}

interface Known {
  readonly plain: { readonly url: string };
  readonly secure: { readonly grpcUrl: string };
  readonly servicesUrl: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const secretNames: readonly [namespace: string, name: string][] = [
  ["default", "alloy-logs-remote-cfg-k8smon-k8s-monitoring"],
  ["default", "alloy-metrics-remote-cfg-k8smon-k8s-monitoring"],
  ["default", "grafana-cloud-credentials"],
  ["default", "localloki-k8smon-k8s-monitoring"],
  ["default", "localprometheus-k8smon-k8s-monitoring"],
  ["default", "log-storage-k8smon-k8s-monitoring"],
  ["default", "loki-k8smon-k8s-monitoring"],
  ["default", "loki-otlp-k8smon-k8s-monitoring"],
  ["default", "my-monitoring-secret"],
  ["default", "otel-endpoint-k8smon-k8s-monitoring"],
  ["default", "otlp-gateway-k8smon-k8s-monitoring"],
  ["default", "prometheus-k8smon-k8s-monitoring"],
  ["monitoring", "mongodb-atlas"],
  ["monitoring", "my-monitoring-secret"],
  ["monitoring", "timescale-db"],
  ["postgresql", "test-database-pg-db-pguser-test-database-pg-db"],
  ["tempo", "my-tempo-secret"],
];

/** The secrets that the configurations read; each has all the keys that any of them asks for. */
export function secretsOf({ plain, secure, servicesUrl, ca, cert, key }: Known): [namespace: string, name: string, data: Labels][] {
  const texts: Labels = {
    ...{ "prom-host": plain.url, "loki-host": plain.url, "tempo-host": `http://${secure.grpcUrl}`, "fleet-management-host": servicesUrl },
    ...{ ca, cert, key, url: "timescale.example:443", service_id: "s", group_id: "g", tenantId: "1", clientId: "c" },
  };
  const names = ["access-token", "accessKey", "bearerToken", "fleet-management-user", "loki-username", "password", "prom-username"];
  const words = ["secretKey", "tempoBearerToken", "user", "username", "GRAFANA_CLOUD_FLEET_MGMT_TOKEN", "GRAFANA_CLOUD_FLEET_MGMT_USER"];
  const all = { ...Object.fromEntries([...names, ...words].map((name) => [name, "x"])), ...texts };
  const data = Object.fromEntries(Object.entries(all).map(([name, text]) => [name, Buffer.from(text).toString("base64")]));
  return secretNames.map(([namespace, name]) => [namespace, name, data]);
}

/** What every target answers to a scrape. */
export const page = `# TYPE alloy_build_info gauge
alloy_build_info{version="1"} 1
# TYPE orders_total counter
orders_total{service_id="s",namespace="o11y",pod="shop-0",container="shop"} 7
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{namespace="o11y",pod="shop-0",container="shop",image="image:1"} 1
# TYPE kube_pod_info gauge
kube_pod_info{namespace="o11y",pod="shop-0",node="${NODE}"} 1
# TYPE istio_requests_total counter
istio_requests_total{namespace="default"} 1
`;
