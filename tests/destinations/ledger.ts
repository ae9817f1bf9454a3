import type { Items, Labels, Signal } from "./items.ts";
import { noItems } from "./items.ts";
import { SequenceSet } from "./sequence-set.ts";

export type Counts = Readonly<Record<Signal, number>>;

export type LedgerStats = Counts & {
  /** Different label sets of samples. */
  readonly series: number;
  /** Samples with the time of the series' sample before, and samples and lines older than the one before. */
  readonly repeatedSamples: number;
  readonly outOfOrderSamples: number;
  readonly outOfOrderLines: number;
  /** Of the sequence numbers (`seq=N`) of all signals together. */
  readonly unique: number;
  readonly duplicates: number;
  readonly missing: number;
};

/** Counts all that arrived, keeps the first `keep` items of each signal and every sequence number. */
export class Ledger {
  readonly sequences: Readonly<Record<Signal, SequenceSet>> = {
    spans: new SequenceSet(),
    points: new SequenceSet(),
    logRecords: new SequenceSet(),
    samples: new SequenceSet(),
    exemplars: new SequenceSet(),
    metadata: new SequenceSet(),
    lines: new SequenceSet(),
  };
  readonly kept: Items = noItems();
  readonly #counts: Record<Signal, number> = { spans: 0, points: 0, logRecords: 0, samples: 0, exemplars: 0, metadata: 0, lines: 0 };
  readonly #lastSample = new Map<string, number>();
  readonly #lastLine = new Map<string, bigint>();
  readonly #keep: number;
  #repeatedSamples = 0;
  #outOfOrderSamples = 0;
  #outOfOrderLines = 0;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(items: Items): void {
    for (const signal of signals) {
      this.#counts[signal] += items[signal].length;
      // One of the element types at a time, which TypeScript cannot follow through the union of keys.
      const kept: unknown[] = this.kept[signal];
      for (const item of items[signal]) if (kept.length < this.#keep) kept.push(item);
    }
    for (const span of items.spans) this.#note("spans", span.name, span.attributes.seq);
    for (const point of items.points) this.#note("points", point.metric, point.attributes.seq);
    for (const record of items.logRecords) this.#note("logRecords", String(record.body), record.attributes.seq);
    for (const line of items.lines) {
      this.#note("lines", line.line, line.labels.seq);
      const last = this.#lastLine.get(line.stream);
      if (last !== undefined && line.timestampNs < last) this.#outOfOrderLines++;
      else this.#lastLine.set(line.stream, line.timestampNs);
    }
    for (const sample of items.samples) {
      this.#note("samples", "", sample.labels.seq);
      const series = seriesKey(sample.labels);
      const last = this.#lastSample.get(series);
      if (last === sample.timestampMs) this.#repeatedSamples++;
      else if (last !== undefined && sample.timestampMs < last) this.#outOfOrderSamples++;
      else this.#lastSample.set(series, sample.timestampMs);
    }
  }

  stats(): LedgerStats {
    const all = signals.map((signal) => this.sequences[signal].counts());
    return {
      ...this.#counts,
      series: this.#lastSample.size,
      repeatedSamples: this.#repeatedSamples,
      outOfOrderSamples: this.#outOfOrderSamples,
      outOfOrderLines: this.#outOfOrderLines,
      unique: all.reduce((sum, { unique }) => sum + unique, 0),
      duplicates: all.reduce((sum, { duplicates }) => sum + duplicates, 0),
      missing: all.reduce((sum, { missing }) => sum + missing, 0),
    };
  }

  #note(signal: Signal, text: string, attribute: unknown): void {
    const found = attribute === undefined ? sequence.exec(text)?.[1] : String(attribute);
    if (found !== undefined && /^\d+$/.test(found)) this.sequences[signal].add(Number(found));
  }
}

const sequence = /\bseq=(\d+)/;
const signals: readonly Signal[] = ["spans", "points", "logRecords", "samples", "exemplars", "metadata", "lines"];

function seriesKey(labels: Labels): string {
  return JSON.stringify(labels);
}
