import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Budget } from "../../../apps/collector/src/delivery/budget.ts";
import { LinesToOtlp } from "../../../apps/collector/src/signals/convert/lines-to-otlp.ts";
import { prometheusLabel, prometheusName, ucumUnit } from "../../../apps/collector/src/signals/convert/metric-names.ts";
import { OtlpToLines } from "../../../apps/collector/src/signals/convert/otlp-to-lines.ts";
import { OtlpToSamples, type SampleOptions } from "../../../apps/collector/src/signals/convert/otlp-to-samples.ts";
import { LogBatchBuilder } from "../../../apps/collector/src/signals/loki/log-batch-builder.ts";
import { lineAt } from "../../../apps/collector/src/signals/loki/log-lines.ts";
import { internRecord } from "../../../apps/collector/src/signals/loki/stream-labels.ts";
import { doubleText } from "../../../apps/collector/src/signals/otlp/any-value.ts";
import { OtlpBatch, type Signal } from "../../../apps/collector/src/signals/otlp/batch.ts";
import { protobufFromJson } from "../../../apps/collector/src/signals/otlp/json-to-protobuf.ts";
import { requests } from "../../../apps/collector/src/signals/otlp/schema.ts";
import { decodeRequest, type Plain, plainAttributes } from "../../../apps/collector/src/signals/otlp/testing.ts";
import { walk } from "../../../apps/collector/src/signals/otlp/walk.ts";
import { type NativeHistogram, readHistogram } from "../../../apps/collector/src/signals/prometheus/native-histogram.ts";
import { SeriesTable } from "../../../apps/collector/src/signals/prometheus/series-table.ts";
import type { Cases, Line } from "./cases.ts";

export const RECORDED = join(import.meta.dirname, "recorded.json");

/** What came of each case, in its order. */
export interface Answers {
  /** With suffixes, and without. */
  readonly names: readonly (readonly [string, string])[];
  readonly labels: readonly string[];
  readonly units: readonly string[];
  readonly logs: readonly (readonly string[])[];
  readonly lines: readonly string[];
  readonly metrics: readonly (readonly string[])[];
}

export function recordedAnswers(): Answers {
  return JSON.parse(readFileSync(RECORDED, "utf8")) as Answers;
}

/** Asks the translators of the OpenTelemetry Collector, which `tests/backends/bridges` builds to `program`. */
export function askOracle(program: string, cases: Cases): Answers {
  return JSON.parse(execFileSync(program, { input: JSON.stringify(cases), maxBuffer: 2 ** 28 }).toString()) as Answers;
}

export function ourAnswers({ names, labels, units, logs, lines, metrics }: Cases): Answers {
  return {
    names: names.map(({ name, unit, kind }) => {
      const metric = { name, unit, isGauge: kind === "gauge", isMonotonicSum: kind === "counter" };
      return [prometheusName(metric, true), prometheusName(metric, false)];
    }),
    labels: labels.map(prometheusLabel),
    units: units.map(ucumUnit),
    logs: logs.map(linesOf),
    lines: lines.map(recordOf),
    metrics: metrics.map((request) => samplesOf(request)),
  };
}

export function batchOf(signal: Signal, request: unknown): OtlpBatch {
  const chunk = protobufFromJson(requests[signal], Buffer.from(JSON.stringify(request)));
  return new OtlpBatch({ signal, chunks: [chunk], items: walk(signal, chunk).items });
}

function linesOf(request: unknown): string[] {
  const converter = new OtlpToLines();
  const batch = converter.convert(batchOf("logs", request), 0);
  const made = Array.from({ length: batch?.rows ?? 0 }, (_, row) => {
    const { labels, seconds, nanos, line } = lineAt(batch as NonNullable<typeof batch>, row);
    return `${sorted(labels.record())} ${seconds}.${nanos} ${line}`;
  });
  return [...made, ...new Array<string>(converter.failed).fill("failed")];
}

function recordOf({ labels, seconds, nanos, line, metadata }: Line): string {
  const builder = new LogBatchBuilder();
  builder.add(internRecord(labels), seconds, nanos, line, metadata);
  const [resource] = decodeRequest("logs", new LinesToOtlp().convert(builder.build({ createdMs: 0 }), 0).chunks).resourceLogs as Plain[];
  const [scope] = (resource?.scopeLogs ?? []) as Plain[];
  const [record] = (scope?.logRecords ?? []) as Plain[];
  // The component adds these to what the translator makes.
  const {
    "log.file.path": _path,
    "log.file.name": _name,
    "loki.attribute.labels": _hint,
    ...attributes
  } = plainAttributes(record?.attributes);
  const { stringValue = "" } = (record?.body ?? {}) as { stringValue?: string };
  return `${sorted(attributes as Record<string, string>)} ${record?.timeUnixNano} ${stringValue}`;
}

const options: SampleOptions = {
  includeTargetInfo: false,
  includeScopeInfo: false,
  includeScopeLabels: false,
  addMetricSuffixes: true,
  resourceToTelemetryConversion: false,
  honorMetadata: false,
  convertClassicHistogramsToNhcb: false,
  keepIdentifyingResourceAttributes: false,
  startTimestampZeroIngestion: false,
};

/** One line a sample: `{__name__="a"} 1@1000`, in order of the text. */
export function samplesOf(request: unknown, more: Partial<SampleOptions> = {}): string[] {
  const table = new SeriesTable();
  const batch = new OtlpToSamples(table, new Budget(1e9), { ...options, ...more }).convert(batchOf("metrics", request), 0);
  const text = (series: number) => {
    const { names, values } = table.labelsOf(series);
    return sorted(Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""])));
  };
  const made: string[] = [];
  for (let row = 0; row < batch.count; row++) {
    const value = batch.isStale(row) ? "stale" : doubleText(batch.values[row] as number);
    made.push(`${text(batch.series[row] as number)} ${value}@${batch.timestamps[row]}`);
  }
  const { histograms } = batch;
  for (let row = 0; row < (histograms?.count ?? 0); row++) {
    const start = row === 0 ? 0 : (histograms?.ends[row - 1] as number);
    const histogram = readHistogram(histograms?.bytes as Uint8Array, start, histograms?.ends[row] as number);
    made.push(`${text(histograms?.series[row] as number)} ${histogramText(histogram)}@${histograms?.timestamps[row]}`);
  }
  return made.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function histogramText({ schema, count, sum, zeroCount, positive, negative }: NativeHistogram): string {
  const side = ({ spans, counts }: typeof positive) =>
    `${spans.map(({ offset, length }) => `${offset}:${length}`).join(",")}[${counts.join(" ")}]`;
  return `schema=${schema} count=${count} sum=${sum} zero=${zeroCount} +${side(positive)} -${side(negative)}`;
}

function sorted(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort();
  return `{${names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(", ")}}`;
}
