import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { systemClock } from "../../../apps/collector/src/component/clock.ts";
import { capsuleOf, decodeText } from "../../../apps/collector/src/component/from-text.ts";
import { testContext } from "../../../apps/collector/src/component/testing.ts";
import { component as receiver } from "../../../apps/collector/src/components/otelcol/receiver/prometheus/component.ts";
import { component as scrape } from "../../../apps/collector/src/components/prometheus/scrape/component.ts";
import type { OtlpBatch } from "../../../apps/collector/src/signals/otlp/batch.ts";
import { jsonFromProtobuf } from "../../../apps/collector/src/signals/otlp/protobuf-to-json.ts";
import { requests } from "../../../apps/collector/src/signals/otlp/schema.ts";
import type { Case } from "./cases.ts";

/** The metrics of each scrape, a text a metric, in which order and the time of the scrape don't count. */
export type Outcome = readonly (readonly string[])[];

export const RECORDED = join(import.meta.dirname, "recorded.json");

export function recordedOutcomes(): Record<string, Outcome> {
  return JSON.parse(readFileSync(RECORDED, "utf8")) as Record<string, Outcome>;
}

/** What the incumbent's receiver makes of every case. */
export function askOracle(binary: string, cases: readonly Case[]): Record<string, Outcome> {
  const questions = cases.map(({ contentType, pages }) => `${JSON.stringify({ contentType, pages })}\n`);
  const { stdout, stderr, status } = spawnSync(binary, { input: questions.join(""), encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`the receiver failed: ${stderr}`);
  const answers = stdout.trimEnd().split("\n");
  return Object.fromEntries(cases.map(({ name }, i) => [name, (JSON.parse(answers[i] as string) as Request[]).map(normalized)]));
}

/** What ours make of it: the scraper and the receiver as they are wired in a configuration. */
export async function convert({ contentType, pages }: Case): Promise<Outcome> {
  let served = 0;
  const server = createServer((_, response) => {
    const page = pages[served];
    if (page === undefined) response.writeHead(503).end();
    else {
      served++;
      response.setHeader("content-type", contentType).end(page);
    }
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const made: Outcome[number][] = [];
  const whole = Promise.withResolvers<void>();
  const sink = {
    async consume(batch: OtlpBatch) {
      if (made.length < pages.length) made.push(normalized(JSON.parse(jsonFromProtobuf(requests.metrics, batch.chunks)) as Request));
      if (made.length === pages.length) whole.resolve();
    },
    pressure: () => undefined,
  };
  const clock = systemClock;
  const receiving = testContext({ id: "otelcol.receiver.prometheus.test", clock });
  const to = await receiver.create(
    receiving,
    decodeText(receiver, "output {\n\tmetrics = [sink]\n}", { sink: capsuleOf("otelcol.Consumer", sink) }),
  );
  await to.start();
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const from = await scrape.create(
    testContext({ id: "prometheus.scrape.test", clock }),
    decodeText(
      scrape,
      `targets = [{ __address__ = "${address}", job = "page", instance = "i-1:80" }]
forward_to = [to]
job_name = "page"
scrape_interval = "3s"
scrape_timeout = "3s"
metric_name_validation_scheme = "utf8"
scrape_native_histograms = true`,
      { to: receiving.exports.receiver as never },
    ),
  );
  await from.start();
  await whole.promise;
  await from.stop(AbortSignal.abort());
  await to.stop(AbortSignal.abort());
  server.close();
  server.closeAllConnections();
  return made;
}

type Json = { readonly [key: string]: unknown };
interface Request {
  readonly resourceMetrics?: readonly (Json & {
    readonly scopeMetrics: readonly (Json & { readonly scope?: Json; readonly metrics: readonly (Json & { readonly name: string })[] })[];
  })[];
}

/** Measured anew each time, or counted by the scraper alone. */
const measured: ReadonlySet<string> = new Set(["scrape_duration_seconds"]);

function normalized({ resourceMetrics = [] }: Request): string[] {
  const texts: string[] = [];
  const scraped = timeOf(resourceMetrics);
  for (const { resource, scopeMetrics } of resourceMetrics)
    for (const { scope, metrics, ...more } of scopeMetrics) {
      // Each program says who it is where the metrics don't.
      const scopeText = String(scope?.name).endsWith("prometheusreceiver") ? "default" : stable({ ...scope, ...more });
      for (const metric of metrics) {
        const shown = measured.has(metric.name) ? { name: metric.name } : metric;
        texts.push(`${stable(shown, scraped)} in ${scopeText} of ${stable(withoutOld(resource))}`);
      }
    }
  return texts.sort();
}

/** Alloy's copy of the receiver has kept names of old conventions beside the new ones; so do we. */
const oldNames: ReadonlySet<string> = new Set(["http.scheme", "net.host.name", "net.host.port"]);

function withoutOld(resource: unknown): unknown {
  const { attributes = [], ...rest } = resource as { attributes?: { key: string }[] };
  return { ...rest, attributes: attributes.filter(({ key }) => !oldNames.has(key)) };
}

/** The time of the scrape: that of its report. */
function timeOf(resources: NonNullable<Request["resourceMetrics"]>): string {
  for (const { scopeMetrics } of resources)
    for (const { metrics } of scopeMetrics)
      for (const { name, gauge } of metrics) {
        const time = (gauge as { dataPoints?: { timeUnixNano?: string }[] } | undefined)?.dataPoints?.[0]?.timeUnixNano;
        if (name === "up" && time !== undefined) return time;
      }
  return "";
}

/** JSON whose keys are in order, lists of attributes and points too; times of the scrape are "T", of the one before it "before". */
function stable(value: unknown, scraped = ""): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (typeof each === "string" && key.endsWith("TimeUnixNano") === false && key !== "timeUnixNano") return each;
    if (typeof each === "string")
      return each === scraped ? "T" : /^17[0-9]{17}$/.test(each) && BigInt(each) > 1_750_000_000_000_000_000n ? "recent" : each;
    if (
      Array.isArray(each) &&
      (key === "attributes" || key === "dataPoints" || key === "metadata" || key === "filteredAttributes" || key === "exemplars")
    )
      return [...each].sort((a, b) => (JSON.stringify(sorted(a, scraped)) < JSON.stringify(sorted(b, scraped)) ? -1 : 1));
    return sorted(each, scraped);
  });
}

function sorted(value: unknown, scraped: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, each === scraped ? "T" : each]),
  );
}
