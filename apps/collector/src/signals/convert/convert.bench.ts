// node convert.bench.ts: CPU nanoseconds an item of each conversion, with everything known already.
import { Budget } from "../../delivery/budget.ts";
import { LogBatchBuilder } from "../loki/log-batch-builder.ts";
import { internRecord } from "../loki/stream-labels.ts";
import { OtlpBatch } from "../otlp/batch.ts";
import { attributes, encodeRequest } from "../otlp/testing.ts";
import { SampleBatchBuilder } from "../prometheus/sample-batch.ts";
import { SeriesTable } from "../prometheus/series-table.ts";
import { LinesToOtlp } from "./lines-to-otlp.ts";
import { OtlpToLines } from "./otlp-to-lines.ts";
import { OtlpToSamples } from "./otlp-to-samples.ts";
import { SamplesToOtlp } from "./samples-to-otlp.ts";

const ITEMS = 1000;

function measure(name: string, items: number, run: () => void): void {
  for (let i = 0; i < 200; i++) run();
  const before = process.cpuUsage();
  const rounds = 300;
  for (let i = 0; i < rounds; i++) run();
  const { user, system } = process.cpuUsage(before);
  console.log(`${name}: ${(((user + system) * 1000) / rounds / items).toFixed(0)} ns an item`);
}

const resource = attributes({ "service.name": "shop", "service.namespace": "eu", "service.instance.id": "i-1", "k8s.pod.name": "shop-1" });
const scope = { name: "io.opentelemetry.tomcat" };

const table = new SeriesTable();
const dataPoints = Array.from({ length: ITEMS }, (_, i) => ({
  timeUnixNano: "1700000000000000000",
  asDouble: i,
  attributes: attributes({ "http.route": `/api/v1/${i}`, "http.request.method": "GET", code: 200 }),
}));
const sum = { name: "http.server.requests", unit: "1", sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } };
const metricBytes = encodeRequest("metrics", {
  resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ scope, metrics: [sum] }] }],
});
const metrics = new OtlpBatch({ signal: "metrics", chunks: [metricBytes], items: ITEMS });
const toSamples = new OtlpToSamples(table, new Budget(1e9), {
  includeTargetInfo: true,
  includeScopeInfo: false,
  includeScopeLabels: false,
  addMetricSuffixes: true,
  resourceToTelemetryConversion: false,
  honorMetadata: false,
  convertClassicHistogramsToNhcb: false,
  keepIdentifyingResourceAttributes: false,
  startTimestampZeroIngestion: false,
});
let now = 0;
measure("OTLP to samples", ITEMS, () => toSamples.convert(metrics, now++).release());

const builder = new SampleBatchBuilder(table, ITEMS);
for (let i = 0; i < ITEMS; i++) {
  const names = ["__name__", "code", "instance", "job", "path"];
  const series = table.internLabels({ names, values: ["requests_total", "200", "host:80", "bench", `/api/v1/${i}`] });
  table.retain(series);
  builder.add(series, 1_700_000_000_000, i);
}
const samples = builder.build();
const toOtlp = new SamplesToOtlp(table, new Budget(1e9), "1");
measure("samples to OTLP", ITEMS, () => toOtlp.convert(samples)?.release());

const logRecords = Array.from({ length: ITEMS }, (_, i) => ({
  timeUnixNano: "1700000000000000000",
  severityNumber: 9,
  severityText: "INFO",
  body: { stringValue: `level=info msg="request served" method=GET path=/v1/items/${i} status=200 bytes=5120` },
  attributes: attributes({ "loki.attribute.labels": "app,namespace", app: "shop", namespace: "eu", thread: `t-${i % 8}`, code: 200 }),
}));
const logBytes = encodeRequest("logs", { resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ scope, logRecords }] }] });
const logs = new OtlpBatch({ signal: "logs", chunks: [logBytes], items: ITEMS });
const toLines = new OtlpToLines();
measure("OTLP to lines", ITEMS, () => toLines.convert(logs, 0)?.release());

const lineBuilder = new LogBatchBuilder();
for (let i = 0; i < ITEMS; i++)
  lineBuilder.add(
    internRecord({ app: "shop", namespace: "eu", filename: `/var/log/${i % 20}.log` }),
    1_700_000_000,
    i,
    `line ${i} of a log`,
  );
const lines = lineBuilder.build({ createdMs: 0 });
const linesToOtlp = new LinesToOtlp();
measure("lines to OTLP", ITEMS, () => linesToOtlp.convert(lines, 0).release());
