import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { freePort, startPart, temporaryFolder } from "../../tests/backends/running-part.ts";
import { type Destination, startDestination } from "../../tests/destinations/destination.ts";
import { bundleCollector } from "./bundle.ts";
import { warmUp } from "./warm-up.ts";

const collector = join(import.meta.dirname, "../../apps/collector");
const folder = mkdtempSync(join(tmpdir(), "invar-bundle-"));
const dist = join(folder, "dist");

before(() => bundleCollector(collector, dist));
after(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  return spawnSync(join(dist, "invar"), args, { cwd: folder, encoding: "utf8", env: { ...process.env, INVAR_NODE: process.execPath } });
}

test("the artefact runs outside the repository, where no package is installed", () => {
  assert.match(run("--version").stdout, /^invar, version v\d/);
  writeFileSync(join(folder, "good.alloy"), 'logging {\n  level = "info"\n}\n');
  const good = run("validate", "good.alloy");
  assert.equal(good.status, 0, good.stdout + good.stderr);
  writeFileSync(join(folder, "bad.alloy"), 'nonsense "x" { }\n');
  const bad = run("validate", "bad.alloy");
  assert.equal(bad.status, 1, bad.stdout + bad.stderr);
});

test("an older Node gets one clear sentence", () => {
  const pretended = join(folder, "old.cjs");
  writeFileSync(pretended, 'Object.defineProperty(process.versions, "node", { value: "24.1.0" });');
  const ran = spawnSync(process.execPath, ["--require", pretended, join(dist, "invar.mjs"), "--version"], { encoding: "utf8" });
  assert.deepEqual(
    [ran.status, ran.stderr],
    [1, "invar: this is Node 24.1.0, it takes Node 26 or newer: put it on PATH or into INVAR_NODE\n"],
  );
});

test("the artefact carries logs, metrics and traces to their destinations", async () => {
  await using to = await startDestination();
  const [log, config] = [join(folder, "app.log"), join(folder, "pipelines.alloy")];
  writeFileSync(log, "one seq=0\ntwo seq=1\n");
  const otlp = `127.0.0.1:${await freePort()}`;
  writeFileSync(config, pipelines(log, otlp, to));
  const own = `127.0.0.1:${await freePort()}`;
  await using collector = await startPart({
    path: join(dist, "invar"),
    folder: temporaryFolder("bundle"),
    args: ["run", config, `--server.http.listen-addr=${own}`, "--storage.path=storage"],
    env: { INVAR_NODE: process.execPath },
    readyUrl: `http://${own}/-/ready`,
    readyWithinMs: 30_000,
  });
  const span = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", name: "seq=0" };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const taken = await fetch(`http://${otlp}/v1/traces`, { method: "POST", headers: { "content-type": "application/json" }, body });
  assert.equal(taken.status, 200);
  // The span is sent on over both protocols.
  await to.until((stats) => stats.lines === 2 && stats.samples > 0 && stats.spans === 2);
  assert.equal(to.stats().malformed, 0, collector.output());
  const page = await fetch(`http://${own}/`);
  assert.match(await page.text(), /app\.js/);
});

function pipelines(log: string, otlp: string, to: Destination): string {
  return `
local.file_match "app" { path_targets = [{ "__path__" = "${log}" }] }
loki.source.file "app" {
  targets    = local.file_match.app.targets
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url        = "${to.lokiUrl}"
    batch_wait = "100ms"
  }
}
prometheus.exporter.self "own" { }
prometheus.scrape "own" {
  targets         = prometheus.exporter.self.own.targets
  scrape_interval = "1s"
  scrape_timeout  = "1s"
  forward_to      = [prometheus.remote_write.out.receiver]
}
prometheus.remote_write "out" {
  endpoint {
    url = "${to.remoteWriteUrl}"
    queue_config { batch_send_deadline = "100ms" }
  }
}
otelcol.receiver.otlp "in" {
  http { endpoint = "${otlp}" }
  output { traces = [otelcol.exporter.otlphttp.out.input, otelcol.exporter.otlp.out.input] }
}
otelcol.exporter.otlphttp "out" {
  client { endpoint = "${to.url}" }
}
otelcol.exporter.otlp "out" {
  client {
    endpoint = "${to.grpcUrl}"
    tls { insecure = true }
  }
}
`;
}

test("the build keeps beside the program what V8 compiled while it worked, and a start takes it from there", async () => {
  await warmUp(join(dist, "invar"), { INVAR_NODE: process.execPath });
  const [version] = readdirSync(join(dist, "compile-cache"));
  const files = readdirSync(join(dist, "compile-cache", version ?? ""));
  assert.notEqual(files.length, 0);
  // Node tells what it did with each file.
  const told = spawnSync(join(dist, "invar"), ["--version"], {
    encoding: "utf8",
    env: { ...process.env, INVAR_NODE: process.execPath, NODE_DEBUG_NATIVE: "COMPILE_CACHE" },
  });
  const outcomes = [...told.stderr.concat(told.stdout).matchAll(/V8 code cache for .* was ([a-z ]+),/g)].map(([, outcome]) => outcome);
  assert.deepEqual([...new Set(outcomes)], ["accepted"]);
  // Whoever runs the program can read them.
  for (const file of files) assert.equal(statSync(join(dist, "compile-cache", version ?? "", file)).mode & 0o777, 0o644);
});

test("the same sources give the same bytes", async () => {
  const again = join(folder, "again");
  await bundleCollector(collector, again);
  const files = readdirSync(again, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map((entry) => relative(again, join(entry.parentPath, entry.name))))
    assert.ok(readFileSync(join(again, file)).equals(readFileSync(join(dist, file))), file);
});

test("the program is ASCII and names the licences of all that it holds", () => {
  const parts = readdirSync(join(dist, "parts")).map((name) => join(dist, "parts", name));
  for (const file of [join(dist, "invar.mjs"), ...parts]) assert.doesNotMatch(readFileSync(file, "latin1"), /[\u0080-\u00ff]/, file);
  const licences = readFileSync(join(dist, "LICENCES.txt"), "utf8");
  for (const name of ["snappy", "pino", "preact"]) assert.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, "m"));
});
