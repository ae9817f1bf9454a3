import { BadRequest, type Items, type Labels, noItems } from "./items.ts";
import { decode, protos } from "./protos.ts";

/** Reads a write request of version 1 or 2, already out of its snappy block. */
export function readRemoteWrite(version: 1 | 2, body: Uint8Array): Items {
  try {
    return version === 1 ? readFirst(body) : readSecond(body);
  } catch (error) {
    throw new BadRequest(`malformed remote write: ${error instanceof Error ? error.message : error}`);
  }
}

// What protobufjs makes of the messages: fields that were absent are undefined, 64-bit integers decimal text.
type First = { timeseries?: FirstSeries[]; metadata?: { type?: number; metricFamilyName?: string; help?: string; unit?: string }[] };
type FirstSeries = Points & { labels?: Pair[]; exemplars?: (WireExemplar & { labels?: Pair[] })[] };
type Second = { symbols?: string[]; timeseries?: SecondSeries[] };
type SecondSeries = Points & {
  labelsRefs?: number[];
  exemplars?: (WireExemplar & { labelsRefs?: number[] })[];
  metadata?: { type?: number; helpRef?: number; unitRef?: number };
};
type Points = {
  samples?: Point[];
  histograms?: (Record<string, unknown> & { timestamp?: string; startTimestamp?: string; sum?: number })[];
};
type Point = { value?: number; timestamp?: string; startTimestamp?: string };
type WireExemplar = { value?: number; timestamp?: string };
type Pair = { name?: string; value?: string };

function readFirst(body: Uint8Array): Items {
  const request: First = decode(protos.remoteWrite1, body);
  const items = noItems();
  for (const series of request.timeseries ?? []) {
    const labels = fromPairs(series.labels ?? []);
    addPoints(items, 1, labels, series);
    for (const exemplar of series.exemplars ?? []) addExemplar(items, labels, fromPairs(exemplar.labels ?? []), exemplar);
  }
  for (const { metricFamilyName = "", type = 0, help = "", unit = "" } of request.metadata ?? []) {
    items.metadata.push({ metric: metricFamilyName, type, help, unit });
  }
  return items;
}

function readSecond(body: Uint8Array): Items {
  const request: Second = decode(protos.remoteWrite2, body);
  const symbols = request.symbols ?? [];
  if (symbols.length > 0 && symbols[0] !== "") throw new Error("the first symbol is not empty");
  const symbol = (reference: number) => {
    const found = symbols[reference];
    if (found === undefined) throw new Error(`symbol ${reference} of ${symbols.length}`);
    return found;
  };
  const fromReferences = (references: number[]) => {
    if (references.length % 2 !== 0) throw new Error("an odd number of label references");
    const pairs: Pair[] = [];
    for (let at = 0; at < references.length; at += 2) {
      pairs.push({ name: symbol(references[at] ?? 0), value: symbol(references[at + 1] ?? 0) });
    }
    return fromPairs(pairs);
  };
  const items = noItems();
  for (const series of request.timeseries ?? []) {
    const labels = fromReferences(series.labelsRefs ?? []);
    addPoints(items, 2, labels, series);
    for (const exemplar of series.exemplars ?? []) addExemplar(items, labels, fromReferences(exemplar.labelsRefs ?? []), exemplar);
    if (series.metadata === undefined) continue;
    const { type = 0, helpRef = 0, unitRef = 0 } = series.metadata;
    items.metadata.push({ metric: labels.__name__ ?? "", type, help: symbol(helpRef), unit: symbol(unitRef) });
  }
  return items;
}

/** Label sets must arrive sorted, without repetition and without empty names: receivers rely on it. */
function fromPairs(pairs: readonly Pair[]): Labels {
  const labels: Record<string, string> = {};
  let last = "";
  for (const { name = "", value = "" } of pairs) {
    if (name === "") throw new Error("an empty label name");
    if (Buffer.compare(Buffer.from(last), Buffer.from(name)) >= 0 && last !== "")
      throw new Error(`label ${name} after ${last}: not sorted, or twice`);
    labels[name] = value;
    last = name;
  }
  return labels;
}

function addPoints(items: Items, version: 1 | 2, labels: Labels, { samples = [], histograms = [] }: Points): void {
  for (const { value: bits = "0", timestamp = "0", startTimestamp = "0" } of samples) {
    const times = { timestampMs: Number(timestamp), startTimestampMs: Number(startTimestamp) };
    items.samples.push({ version, labels, ...times, value: doubleOfBits(BigInt(bits)), isStale: BigInt(bits) === staleMarkerBits });
  }
  for (const { sum: bits = "0", timestamp = "0", startTimestamp = "0", ...rest } of histograms) {
    const times = { timestampMs: Number(timestamp), startTimestampMs: Number(startTimestamp) };
    const histogram = { ...rest, sum: doubleOfBits(BigInt(bits)) };
    items.samples.push({ version, labels, ...times, isStale: BigInt(bits) === staleMarkerBits, histogram });
  }
}

function addExemplar(items: Items, series: Labels, labels: Labels, { value = 0, timestamp = "0" }: WireExemplar): void {
  items.exemplars.push({ series, labels, value, timestampMs: Number(timestamp) });
}

/** Prometheus marks the end of a series with a NaN of these bits. */
export const staleMarkerBits = 0x7ff0000000000002n;

const scratch = new DataView(new ArrayBuffer(8));

/** The 64 bits of a double, as the fields `value` and `sum` carry them. */
export function bitsOfDouble(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

function doubleOfBits(bits: bigint): number {
  scratch.setBigUint64(0, bits);
  return scratch.getFloat64(0);
}
