import type { Cluster } from "./cluster.ts";
import { nodeProgram } from "./objects.ts";

// Writes a numbered line and ends a numbered span every 100 ms. What was not acknowledged is sent again, as an SDK with retries does.
const script = `
const { writeSync } = require("node:fs");
const [endpoint] = process.argv.slice(1).filter((each) => each !== "--");
let written = 0, running = true, waiting = [], acknowledged = 0;
const hex = (number, digits) => number.toString(16).padStart(digits, "0");
const started = Date.now();
setInterval(() => {
  if (!running) return;
  const seq = written++;
  writeSync(1, JSON.stringify({ level: "info", msg: "order placed", seq: "seq=" + seq }) + "\\n");
  const now = BigInt(Date.now()) * 1000000n;
  waiting.push({
    traceId: hex(started, 16) + hex(seq + 1, 16), spanId: hex(seq + 1, 16), name: "order", kind: 2,
    startTimeUnixNano: String(now - 5000000n), endTimeUnixNano: String(now),
    attributes: [{ key: "http.request.method", value: { stringValue: "GET" } }, { key: "seq", value: { stringValue: "seq=" + seq } }],
  });
}, 100);
const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
(async () => {
  for (;;) {
    const spans = waiting.slice(0, 50);
    if (spans.length > 0) {
      const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
      const headers = { "content-type": "application/json" };
      const signal = AbortSignal.timeout(10000);
      const answer = await fetch(endpoint, { method: "POST", headers, body, signal }).catch(() => undefined);
      if (answer !== undefined) await answer.arrayBuffer().catch(() => undefined);
      if (answer !== undefined && answer.ok) { waiting = waiting.slice(spans.length); acknowledged += spans.length; }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
})();
require("node:http").createServer((request, response) => {
  if (request.url === "/stop") running = false;
  if (request.url === "/count") return response.end(JSON.stringify({ written, waiting: waiting.length, acknowledged }));
  response.setHeader("content-type", "text/plain; version=0.0.4");
  response.end("# TYPE shop_orders_total counter\\nshop_orders_total{kind=\\"book\\"} " + written + "\\n");
}).listen(8080);
process.on("SIGTERM", () => process.exit(0));
`;

export interface Application {
  /** How many lines and spans there are so far, and how many of the spans a collector has taken. */
  count(): Promise<{ readonly written: number; readonly waiting: number; readonly acknowledged: number }>;
  /** Writes no more, and waits until every span was taken. */
  finish(): Promise<number>;
}

/** An application that logs, exposes metrics under a Service, and sends spans to this OTLP endpoint. */
export async function startApplication(cluster: Cluster, name: string, namespace: string, otlpEndpoint: string): Promise<Application> {
  await cluster.apply(
    nodeProgram({
      name,
      namespace,
      script,
      args: [otlpEndpoint],
      labels: { app: name, "app.kubernetes.io/name": name },
      ready: { port: 8080, path: "/metrics" },
    }),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, labels: { app: name } },
      spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
    },
  );
  await cluster.wait("condition=Ready", `pod/${name}`, namespace);
  const address = await cluster.kubectl(["get", "pod", name, "-n", namespace, "-o", "jsonpath={.status.podIP}"]);
  const get = async (path: string) => await (await fetch(`http://${address}:8080${path}`)).text();
  const count = async () => JSON.parse(await get("/count")) as { written: number; waiting: number; acknowledged: number };
  return {
    count,
    async finish() {
      await get("/stop");
      for (const end = performance.now() + 60_000; ; ) {
        const { written, waiting } = await count();
        if (waiting === 0) return written;
        if (performance.now() > end) throw new Error(`${waiting} of ${written} spans are taken by nobody`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  };
}
