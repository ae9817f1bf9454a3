// node intake.bench.ts: CPU seconds per million samples from a packed request of 2,000 series to the next component, by version of remote write.
import snappy from "snappy";
import { encode, protos } from "../../../../../../tests/destinations/protos.ts";
import { testContext } from "../../../component/testing.ts";
import { Forward } from "../../../signals/prometheus/forward.ts";
import { RecentSeries } from "../../../signals/prometheus/recent-series.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { decompress } from "../../../transport/compression.ts";
import { MESSAGE_V1, MESSAGE_V2, type MessageName } from "./content-type.ts";
import { Intake } from "./intake.ts";

const SERIES = 2000;
const ROUNDS = 500;
const labelsOf = (i: number): [string, string][] => [
  ["__name__", `http_requests_${i % 50}_total`],
  ["instance", `10.0.0.${i % 250}:8080`],
  ["job", "kubernetes-pods"],
  ["method", ["GET", "POST", "PUT"][i % 3] ?? ""],
  ["path", `/api/v1/resource/${i}`],
];
const sample = { value: String(Buffer.from(new Float64Array([42.5]).buffer).readBigUInt64LE()), timestamp: 1_700_000_000_000 };

const requests: Record<MessageName, Uint8Array> = { [MESSAGE_V1]: version1(), [MESSAGE_V2]: version2() };
const context = testContext();
const next = { consume: async () => {}, pressure: () => undefined };
const intake = new Intake(context, new RecentSeries(processSeries, context.budget), new Forward([next], context.metrics, context.clock));
for (const [name, packed] of Object.entries(requests) as [MessageName, Uint8Array][]) {
  const run = async () => intake.take(name, await decompress("snappy", [packed], 1 << 25));
  for (let i = 0; i < 50; i++) await run();
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) await run();
  const used = process.cpuUsage(before);
  console.log(`${name}: ${((used.user + used.system) / (ROUNDS * SERIES)).toFixed(2)} CPU-s per million samples`);
}

function version1(): Uint8Array {
  const timeseries = Array.from({ length: SERIES }, (_, i) => ({
    labels: labelsOf(i).map(([name, value]) => ({ name, value })),
    samples: [sample],
    histograms: [],
    exemplars: [],
  }));
  return snappy.compressSync(Buffer.from(encode(protos.remoteWrite1, { timeseries })));
}

function version2(): Uint8Array {
  const refs = new Map<string, number>([["", 0]]);
  const ref = (text: string) => {
    if (!refs.has(text)) refs.set(text, refs.size);
    return refs.get(text);
  };
  const timeseries = Array.from({ length: SERIES }, (_, i) => ({
    labelsRefs: labelsOf(i).flat().map(ref),
    samples: [{ ...sample, startTimestamp: 0 }],
    histograms: [],
    exemplars: [],
  }));
  return snappy.compressSync(Buffer.from(encode(protos.remoteWrite2, { symbols: [...refs.keys()], timeseries })));
}
