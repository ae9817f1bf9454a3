import { requirePart } from "./real-part.ts";
import { freePort, type RunningPart, startPart, temporaryFolder } from "./running-part.ts";

export type JaegerSpan = {
  readonly traceId: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, unknown>>;
  /** The service's name and the attributes of its resource. */
  readonly service: string;
  readonly resource: Readonly<Record<string, unknown>>;
};

export type Jaeger = RunningPart & {
  readonly url: string;
  readonly otlpGrpcPort: number;
  readonly otlpHttpPort: number;
  /** Names of all services that sent spans. */
  services(): Promise<string[]>;
  /** The spans of a service's traces of the last hour that bear these tags. */
  spans(service: string, tags?: Readonly<Record<string, string>>, limit?: number): Promise<JaegerSpan[]>;
};

/** Starts a Jaeger which takes OTLP and keeps traces in memory. It listens for them at `address`, queries on loopback. */
export async function startJaeger({ address = "127.0.0.1" } = {}): Promise<Jaeger> {
  const folder = temporaryFolder("jaeger");
  const [otlpGrpcPort, otlpHttpPort, queryPort, adminPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${queryPort}`;
  const part = await startPart({
    path: requirePart("jaeger"),
    folder,
    env: { SPAN_STORAGE_TYPE: "memory" },
    args: [
      "--log-level=warn",
      "--collector.otlp.enabled=true",
      `--collector.otlp.grpc.host-port=${address}:${otlpGrpcPort}`,
      `--collector.otlp.http.host-port=${address}:${otlpHttpPort}`,
      `--query.http-server.host-port=127.0.0.1:${queryPort}`,
      `--query.grpc-server.host-port=127.0.0.1:${await freePort()}`,
      `--admin.http.host-port=127.0.0.1:${adminPort}`,
      // Ways in that nobody uses.
      `--collector.http-server.host-port=127.0.0.1:${await freePort()}`,
      `--collector.grpc-server.host-port=127.0.0.1:${await freePort()}`,
    ],
    readyUrl: `${url}/api/services`,
    readyWithinMs: 60_000,
  });
  const api = async <T>(path: string): Promise<T> => {
    const answer = await fetch(url + path);
    if (!answer.ok) throw new Error(`Jaeger answered ${path} with ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { data: T | null }).data ?? ([] as T);
  };
  const spans = async (service: string, tags: Readonly<Record<string, string>> = {}, limit = 1000) => {
    const asked = new URLSearchParams({ service, limit: String(limit), lookback: "1h", tags: JSON.stringify(tags) });
    const traces = await api<Trace[]>(`/api/traces?${asked}`);
    return traces.flatMap(({ traceID, spans: inTrace, processes }) =>
      inTrace.map((span) => {
        const process = processes[span.processID];
        const resource = asObject(process?.tags ?? []);
        return { traceId: traceID, name: span.operationName, tags: asObject(span.tags), service: process?.serviceName ?? "", resource };
      }),
    );
  };
  return { ...part, url, otlpGrpcPort, otlpHttpPort, services: () => api<string[]>("/api/services"), spans };
}

type Tag = { readonly key: string; readonly value: unknown };
type Trace = {
  readonly traceID: string;
  readonly spans: readonly { readonly operationName: string; readonly processID: string; readonly tags: readonly Tag[] }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags?: readonly Tag[] }>>;
};

function asObject(tags: readonly Tag[]): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
