import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { systemClock } from "../../../component/clock.ts";
import { capsuleOf, decodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { ApiServerRig } from "../../../kubernetes/api-server-rig.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { component as podmonitors } from "./podmonitors/component.ts";
import { component as probesComponent } from "./probes/component.ts";
import { component as servicemonitors } from "./servicemonitors/component.ts";

const never = new AbortController().signal;
const monitors = "/apis/monitoring.coreos.com/v1/namespaces/shop/servicemonitors";
let rig: ApiServerRig;
let port: number;
const asked: IncomingMessage[] = [];
const stops: (() => unknown)[] = [];

beforeEach(async () => {
  rig = await new ApiServerRig().start();
  asked.length = 0;
  const server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(200, { "content-type": "text/plain" }).end("up_and_running 1\nunwanted 2\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await rig.stop();
});

/** Keeps the labels of every series that came, as `{a="b"}`. */
class Sink implements Consumer<SampleBatch> {
  readonly series = new Map<string, number>();
  pressure() {
    return undefined;
  }
  async consume(batch: SampleBatch) {
    for (let row = 0; row < batch.count; row++) {
      const { names, values } = processSeries.labelsOf(batch.series[row] as number);
      this.series.set(names.map((name, i) => `${name}="${values[i]}"`).join(","), batch.values[row] ?? Number.NaN);
    }
  }
  has(...parts: string[]): boolean {
    return [...this.series.keys()].some((labels) => parts.every((part) => labels.includes(part)));
  }
}

async function run(component: typeof servicemonitors | typeof podmonitors | typeof probesComponent, more = "") {
  const sink = new Sink();
  const context = testContext({ clock: systemClock });
  const text = `forward_to = [sink]\nscrape {\n\tdefault_scrape_interval = "1s"\n\tdefault_scrape_timeout = "1s"\n}\n${more}\nclient { api_server = "${rig.url}" }`;
  const running = await component.create(
    context,
    decodeText(component as typeof servicemonitors, text, { sink: capsuleOf("storage.Appendable", sink) }),
  );
  await running.start();
  stops.push(() => running.stop(never));
  return { sink, context, running };
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    assert.ok(tries < 1500, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function debugInfo(running: { debugInfo?(): unknown }): {
  readonly crds: readonly { readonly name: string; readonly reconcile_error: string }[];
} {
  return (running.debugInfo?.() ?? { crds: [] }) as ReturnType<typeof debugInfo>;
}

function putService(): void {
  rig.put("/api/v1/namespaces/shop/pods", { metadata: { name: "web-1" }, spec: { nodeName: "n1" }, status: { phase: "Running" } });
  rig.put("/api/v1/namespaces/shop/services", {
    metadata: { name: "web", labels: { app: "web" } },
    spec: { ports: [{ name: "http", port: 80 }] },
  });
  rig.put("/api/v1/namespaces/shop/endpoints", {
    metadata: { name: "web" },
    subsets: [
      {
        ports: [{ name: "http", port, protocol: "TCP" }],
        addresses: [{ ip: "127.0.0.1", targetRef: { kind: "Pod", namespace: "shop", name: "web-1" } }],
      },
    ],
  });
}

test("scrapes what a ServiceMonitor asks for, with its secrets, and stops when it is gone", async () => {
  putService();
  rig.put("/api/v1/namespaces/shop/secrets", { metadata: { name: "s" }, data: { token: Buffer.from("abc").toString("base64") } });
  rig.put(monitors, {
    metadata: { name: "m" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      endpoints: [
        {
          port: "http",
          path: "/own",
          authorization: { credentials: { name: "s", key: "token" } },
          metricRelabelings: [{ action: "drop", sourceLabels: ["__name__"], regex: "unwanted" }],
        },
      ],
    },
  });
  const { sink, context, running } = await run(servicemonitors);
  await until("samples come", () =>
    sink.has('__name__="up_and_running"', 'namespace="shop"', 'service="web"', 'job="web"', 'endpoint="http"', 'pod="web-1"'),
  );
  assert.equal(sink.has('__name__="unwanted"'), false);
  assert.deepEqual([asked[0]?.url, asked[0]?.headers.authorization], ["/own", "Bearer abc"]);
  assert.doesNotMatch(JSON.stringify(running.debugInfo?.()), /abc/);
  rig.remove(monitors, "m");
  await until("no resource is left", () => debugInfo(running).crds.length === 0);
  const ended = () => [...sink.series].some(([labels, value]) => labels.includes('__name__="up_and_running"') && Number.isNaN(value));
  await until("the series are marked as ended", ended);
  const before = asked.length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(asked.length, before);
  assert.deepEqual(
    context.healthReports.filter(({ state }) => state === "unhealthy"),
    [],
  );
});

test("follows a PodMonitor to its pods", async () => {
  rig.put("/api/v1/namespaces/shop/pods", {
    metadata: { name: "web-1", labels: { app: "web" } },
    spec: { nodeName: "n1", containers: [{ name: "app", image: "i", ports: [{ name: "http", containerPort: port, protocol: "TCP" }] }] },
    status: { podIP: "127.0.0.1", phase: "Running" },
  });
  rig.put("/apis/monitoring.coreos.com/v1/namespaces/shop/podmonitors", {
    metadata: { name: "p" },
    spec: { selector: { matchLabels: { app: "web" } }, podMetricsEndpoints: [{ port: "http" }] },
  });
  const { sink } = await run(podmonitors, 'rule {\n\taction = "replace"\n\ttarget_label = "cluster"\n\treplacement = "c"\n}');
  await until("samples come", () => sink.has('__name__="up_and_running"', 'job="shop/p"', 'pod="web-1"', 'container="app"', 'cluster="c"'));
});

test("asks a prober as a Probe says", async () => {
  rig.put("/apis/monitoring.coreos.com/v1/namespaces/shop/probes", {
    metadata: { name: "p" },
    spec: {
      jobName: "ping",
      module: "http_2xx",
      prober: { url: `127.0.0.1:${port}` },
      targets: { staticConfig: { static: ["https://example"], labels: { env: "x" } } },
    },
  });
  const { sink } = await run(probesComponent);
  await until("samples come", () => sink.has('__name__="up_and_running"', 'job="ping"', 'instance="https://example"', 'env="x"'));
  const url = new URL(asked[0]?.url ?? "", "http://prober");
  assert.deepEqual(
    [url.pathname, url.searchParams.get("module"), url.searchParams.get("target")],
    ["/probe", "http_2xx", "https://example"],
  );
});

test("tells what is wrong with one resource, and runs the others", async () => {
  putService();
  const endpoints = [{ port: "http" }];
  rig.put(monitors, {
    metadata: { name: "bad" },
    spec: { endpoints: [{ port: "http", basicAuth: { username: { name: "none", key: "u" } } }] },
  });
  rig.put(monitors, { metadata: { name: "wrong" }, spec: { endpoints: [{ port: "http", relabelings: [{ regex: "(" }] }] } });
  rig.put(monitors, { metadata: { name: "good" }, spec: { endpoints } });
  const { sink, running } = await run(servicemonitors);
  await until("samples come", () => sink.has('__name__="up_and_running"'));
  const { crds } = debugInfo(running);
  const errorOf = (name: string) => crds.find((crd) => crd.name === name)?.reconcile_error ?? "none";
  assert.equal(errorOf("good"), "");
  assert.equal(errorOf("bad"), 'secrets "none" not found in namespace shop');
  assert.match(errorOf("wrong"), /a relabelling rule is wrong: .*missing closing \)/);
});

test("looks for resources by namespace and label, and says which permission is missing", async () => {
  const { context } = await run(
    servicemonitors,
    'namespaces = ["shop"]\nselector {\n\tmatch_labels = { team = "ops" }\n\tmatch_expression {\n\t\tkey = "x"\n\t\toperator = "In"\n\t\tvalues = ["1", "2"]\n\t}\n}',
  );
  await until("resources are listed", () => rig.requests.length > 0);
  const url = new URL(rig.requests[0]?.split(" ")[1] ?? "", "http://rig");
  assert.deepEqual([url.pathname, url.searchParams.get("labelSelector")], [monitors, "team=ops,x in (1,2)"]);
  assert.deepEqual(
    context.healthReports.filter(({ state }) => state === "unhealthy"),
    [],
  );
  rig.forbidden.add("list servicemonitors");
  const refused = await run(servicemonitors);
  await until("the lack is told", () =>
    refused.context.healthReports.some(({ message }) =>
      /a permission is missing: list on servicemonitors.monitoring.coreos.com in the whole cluster/.test(message),
    ),
  );
});
