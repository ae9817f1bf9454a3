import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startPrometheus } from "../../backends/prometheus.ts";
import { batchOf, samplesOf } from "./conformance.ts";

export const RECORDED_ENDPOINT = join(import.meta.dirname, "recorded-prometheus.json");

/** What is stored after each request: series with their values, in order of the text. */
export type Stored = readonly (readonly string[])[];

export function recordedSeries(): Stored {
  return JSON.parse(readFileSync(RECORDED_ENDPOINT, "utf8")) as Stored;
}

/** Sends the requests to the OTLP endpoint of a real Prometheus and asks for what it has stored. */
export async function askEndpoint(requests: readonly unknown[]): Promise<Stored> {
  await using prometheus = await startPrometheus({ otlpTranslation: "UnderscoreEscapingWithSuffixes" });
  const stored: string[][] = [];
  for (const [n, request] of requests.entries()) {
    const batch = batchOf("metrics", numbered(request, n));
    const answer = await fetch(`${prometheus.otlpUrl}/v1/metrics`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: Buffer.from(batch.chunks[0] ?? []),
    });
    // Requests in which it takes nothing are refused; that nothing is stored says enough.
    await answer.arrayBuffer();
    const data = (await prometheus.api("/api/v1/query", { query: `{instance="i-1-${n}"}`, time: "1700000000.2" })) as { result: Found[] };
    stored.push(data.result.map(foundText).sort());
  }
  return stored;
}

/** The same of our conversion. A series that has ended is not stored. */
export function ourSeries(requests: readonly unknown[]): Stored {
  return requests.map((request, n) =>
    samplesOf(numbered(request, n), { includeTargetInfo: true })
      .filter((line) => !line.includes(" stale@"))
      .map((line) => line.replace(/@\d+$/, "").replace(/ schema=.* count=(\S+) sum=(\S+) .*$/, " count=$1 sum=$2"))
      .sort(),
  );
}

interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, { readonly count: string; readonly sum: string }];
}

function foundText({ metric, value, histogram }: Found): string {
  const labels = Object.keys(metric)
    .sort()
    .map((name) => `${name}=${JSON.stringify(metric[name])}`);
  const number = histogram === undefined ? value?.[1] : `count=${histogram[1].count} sum=${histogram[1].sum}`;
  return `{${labels.join(", ")}} ${number}`;
}

/** Each request's series under an instance of its own. */
function numbered(request: unknown, n: number): unknown {
  return JSON.parse(JSON.stringify(request).replaceAll('"i-1"', `"i-1-${n}"`));
}
