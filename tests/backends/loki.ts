import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requirePart } from "./real-part.ts";
import { freePort, type RunningPart, startPart, temporaryFolder } from "./running-part.ts";

export type LokiStream = {
  readonly labels: Readonly<Record<string, string>>;
  /** Oldest first. Structured metadata is part of `labels`, as Loki answers it. */
  readonly entries: readonly { readonly timestampNs: bigint; readonly line: string }[];
};

export type Loki = RunningPart & {
  readonly port: number;
  readonly url: string;
  readonly pushUrl: string;
  /** The base address for an OTLP exporter: `/v1/logs` is added by it. */
  readonly otlpUrl: string;
  /** A range query over the last hour and the next, oldest first. */
  query(logql: string, limit?: number): Promise<LokiStream[]>;
};

/** Starts a Loki as one process with its data in a temporary folder. It listens at `address`; `url` is on loopback all the same. */
export async function startLoki({ limits = "{}", address = "127.0.0.1" } = {}): Promise<Loki> {
  const folder = temporaryFolder("loki");
  const [port, grpcPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, "loki.yml");
  writeFileSync(config, configuration(folder, address, port, grpcPort, limits));
  const part = await startPart({
    path: requirePart("loki"),
    folder,
    args: [`-config.file=${config}`],
    readyUrl: `${url}/ready`,
    readyWithinMs: 90_000,
  });
  const query = async (logql: string, limit = 5000) => {
    const hourMs = 3_600_000;
    const parameters = new URLSearchParams({
      query: logql,
      limit: String(limit),
      direction: "forward",
      start: `${Date.now() - hourMs}000000`,
      end: `${Date.now() + hourMs}000000`,
    });
    const answer = await fetch(`${url}/loki/api/v1/query_range?${parameters}`);
    if (!answer.ok) throw new Error(`Loki answered ${logql} with ${answer.status}: ${await answer.text()}`);
    const body = (await answer.json()) as QueryAnswer;
    return body.data.result.map(({ stream, values }) => ({
      labels: stream,
      entries: values.map(([nanoseconds, line]) => ({ timestampNs: BigInt(nanoseconds), line })),
    }));
  };
  return { ...part, port, url, pushUrl: `${url}/loki/api/v1/push`, otlpUrl: `${url}/otlp`, query };
}

type QueryAnswer = {
  readonly data: { readonly result: readonly { readonly stream: Record<string, string>; readonly values: readonly [string, string][] }[] };
};

// No replication, no waiting for a ring of one to settle, no background work that a short test would pay for.
function configuration(folder: string, address: string, port: number, grpcPort: number, limits: string): string {
  return `auth_enabled: false
server:
  { http_listen_address: ${address}, http_listen_port: ${port}, grpc_listen_address: 127.0.0.1, grpc_listen_port: ${grpcPort}, log_level: warn }
common:
  instance_addr: 127.0.0.1
  path_prefix: ${folder}
  replication_factor: 1
  ring: { kvstore: { store: inmemory } }
  storage: { filesystem: { chunks_directory: ${folder}/chunks, rules_directory: ${folder}/rules } }
ingester: { lifecycler: { min_ready_duration: 0s, final_sleep: 0s } }
schema_config:
  configs:
    - { from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: { prefix: index_, period: 24h } }
query_range: { cache_results: false }
# Front end and querier look for their scheduler, which is this same process, every 10 s otherwise.
frontend: { scheduler_dns_lookup_period: 100ms }
frontend_worker: { dns_lookup_duration: 100ms }
analytics: { reporting_enabled: false }
limits_config: ${limits}
`;
}
