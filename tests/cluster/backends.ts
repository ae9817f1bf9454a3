import { type Jaeger, startJaeger } from "../backends/jaeger.ts";
import { type Loki, startLoki } from "../backends/loki.ts";
import { type Prometheus, startPrometheus } from "../backends/prometheus.ts";
import type { Cluster } from "./cluster.ts";
import { nodeAddress } from "./layout.ts";

/** Real destinations beside the cluster, which pods reach as services of the namespace `backends`. */
export interface Backends extends AsyncDisposable {
  readonly prometheus: Prometheus;
  readonly loki: Loki;
  readonly traces: Jaeger;
}

/** Where pods send to. */
export const backendUrls = {
  prometheus: "http://prometheus.backends.svc.cluster.local:9090",
  remoteWrite: "http://prometheus.backends.svc.cluster.local:9090/api/v1/write",
  loki: "http://loki.backends.svc.cluster.local:3100",
  lokiPush: "http://loki.backends.svc.cluster.local:3100/loki/api/v1/push",
  traces: "http://traces.backends.svc.cluster.local:4317",
  tracesHttp: "http://traces.backends.svc.cluster.local:4318",
} as const;

export async function startBackends(cluster: Cluster): Promise<Backends> {
  const address = "0.0.0.0";
  const started = await Promise.allSettled([startPrometheus({ address }), startLoki({ address }), startJaeger({ address })]);
  const [prometheus, loki, traces] = started;
  const stop = async () => {
    for (const each of started) if (each.status === "fulfilled") await each.value.stop();
  };
  if (prometheus.status === "rejected" || loki.status === "rejected" || traces.status === "rejected") {
    await stop();
    throw new AggregateError(
      started.flatMap((each) => (each.status === "rejected" ? [each.reason] : [])),
      started.map((each) => (each.status === "rejected" ? String(each.reason) : "")).join("\n"),
    );
  }
  await cluster.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "backends" } },
    ...outsideService("prometheus", "backends", { http: [9090, prometheus.value.port] }),
    ...outsideService("loki", "backends", { http: [3100, loki.value.port] }),
    ...outsideService("traces", "backends", { grpc: [4317, traces.value.otlpGrpcPort], http: [4318, traces.value.otlpHttpPort] }),
  );
  return { prometheus: prometheus.value, loki: loki.value, traces: traces.value, [Symbol.asyncDispose]: stop };
}

/** A service whose one endpoint is a server on the node that is no pod: by the name of each port, the service's and the server's. */
export function outsideService(
  name: string,
  namespace: string,
  ports: Readonly<Record<string, readonly [port: number, targetPort: number]>>,
): object[] {
  const each = Object.entries(ports);
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { ports: each.map(([portName, [port, targetPort]]) => ({ name: portName, port, targetPort })) },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: each.map(([portName, [, port]]) => ({ name: portName, port })),
      endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
    },
  ];
}
