import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { RunningCollector } from "../../apps/collector/src/commands/running-collector.ts";
import { Budget } from "../../apps/collector/src/delivery/budget.ts";
import { ApiServerRig } from "../../apps/collector/src/kubernetes/api-server-rig.ts";
import { ProcessLog } from "../../apps/collector/src/services/log/logger.ts";
import { testAuthority } from "../../apps/collector/src/transport/tls/test-certificates.ts";
import { type Destination, startDestination } from "../destinations/destination.ts";
import { freePort } from "../run/invar.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { onLoopback } from "./loopback.ts";
import { startScrapeProxy } from "./scrape-proxy.ts";
import { putEvents, sendEverywhere, serveLogs, writeLines } from "./traffic.ts";
import { NODE, page, putWorld, secretsOf } from "./world.ts";

const authority = testAuthority();
const certificate = authority.issue("127.0.0.1", "localhost");
const journal = gunzipSync(
  readFileSync(join(import.meta.dirname, "../../apps/collector/src/components/loki/source/journal/cases/regular.journal.gz")),
);

export interface Moved {
  readonly figures: Figures;
  /** Items that the destinations took of what the sinks count. */
  readonly received: number;
  readonly log: string;
}

/** The environment that a DaemonSet gives its pods. Of the whole process, for configurations read it from there. */
export function setEnvironment(kubeconfig: string): void {
  Object.assign(process.env, { HOSTNAME: NODE, NODE_NAME: NODE, K8S_NODE_NAME: NODE, MY_ENV: "test", KUBECONFIG: kubeconfig });
}

/**
 * Runs a configuration against a world on loopback, with traffic for each of its sources, until `isEnough` and the accounts of sinks and
 * destinations agree. Rejects with what there is when the time is up.
 */
export async function runMoving(path: string, isEnough: (figures: Figures) => boolean, withinMs: number): Promise<Moved> {
  const root = mkdtempSync(join(tmpdir(), `invar-corpus-`));
  const cleanUp: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
  try {
    const api = await new ApiServerRig().start();
    cleanUp.push(() => api.stop());
    const plain = await startDestination();
    cleanUp.push(plain.stop);
    const secure = await startDestination({ tls: certificate });
    cleanUp.push(secure.stop);
    const proxy = await startScrapeProxy(page);
    cleanUp.push(proxy.close);
    const services = await startServices(plain);
    cleanUp.push(services.close);
    putWorld(api, proxy.url);
    for (const [namespace, name, data] of secretsOf({ plain, secure, servicesUrl: services.url, ca: authority.ca, ...certificate }))
      api.put(`/api/v1/namespaces/${namespace}/secrets`, { metadata: { name }, data });
    serveLogs(api);
    const kubeconfig = join(root, "kubeconfig");
    writeFileSync(kubeconfig, kubeconfigOf(api.url));
    setEnvironment(kubeconfig);
    fillRoot(root);
    // Before it starts: folders are looked through every ten seconds only.
    writeLines(root, "round 0");

    const ports = new Map<string, number>();
    const text = readFileSync(path, "utf8");
    for (const [, port = ""] of text.matchAll(/"0\.0\.0\.0:(\d+)"/g)) ports.set(port, await freePort());
    const config = onLoopback(text, {
      ...{ root, kubeconfig, proxyUrl: proxy.url, servicesUrl: services.url, plain, secure },
      port: (written) => ports.get(written) ?? 0,
    });
    const listen = `127.0.0.1:${await freePort()}`;
    let log = "";
    const collector = new RunningCollector({
      log: new ProcessLog((line) => {
        log += line;
      }),
      budget: new Budget(256 * 1024 * 1024),
      stability: "experimental",
      storagePath: join(root, "data"),
      orphanMaxAgeMs: 3_600_000,
      listenAddress: listen,
      memoryAddress: "alloy.internal:12345",
      uiPrefix: "/",
      uiFolder: root,
      servesProfiles: false,
      servesSupportBundle: false,
      flags: [],
      cluster: undefined,
      readSources: () => [{ name: basename(path), text: config }],
    });
    const problem = await collector.load();
    if (problem !== undefined) throw new Error(problem);
    await collector.start();
    cleanUp.push(() => collector.stop(AbortSignal.timeout(2000)));

    const read = async () => figuresOf(await (await fetch(`http://${listen}/metrics`)).text());
    const end = Date.now() + withinMs;
    let [figures, received] = [await read(), 0];
    for (let round = 1; Date.now() < end; round++) {
      if (!isEnough(figures)) {
        writeLines(root, `round ${round}`);
        putEvents(api, round);
        await sendEverywhere(ports);
        await sleep(200);
      }
      // Scrapes never end, so the moment is looked for at which nothing is on its way.
      await sleep(20);
      [figures, received] = [await read(), takenBy(plain, secure)];
      if (isEnough(figures) && agree(figures, received)) break;
    }
    return { figures, received, log };
  } finally {
    for (const clean of cleanUp.reverse()) await clean();
  }
}

/** Whether the sinks have delivered all that they accepted, and the destinations received just that. */
export function agree({ sinks }: Figures, received: number): boolean {
  let delivered = 0;
  for (const sink of sinks.values()) {
    if (sink.accepted !== sink.delivered + sink.dropped + sink.buffered) return false;
    delivered += sink.delivered;
  }
  return delivered === received;
}

function takenBy(...destinations: Destination[]): number {
  let taken = 0;
  for (const destination of destinations) {
    const { spans, points, logRecords, samples, lines } = destination.stats();
    taken += spans + points + logRecords + samples + lines;
  }
  return taken;
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server } }],
    users: [{ name: "test", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}

/** What a node has in its file system: the service account, the release's metrics, a journal. */
function fillRoot(root: string): void {
  const put = (path: string, content: string | Buffer) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  put("var/run/secrets/kubernetes.io/serviceaccount/token", "token");
  put("var/run/secrets/kubernetes.io/serviceaccount/ca.crt", authority.ca);
  put("etc/release-info/release.prom", 'grafana_kubernetes_monitoring_build_info{version="1"} 1\n');
  put("var/log/journal/0123456789abcdef0123456789abcdef/system.journal", journal);
  mkdirSync(join(root, "var/lib/otlp_gateway_queue_storage"), { recursive: true });
}

/** Tokens, remote configurations and lists of targets. */
async function startServices(to: Destination): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = (body: unknown) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    request.resume();
    if (request.url === "/token") answer({ access_token: "t", token_type: "Bearer", expires_in: 3600 });
    else if (request.url?.endsWith("/GetConfig")) answer({ content: remoteConfig(to.remoteWriteUrl), hash: "1" });
    else if (request.url?.includes("/discovery")) answer([{ targets: ["10.9.9.9:443"], labels: { service_id: "s" } }]);
    else answer({});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function remoteConfig(url: string): string {
  return `prometheus.exporter.static "given" {
  text = "given 1\\n"
}
prometheus.scrape "given" {
  targets         = prometheus.exporter.static.given.targets
  scrape_interval = "1s"
  scrape_timeout  = "1s"
  forward_to      = [prometheus.remote_write.given.receiver]
}
prometheus.remote_write "given" {
  endpoint {
    url = "${url}"
    queue_config {
      batch_send_deadline = "100ms"
    }
  }
}
`;
}
