import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requirePart } from "./real-part.ts";
import { freePort, type RunningPart, startPart, temporaryFolder } from "./running-part.ts";

export type PrometheusSample = { readonly labels: Readonly<Record<string, string>>; readonly value: number; readonly timestampMs: number };

export type Prometheus = RunningPart & {
  readonly port: number;
  readonly url: string;
  readonly remoteWriteUrl: string;
  /** The base address for an OTLP exporter: `/v1/metrics` is added by it. */
  readonly otlpUrl: string;
  /** An instant query; every series of the answer with its value. */
  query(promql: string, atMs?: number): Promise<PrometheusSample[]>;
  /** Any GET of its API: the `data` of the answer. */
  api(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>;
};

/** Starts a Prometheus which takes remote write (1 and 2) and OTLP, keeps exemplars and native histograms and takes late samples. */
export async function startPrometheus({
  scrapeConfigs = "[]",
  remoteWrite = "[]",
  selfScrape = false,
  flags = [] as readonly string[],
  otlpTranslation = "NoTranslation",
  /** Where it listens; `url` is on loopback all the same. */
  address = "127.0.0.1",
} = {}): Promise<Prometheus> {
  const folder = temporaryFolder("prometheus");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, "prometheus.yml");
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }
storage: { tsdb: { out_of_order_time_window: 1h }, exemplars: { max_exemplars: 10000 } }
otlp: { translation_strategy: ${otlpTranslation} }
scrape_configs: ${selfScrape ? `[{ job_name: self, static_configs: [{ targets: ["${url.slice("http://".length)}"] }] }]` : scrapeConfigs}
remote_write: ${remoteWrite}
`,
  );
  const part = await startPart({
    path: requirePart("prometheus"),
    folder,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}:${port}`,
      "--web.enable-remote-write-receiver",
      "--web.enable-otlp-receiver",
      "--enable-feature=exemplar-storage,metadata-wal-records",
      "--log.level=warn",
      ...flags,
    ],
    readyUrl: `${url}/-/ready`,
    readyWithinMs: 60_000,
  });
  const api = async (path: string, parameters: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`${url}${path}?${new URLSearchParams(parameters)}`);
    const body = (await answer.json()) as { status: string; data: unknown; error?: string };
    if (body.status !== "success") throw new Error(`Prometheus answered ${path} with ${answer.status}: ${body.error}`);
    return body.data;
  };
  const query = async (promql: string, atMs = Date.now()) => {
    const data = (await api("/api/v1/query", { query: promql, time: String(atMs / 1000) })) as QueryData;
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]), timestampMs: value[0] * 1000 }));
  };
  return { ...part, port, url, remoteWriteUrl: `${url}/api/v1/write`, otlpUrl: `${url}/api/v1/otlp`, query, api };
}

type QueryData = { readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[] };
