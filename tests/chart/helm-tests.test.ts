import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { chartFolder } from "./rendering.ts";

// What `helm test` runs in the collector's image, against servers that answer as Loki and Prometheus do.

type Answers = Readonly<Record<string, (query: URLSearchParams) => unknown>>;

/** Runs a program of chart/files/tests with one server behind all its addresses; what it writes, and whether it passed. */
async function runTest(script: string, answers: Answers, environment: (port: number) => Record<string, string>) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://here");
    const answer = answers[url.pathname]?.(url.searchParams);
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [join(chartFolder, "files/tests", script)], {
    env: { ...environment(port), RETRIES: "1", TIMEOUT: "5" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  server.closeAllConnections();
  server.close();
  return { output, passed: code === 0 };
}

const logs = (answers: Answers) =>
  runTest("logs.mjs", answers, (port) => ({
    LOKI_SERVICE: "127.0.0.1",
    PORT: `${port}`,
    SCHEME: "http",
    POD_NAME: "alloy-script-test",
    NAMESPACE: "alloy",
    COLLECTORS: `http://127.0.0.1:${port}/-/ready`,
  }));

const ready = { "/-/ready": () => "ready" };
const lines = (count: number) => ({
  "/loki/api/v1/query_range": (query: URLSearchParams) => {
    assert.match(query.get("query") ?? "", /^\{namespace="alloy", pod="alloy-script-test"\} \|= "TEST_ID:\d+"$/);
    return { data: { result: Array.from({ length: count }, () => ({})) } };
  },
});

test("logs.mjs passes when collectors are ready and its line is in Loki", async () => {
  const { passed, output } = await logs({ ...ready, ...lines(1) });
  assert.ok(passed, output);
});

test("logs.mjs fails when the line is not there, and when a collector is not ready", async () => {
  const lost = await logs({ ...ready, ...lines(0) });
  assert.ok(!lost.passed);
  assert.match(lost.output, /the line is in Loki: failed/);
  const late = await logs(lines(1));
  assert.ok(!late.passed);
  assert.match(late.output, /is ready: failed/);
});

const targets = (health: string) =>
  runTest(
    "targets.mjs",
    {
      "/api/v1/targets": (query) => {
        assert.equal(query.get("scrapePool"), "serviceMonitor/alloy/alloy-alloy-logs/0");
        return { data: { activeTargets: [{ health, scrapeUrl: "http://pod:12345/metrics", lastError: "refused" }] } };
      },
    },
    (port) => ({ cypress_prometheus_url: `http://127.0.0.1:${port}`, MONITORS: "alloy/alloy-alloy-logs" }),
  );

test("targets.mjs passes when Prometheus scrapes every collector, and says which it does not", async () => {
  assert.ok((await targets("up")).passed);
  const down = await targets("down");
  assert.ok(!down.passed);
  assert.match(down.output, /http:\/\/pod:12345\/metrics: refused/);
});
