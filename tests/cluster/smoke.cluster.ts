import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeProgram } from "./objects.ts";
import { withNamespace } from "./with-cluster.ts";

const hello = `
const http = require("node:http");
const dns = require("node:dns/promises");
http.createServer(async (request, response) => {
  const asked = new URL(request.url, "http://x").searchParams.get("get");
  if (asked === null) return response.end("hello from " + process.env.HOSTNAME);
  try { response.end(await (await fetch(asked)).text()); } catch (error) { response.end(String(error.cause ?? error)); }
}).listen(8080, () => console.log("listening as " + process.getuid()));
process.on("SIGTERM", () => process.exit(0));
`;

test("pods run, log, answer under a service's name, take commands and find no way out", async () => {
  await withNamespace("smoke", async (cluster, namespace) => {
    await cluster.apply(
      nodeProgram({ name: "hello", namespace, script: hello, labels: { app: "hello" }, ready: { port: 8080, path: "/" } }),
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "hello", namespace },
        spec: { selector: { app: "hello" }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    );
    await cluster.wait("condition=Ready", "pod/hello", namespace);
    const address = await cluster.kubectl(["get", "pod", "hello", "-n", namespace, "-o", "jsonpath={.status.podIP}"]);
    const get = async (url: string) => await (await fetch(url)).text();
    assert.equal(await get(`http://${address}:8080/`), "hello from hello");

    const service = await cluster.kubectl(["get", "service", "hello", "-n", namespace, "-o", "jsonpath={.spec.clusterIP}"]);
    assert.equal(await patiently(() => get(`http://${service}/`)), "hello from hello");
    const byName = `http://${address}:8080/?get=http://hello.smoke.svc.cluster.local/`;
    assert.equal(await patiently(() => get(byName), /^hello/), "hello from hello");
    assert.match(await get(`http://${address}:8080/?get=http://example.com/`), /ENOTFOUND/);

    assert.equal(await cluster.logs("hello", namespace), "listening as 65532\n");
    const folder = readdirSync(cluster.podLogs).find((name) => name.startsWith("smoke_hello_")) ?? "";
    assert.match(readFileSync(join(cluster.podLogs, folder, "main", "0.log"), "utf8"), /^\S+ stdout F listening as 65532\n$/);
    assert.equal(await cluster.exec("hello", namespace, "/usr/local/bin/node", "-p", "6 * 7"), "42\n");
    const metrics = await cluster.kubectl(["get", "--raw", "/api/v1/nodes/node0/proxy/metrics/cadvisor"]);
    assert.match(metrics, /container_memory_working_set_bytes\{[^}]*namespace="smoke"/);
  });
});

test("a killed part stays away until it is wanted again, and objects outlive it", async () => {
  await withNamespace("revived", async (cluster, namespace) => {
    await cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kept", namespace }, data: { a: "b" } });
    await cluster.kill("kube-apiserver");
    await sleep(1000);
    await assert.rejects(cluster.kubectl(["get", "configmap", "kept", "-n", namespace]));
    await cluster.revive("kube-apiserver");
    assert.equal(await cluster.kubectl(["get", "configmap", "kept", "-n", namespace, "-o", "jsonpath={.data.a}"]), "b");
  });
});

/** A service's address works once the node's rules follow its endpoints. */
async function patiently(ask: () => Promise<string>, wanted = /./, withinMs = 20_000): Promise<string> {
  for (const end = performance.now() + withinMs; ; await sleep(200)) {
    const answer = await ask().catch(String);
    if (wanted.test(answer) && !/fetch failed/.test(answer)) return answer;
    if (performance.now() > end) return answer;
  }
}
