import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { FakeClock } from "../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import { component } from "./component.ts";

/** Keeps what it gets: a list of `name{labels} value` a scrape, without job and instance and without the reports' measured values. */
class Sink implements Consumer<SampleBatch> {
  readonly scrapes: string[][] = [];
  readonly times: number[] = [];
  readonly others: string[] = [];
  refusal: DeliveryError | undefined;

  async consume(batch: SampleBatch): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    const { table } = batch;
    const lines: string[] = [];
    for (let row = 0; row < batch.count; row++) {
      const { names, values } = table.labelsOf(batch.series[row] ?? 0);
      const shown = names.map((name, i) => [name, values[i]] as const).filter(([name]) => !["__name__", "job", "instance"].includes(name));
      const name = values[names.indexOf("__name__")] ?? "";
      if (name === "scrape_duration_seconds") continue;
      const labels = shown.length === 0 ? "" : `{${shown.map(([label, value]) => `${label}=${value}`).join(",")}}`;
      lines.push(`${name}${labels} ${batch.isStale(row) ? "stale" : batch.values[row]}`);
      this.times.push(batch.timestamps[row] ?? 0);
    }
    this.scrapes.push(lines);
    const { exemplars, metadata, histograms } = batch;
    if (histograms !== undefined) this.others.push(`${histograms.count} histograms`);
    for (let row = 0; row < (exemplars?.count ?? 0); row++)
      this.others.push(`exemplar ${exemplars?.values[row]} @${exemplars?.timestamps[row]}`);
    for (const { family, type, help } of metadata?.metadata ?? []) this.others.push(`metadata ${family} ${type} ${help}`);
  }

  pressure(): DeliveryError | undefined {
    return this.refusal;
  }
}

interface Page {
  body: string | Buffer;
  type?: string;
  status?: number;
  headers?: Record<string, string>;
}

/** A target whose page can be changed, and what it was asked with. */
async function target(t: TestContext, page: Page): Promise<{ address: string; page: Page; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    response.writeHead(page.status ?? 200, { "content-type": page.type ?? "text/plain", ...page.headers });
    response.end(page.body);
  };
  const server: Server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, page, requests };
}

/** Scrapes with these arguments. `scrape` lets the interval pass and waits for what comes of it. */
async function scraping(t: TestContext, address: string | string[], args = "", options: { budgetBytes?: number } = {}) {
  const clock = new FakeClock();
  const sink = new Sink();
  const context = testContext({ id: "prometheus.scrape.test", clock, ...options });
  const addresses = Array.isArray(address) ? address : [address];
  const decode = (targets: string[], more: string) =>
    decodeText(
      component,
      `targets = [${targets.map((own) => `{ "__address__" = "${own}" }`).join(", ")}]\nforward_to = [sink]\nscrape_interval = "10s"\nscrape_timeout = "10s"\n${more}`,
      { sink: capsuleOf("storage.Appendable", sink) },
    );
  const scraper = await component.create(context, decode(addresses, args));
  await scraper.start();
  t.after(() => scraper.stop(AbortSignal.abort()));
  const until = async (claim: () => boolean) => {
    for (let i = 0; i < 500 && !claim(); i++) await pause(10);
    assert.ok(claim(), "what was waited for did not happen");
  };
  return {
    clock,
    sink,
    context,
    scraper,
    until,
    async scrape(expected = addresses.length): Promise<string[]> {
      const before = sink.scrapes.length;
      await clock.advance(10_000);
      await until(() => sink.scrapes.length >= before + expected);
      return sink.scrapes.slice(before).flat();
    },
    update: (targets: string[], more = "") => scraper.update(decode(targets, more)),
  };
}

function statusOf(scraper: { debugInfo?(): unknown }): { health: string; last_error: string } {
  const info = scraper.debugInfo?.() as { target: { health: string; last_error: string }[] } | undefined;
  return info?.target[0] ?? assert.fail("there is no target");
}

function up(scraped: number, added: number, isUp = 1): string[] {
  return [
    `up ${isUp}`,
    `scrape_samples_scraped ${scraped}`,
    `scrape_samples_post_metric_relabeling ${scraped}`,
    `scrape_series_added ${added}`,
  ];
}

test("samples come with the target's labels and a report", async (t) => {
  const { address } = await target(t, { body: 'a{x="1"} 1\nb 2\n' });
  const { scrape, sink } = await scraping(t, address);
  assert.deepEqual(await scrape(), ["a{x=1} 1", "b 2", ...up(2, 2)]);
  assert.deepEqual(await scrape(), ["a{x=1} 1", "b 2", ...up(2, 0)]);
  assert.equal(new Set(sink.times).size, 2);
});

test("series that are no longer exposed end, once", async (t) => {
  const { address, page } = await target(t, { body: "a 1\nb 2\n" });
  const { scrape } = await scraping(t, address);
  await scrape();
  page.body = "b 3\n";
  assert.deepEqual(await scrape(), ["b 3", "a stale", ...up(1, 0)]);
  assert.deepEqual(await scrape(), ["b 3", ...up(1, 0)]);
});

const failures: [what: string, page: Partial<Page>, error: RegExp, scraped: number][] = [
  ["a status other than 200", { status: 503 }, /^server returned HTTP status 503 Service Unavailable$/, 0],
  ["a page that can't be parsed", { body: "a 1\nb {\n" }, /^expected label name, got/, 1],
  ["a series with a name twice", { body: 'a{x="1",x="2"} 1\n' }, /^label name "x" is not unique/, 1],
  ["gzip that is none", { body: "no gzip", headers: { "content-encoding": "gzip" } }, /gzip/, 0],
];

for (const [what, broken, error, scraped] of failures)
  test(`${what} fails the scrape: all series end and up is 0`, async (t) => {
    const { address, page } = await target(t, { body: "a 1\nb 2\n" });
    const { scrape, scraper } = await scraping(t, address);
    await scrape();
    Object.assign(page, broken);
    assert.deepEqual(await scrape(), [
      "a stale",
      "b stale",
      ...up(scraped, 0, 0).map((line) => (what.includes("parsed") ? line.replace("added 0", "added 0") : line)),
    ]);
    assert.equal(statusOf(scraper).health, "down");
    assert.match(statusOf(scraper).last_error, error);
    assert.deepEqual(
      (await scrape()).filter((line) => line.endsWith("stale")),
      [],
    );
  });

test("a target that can't be reached is down", async (t) => {
  const { scrape, scraper } = await scraping(t, "127.0.0.1:1");
  assert.deepEqual(await scrape(), up(0, 0, 0));
  assert.match(statusOf(scraper).last_error, /^Get "http:\/\/127\.0\.0\.1:1\/metrics": .*ECONNREFUSED/);
});

test("a target that does not answer in time is down", async (t) => {
  const server = createServer(() => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { clock, sink, scraper, until } = await scraping(t, `127.0.0.1:${(server.address() as AddressInfo).port}`);
  const asked = once(server, "request");
  await clock.advance(10_000);
  await asked;
  await clock.advance(10_000);
  await until(() => sink.scrapes.length > 0);
  assert.match(JSON.stringify(scraper.debugInfo?.()), /context deadline exceeded/);
});

test("targets are asked as Prometheus asks them", async (t) => {
  const { address, requests } = await target(t, { body: "a 1\n" });
  const { scrape } = await scraping(
    t,
    address,
    'metrics_path = "/probe"\nparams = { "module" = ["m"], "target" = ["a b"] }\nbasic_auth {\n username = "u"\n password = "p"\n}',
  );
  await scrape();
  const [request] = requests;
  assert.equal(request?.url, "/probe?module=m&target=a+b");
  assert.equal(request?.headers.authorization, `Basic ${Buffer.from("u:p").toString("base64")}`);
  assert.equal(request?.headers["accept-encoding"], "gzip");
  assert.equal(request?.headers["x-prometheus-scrape-timeout-seconds"], "10");
  assert.match(request?.headers.accept ?? "", /^application\/openmetrics-text;version=1\.0\.0;escaping=underscores;q=0\.6,/);
  assert.match(request?.headers["user-agent"] ?? "", /^Invar/);
});

test("packed pages are unpacked", async (t) => {
  const { address } = await target(t, { body: gzipSync(`a 1\n${"# comment\n".repeat(5000)}`), headers: { "content-encoding": "gzip" } });
  const { scrape } = await scraping(t, address);
  assert.deepEqual(await scrape(), ["a 1", ...up(1, 1)]);
});

const limits: [args: string, body: string, expected: string[], metric: string][] = [
  ["sample_limit = 1", "a 1\nb 2\n", up(2, 1, 0), "prometheus_target_scrapes_exceeded_sample_limit_total"],
  ["label_limit = 3", 'a{x="1",y="2"} 1\n', up(1, 0, 0), "prometheus_target_scrape_pool_exceeded_label_limits_total"],
  ['body_size_limit = "20B"', `${"a 1\n".repeat(5)}`, up(0, 0, 0), "prometheus_target_scrapes_exceeded_body_size_limit_total"],
];

for (const [args, body, expected, metric] of limits)
  test(`${args} fails scrapes beyond it, and counts them`, async (t) => {
    const { address } = await target(t, { body });
    const { scrape, context } = await scraping(t, address, args);
    assert.deepEqual(await scrape(), expected);
    assert.equal(context.metric(metric), 1);
  });

test("too many targets fail all scrapes", async (t) => {
  const one = await target(t, { body: "a 1\n" });
  const two = await target(t, { body: "a 1\n" });
  const { scrape, scraper } = await scraping(t, [one.address, two.address], "target_limit = 1");
  assert.deepEqual(await scrape(), [...up(0, 0, 0), ...up(0, 0, 0)]);
  assert.match(JSON.stringify(scraper.debugInfo?.()), /target_limit exceeded \(number of targets: 2, limit: 1\)/);
  assert.deepEqual([one.requests.length, two.requests.length], [0, 0]);
});

test("extra metrics tell of limits and sizes", async (t) => {
  const { address } = await target(t, { body: "a 1\n" });
  const { scrape } = await scraping(t, address, "extra_metrics = true\nsample_limit = 10");
  assert.deepEqual((await scrape()).slice(-3), ["scrape_timeout_seconds 10", "scrape_sample_limit 10", "scrape_body_size_bytes 4"]);
});

test("the same series twice counts once", async (t) => {
  const { address } = await target(t, { body: "a 1\na 2\n" });
  const { scrape, context } = await scraping(t, address);
  assert.deepEqual(await scrape(), ["a 1", ...up(2, 1)]);
  assert.equal(context.metric("prometheus_target_scrapes_sample_duplicate_timestamp_total"), 1);
});

test("exposed timestamps are kept, and their series do not end", async (t) => {
  const { address, page } = await target(t, { body: "a 1 5000\nfuture 1 99999999999999\n" });
  const { scrape, sink, context } = await scraping(t, address);
  assert.deepEqual(await scrape(), ["a 1", ...up(2, 1)]);
  assert.equal(sink.times[0], 5000);
  assert.equal(context.metric("prometheus_target_scrapes_sample_out_of_bounds_total"), 1);
  page.body = "b 1\n";
  assert.deepEqual(await scrape(), ["b 1", ...up(1, 1)]);
});

test("series with timestamps end, too, where that is wanted", async (t) => {
  const { address, page } = await target(t, { body: "a 1 5000\n" });
  const { scrape } = await scraping(t, address, "track_timestamps_staleness = true");
  await scrape();
  page.body = "b 1\n";
  assert.deepEqual(await scrape(), ["b 1", "a stale", ...up(1, 1)]);
});

test("without honor_timestamps the time of the scrape counts", async (t) => {
  const { address } = await target(t, { body: "a 1 5000\n" });
  const { scrape, sink } = await scraping(t, address, "honor_timestamps = false");
  await scrape();
  assert.equal(new Set(sink.times).size, 1);
});

test("exemplars are sent once, metadata when they change", async (t) => {
  const type = "application/openmetrics-text; version=1.0.0";
  const { address, page } = await target(t, { body: '# TYPE a counter\n# HELP a Help.\na_total 1 # {t="x"} 0.5 7\n# EOF\n', type });
  const { scrape, sink } = await scraping(t, address, "honor_metadata = true");
  await scrape();
  assert.deepEqual(
    sink.others.filter((line) => !/metadata (up|scrape)/.test(line)),
    ["exemplar 0.5 @7000", "metadata a counter Help."],
  );
  sink.others.length = 0;
  await scrape();
  assert.deepEqual(sink.others, []);
  page.body = '# TYPE a counter\n# HELP a Other.\na_total 1 # {t="y"} 0.5 7\n# EOF\n';
  await scrape();
  assert.deepEqual(sink.others, ["exemplar 0.5 @7000", "metadata a counter Other."]);
});

test("the start of a counter is a sample of 0", async (t) => {
  const type = "application/openmetrics-text";
  const { address } = await target(t, { body: "# TYPE a counter\na_total 5\na_created 1000\n# EOF\n", type });
  const { scrape } = await scraping(t, address, "start_timestamp_zero_ingestion = true");
  assert.deepEqual((await scrape()).slice(0, 2), ["a_total 0", "a_total 5"]);
  assert.deepEqual((await scrape()).slice(0, 2), ["a_total 5", "up 1"]);
});

test("native histograms come by protobuf", async (t) => {
  // A family "h" of one histogram: count 1, sum 2, zero count 1.
  const histogram = Buffer.from("0801110000000000000040" + "3801", "hex");
  const metric = Buffer.concat([Buffer.from([0x3a, histogram.length]), histogram]);
  const family = Buffer.concat([Buffer.from("0a0168" + "1804" + "22", "hex"), Buffer.from([metric.length]), metric]);
  const body = Buffer.concat([Buffer.from([family.length]), family]);
  const { address, requests } = await target(t, { body, type: "application/vnd.google.protobuf" });
  const { scrape, sink } = await scraping(t, address, "scrape_native_histograms = true");
  assert.deepEqual(await scrape(), up(1, 1));
  assert.deepEqual(sink.others, ["1 histograms"]);
  assert.match(requests[0]?.headers.accept ?? "", /^application\/vnd\.google\.protobuf/);
});

test("a page of unknown format fails where there is no fallback", async (t) => {
  const { address } = await target(t, { body: "a 1\n", type: "text/html" });
  const { scrape, scraper } = await scraping(t, address, 'scrape_fallback_protocol = ""');
  assert.deepEqual(await scrape(), up(0, 0, 0));
  assert.match(JSON.stringify(scraper.debugInfo?.()), /received unsupported Content-Type/);
});

test("a target that is gone ends its series two intervals later", async (t) => {
  const { address } = await target(t, { body: "a 1\n" });
  const { scrape, sink, update, clock, until } = await scraping(t, address);
  await scrape();
  await update([]);
  await clock.advance(20_000);
  assert.equal(sink.scrapes.length, 1);
  await clock.advance(2_000);
  await until(() => sink.scrapes.length === 2);
  assert.deepEqual(sink.scrapes[1]?.slice(0, 2), ["a stale", "up stale"]);
});

test("a target that comes back soon goes on as before", async (t) => {
  const { address } = await target(t, { body: "a 1\n" });
  const { scrape, sink, update, clock } = await scraping(t, address);
  await scrape();
  await update([]);
  await clock.advance(5_000);
  await update([address]);
  assert.deepEqual(await scrape(1), ["a 1", ...up(1, 0)]);
  for (let i = 0; i < 3; i++) await scrape();
  assert.ok(sink.scrapes.flat().every((line) => !line.endsWith("stale")));
});

test("stopping ends no series", async (t) => {
  const { address } = await target(t, { body: "a 1\n" });
  const { scrape, sink, scraper, clock } = await scraping(t, address);
  await scrape();
  await scraper.stop(AbortSignal.abort());
  await clock.advance(60_000);
  assert.equal(sink.scrapes.length, 1);
});

test("settings that change labels end the old series at once", async (t) => {
  const { address } = await target(t, { body: 'a{job="x"} 1\n' });
  const { scrape, update, sink, until } = await scraping(t, address);
  assert.deepEqual((await scrape())[0], "a{exported_job=x} 1");
  await update([address], "honor_labels = true");
  await until(() => sink.scrapes.length === 2);
  assert.equal(sink.scrapes[1]?.[0], "a{exported_job=x} stale");
  assert.deepEqual((await scrape())[0], "a 1");
});

test("under pressure whole scrapes are left out, counted and shown", async (t) => {
  const { address, requests } = await target(t, { body: "a 1\n" });
  const { scrape, sink, clock, context, until } = await scraping(t, address);
  sink.refusal = new DeliveryError("the queue is full", { retryable: true, reason: "queue_full" });
  await clock.advance(10_000);
  await until(() => context.metric("invar_scrapes_skipped_total", { reason: "queue_full" }) === 1);
  assert.equal(requests.length, 0);
  assert.deepEqual(context.healthReports.at(-1), {
    state: "unhealthy",
    message: "samples of 1 of 1 targets are not taken: the queue is full",
  });
  sink.refusal = undefined;
  assert.deepEqual(await scrape(), ["a 1", ...up(1, 1)]);
  assert.equal(context.healthReports.at(-1)?.state, "healthy");
});

test("beyond the memory budget targets are left out", async (t) => {
  const big = Array.from({ length: 3000 }, (_, i) => `metric_${i}{label="value"} 1\n`).join("");
  const one = await target(t, { body: big });
  const two = await target(t, { body: big });
  const { clock, sink, context, until } = await scraping(t, [one.address, two.address], "", { budgetBytes: 600_000 });
  await clock.advance(10_000);
  await until(() => (context.metric("invar_scrapes_skipped_total", { reason: "memory_budget" }) ?? 0) >= 1 || sink.scrapes.length === 2);
  await clock.advance(10_000);
  await until(() => (context.metric("invar_scrapes_skipped_total", { reason: "memory_budget" }) ?? 0) >= 1);
  assert.match(context.healthReports.at(-1)?.message ?? "", /of 2 targets are not taken: the memory budget is used up/);
  const { usedBytes, limitBytes } = context.budget;
  assert.ok(usedBytes <= limitBytes * 1.25, `${usedBytes} bytes are used of ${limitBytes}`);
});

test("samples that nobody took are counted", async (t) => {
  const { address } = await target(t, { body: "a 1\n" });
  const { clock, sink, context, until } = await scraping(t, address);
  sink.pressure = () => undefined;
  sink.refusal = new DeliveryError("no", { retryable: true, reason: "queue_full" });
  await clock.advance(10_000);
  await until(() => context.metric("invar_scrape_samples_dropped_total", { reason: "queue_full" }) === 6);
});

test("in-process pages need no socket", async (t) => {
  const clock = new FakeClock();
  const sink = new Sink();
  const base = testContext({ id: "prometheus.scrape.test", clock });
  const asked: string[] = [];
  const context = {
    ...base,
    peers: {
      ...base.peers,
      fetchInProcess: (url: URL) => {
        asked.push(url.href);
        return Promise.resolve({ status: 200, contentType: "text/plain", body: "a 1\n" });
      },
    },
  };
  const args = decodeText(
    component,
    'targets = [{ "__address__" = "alloy.internal:12345", "__metrics_path__" = "/api/v0/component/x/metrics" }]\nforward_to = [sink]',
    { sink: capsuleOf("storage.Appendable", sink) },
  );
  const scraper = await component.create(context, args);
  await scraper.start();
  t.after(() => scraper.stop(AbortSignal.abort()));
  await clock.advance(60_000);
  assert.deepEqual(sink.scrapes[0], ["a 1", ...up(1, 1)]);
  assert.deepEqual(asked, ["http://alloy.internal:12345/api/v0/component/x/metrics"]);
});

test("failed scrapes are written to the user's file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "invar-scrape-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const { address } = await target(t, { body: "", status: 500 });
  const { scrape, scraper } = await scraping(t, address, `scrape_failure_log_file = "${folder}/failures"`);
  await scrape();
  await scraper.stop(AbortSignal.abort());
  const line = JSON.parse(readFileSync(`${folder}/failures`, "utf8")) as Record<string, string>;
  assert.equal(line.msg, "server returned HTTP status 500 Internal Server Error");
  assert.equal(line.job_name, "prometheus.scrape.test");
  assert.equal(line.target, `http://${address}/metrics`);
});

const refused: [args: string, finding: RegExp][] = [
  ['scrape_timeout = "20s"', /^scrape_timeout \(20s\) greater than scrape_interval \(10s\) for scrape config with job name ""$/],
  ['scrape_protocols = ["PrometheusText0.0.4", "PrometheusText0.0.4"]', /duplicate scrape protocol "PrometheusText0.0.4"/],
  ['scrape_protocols = ["Telepathy"]', /invalid scrape protocol "Telepathy": unknown scrape protocol Telepathy, supported: \[/],
  ['scrape_native_histograms = true\nscrape_protocols = ["PrometheusText0.0.4"]', /PrometheusProto is not in scrape_protocols/],
  ['enable_protobuf_negotiation = true\nscrape_protocols = ["PrometheusText0.0.4"]', /only one can be set at a time/],
  ['scrape_fallback_protocol = "x"', /invalid scrape_fallback_protocol "x"/],
  [
    'metric_name_escaping_scheme = "x"',
    /invalid metric_name_escaping_scheme: "x", supported values: \[allow-utf-8 underscores dots values\]/,
  ],
  ['metric_name_escaping_scheme = "allow-utf-8"', /cannot be set to 'allow-utf-8'/],
  ['bearer_token = "a"\nbearer_token_file = "b"', /at most one of/],
];

for (const [args, finding] of refused)
  test(`refuses ${JSON.stringify(args)}`, () => {
    const sink = capsuleOf("storage.Appendable", new Sink());
    const base = 'targets = []\nforward_to = [sink]\nscrape_interval = "10s"\n';
    const timeout = args.includes("scrape_timeout") ? "" : 'scrape_timeout = "5s"\n';
    const { diagnostics } = tryDecodeText(component, `${base}${timeout}${args}`, { sink });
    const messages = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    assert.ok(
      messages.some((message) => finding.test(message)),
      messages.join("; "),
    );
  });
