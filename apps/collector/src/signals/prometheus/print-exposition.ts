import { familyOf } from "./exposition.ts";
import { openMetricsFloat } from "./go-float.ts";
import { LabelCursor } from "./label-encoding.ts";
import { readHistogram } from "./native-histogram.ts";
import type { Metadata, SampleBatch } from "./sample-batch.ts";

export type ExpositionFormat = "text" | "openmetrics";

interface Line {
  readonly name: string;
  readonly text: string;
}

/** The samples of a batch as a page that could be scraped, ordered by name. Native histograms show as count and sum. */
export function printExposition(batch: SampleBatch, format: ExpositionFormat): string {
  const known = new Map<string, Metadata>();
  for (const metadata of batch.metadata?.metadata ?? []) known.set(metadata.family, metadata);
  const exemplars = exemplarTexts(batch, format);
  const lines: Line[] = [];
  for (let row = 0; row < batch.count; row++) {
    const { name, labels } = seriesParts(batch, batch.series[row] ?? 0);
    const value = batch.isStale(row) ? "NaN" : goNumber(batch.values[row] ?? 0, format);
    const exemplar = exemplars.get(batch.series[row] ?? 0) ?? "";
    lines.push({ name, text: `${name}${labels} ${value}${timeText(batch.timestamps[row] ?? 0, format)}${exemplar}` });
  }
  const { histograms } = batch;
  for (let row = 0; histograms !== undefined && row < histograms.count; row++) {
    const { name, labels } = seriesParts(batch, histograms.series[row] ?? 0);
    const start = row === 0 ? 0 : (histograms.ends[row - 1] ?? 0);
    const { count, sum } = readHistogram(histograms.bytes, start, histograms.ends[row] ?? 0);
    const time = timeText(histograms.timestamps[row] ?? 0, format);
    lines.push({ name, text: `${name}_sum${labels} ${goNumber(sum, format)}${time}` });
    lines.push({ name, text: `${name}_count${labels} ${goNumber(count, format)}${time}` });
  }
  const sorted = lines.toSorted((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1));
  const printed: string[] = [];
  let last: string | undefined;
  for (const { name, text } of sorted) {
    if (name !== last) printed.push(...headers(name, known, format));
    last = name;
    printed.push(text);
  }
  if (format === "openmetrics") printed.push("# EOF");
  return printed.map((line) => `${line}\n`).join("");
}

function headers(name: string, known: ReadonlyMap<string, Metadata>, format: ExpositionFormat): string[] {
  const metadata = [...known.values()].find(({ family, type }) => family === name || familyOf(name, type) === family);
  const unknown = format === "openmetrics" ? "unknown" : "untyped";
  const type = metadata === undefined || metadata.type === "unknown" ? unknown : metadata.type;
  const help = metadata?.help ?? "";
  return [...(help === "" ? [] : [`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`]), `# TYPE ${name} ${type}`];
}

function seriesParts(batch: SampleBatch, series: number): { name: string; labels: string } {
  const { names, values } = batch.table.labelsOf(series);
  const pairs = names.map((name, i) => [name, values[i] ?? ""] as const);
  const name = pairs.find(([label]) => label === "__name__")?.[1] ?? "";
  const others = pairs.filter(([label]) => label !== "__name__");
  return { name, labels: others.length === 0 ? "" : labelsText(others) };
}

function labelsText(pairs: readonly (readonly [string, string])[]): string {
  const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${pairs.map(([name, value]) => `${name}="${escaped(value)}"`).join(",")}}`;
}

/** The last exemplar of each series; only OpenMetrics can show them. */
function exemplarTexts(batch: SampleBatch, format: ExpositionFormat): Map<number, string> {
  const texts = new Map<number, string>();
  const { exemplars } = batch;
  if (exemplars === undefined || format !== "openmetrics") return texts;
  for (let row = 0; row < exemplars.count; row++) {
    const start = row === 0 ? 0 : (exemplars.ends[row - 1] ?? 0);
    const pairs: [string, string][] = [];
    const cursor = new LabelCursor().reset(exemplars.bytes, start, exemplars.ends[row] ?? 0);
    while (cursor.next()) pairs.push([cursor.name(), cursor.value()]);
    const value = goNumber(exemplars.values[row] ?? 0, format);
    texts.set(exemplars.series[row] ?? 0, ` # ${labelsText(pairs)} ${value}${timeText(exemplars.timestamps[row] ?? 0, format)}`);
  }
  return texts;
}

function goNumber(value: number, format: ExpositionFormat): string {
  if (format === "openmetrics") return openMetricsFloat(value);
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

function timeText(ms: number, format: ExpositionFormat): string {
  if (ms <= 0) return "";
  return ` ${format === "openmetrics" ? ms / 1000 : ms}`;
}
