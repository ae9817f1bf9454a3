import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { ClassicHistogram } from "./classic-histogram.ts";
import { type Entry, type ExemplarEntry, type ExpositionParser, familyOf, type HistogramMessage } from "./exposition.ts";
import { parseGoFloat } from "./go-float.ts";
import { histogramFinding, type NativeHistogram, writeHistogram } from "./native-histogram.ts";
import type { MetricType } from "./sample-batch.ts";

/** The parts of a classic histogram that have come so far. */
interface Collected {
  /** Name and labels, without `le`. */
  readonly identity: string;
  readonly labels: [name: string, value: string][];
  readonly hasTimestamp: boolean;
  readonly timestamp: number;
  readonly startMs: number;
  readonly exemplars: ExemplarEntry[];
}

interface Part {
  readonly identity: string;
  readonly labels: [name: string, value: string][];
  readonly set: (() => void) | undefined;
}

/**
 * Turns the classic histograms of a text format into native ones with custom buckets. The parts of a histogram come as series one after the
 * other: when something else comes, what was collected is shown first.
 */
export class NhcbParser implements ExpositionParser {
  readonly #inner: ExpositionParser;
  readonly #keepsClassic: boolean;
  readonly #wantsStarts: boolean;
  readonly #classic = new ClassicHistogram();
  #collected: Collected | undefined;
  /** The entry that came in place of a converted histogram, which goes first. */
  #held: Entry | undefined;
  #shown: { readonly collected: Collected; readonly histogram: NativeHistogram } | undefined;
  #nextExemplar = 0;
  #typedFamily = "";
  readonly #key = new ProtobufWriter(256);
  readonly #message = new ProtobufWriter(1024);
  #labels: [name: string, value: string][] = [];

  readonly asExpected = false;
  keyBytes: Uint8Array = this.#key.bytes;
  keyStart = 0;
  keyEnd = 0;
  value = 0;
  hasTimestamp = false;
  timestamp = 0;
  exemplar: ExemplarEntry = { labels: [], value: 0, hasTimestamp: false, timestamp: 0 };

  constructor(inner: ExpositionParser, options: { readonly keepsClassic: boolean; readonly wantsStarts: boolean }) {
    this.#inner = inner;
    this.#keepsClassic = options.keepsClassic;
    this.#wantsStarts = options.wantsStarts;
  }

  /** Each series has to be looked at, whatever was expected. */
  expect(): void {}

  next(): Entry {
    for (;;) {
      const wasHeld = this.#held !== undefined;
      const entry = this.#held ?? this.#inner.next();
      this.#held = undefined;
      this.#shown = undefined;
      if (entry === "type") this.#typedFamily = this.#inner.family();
      const part = entry === "series" ? this.#partOf(wasHeld) : undefined;
      if (this.#collected !== undefined && part?.identity !== this.#collected.identity && this.#convert()) {
        this.#held = entry;
        return "histogram";
      }
      if (entry !== "series") return entry;
      if (part?.set !== undefined) {
        this.#collect(part, part.set);
        if (!this.#keepsClassic) continue;
      }
      this.#showSeries();
      return "series";
    }
  }

  /** Which histogram the current series belongs to by its name and labels, and what it says of it: a series in between may say nothing. */
  #partOf(isKnown: boolean): Part | undefined {
    if (!isKnown) this.#labels = this.#inner.labels();
    if (this.#inner.type !== "histogram") return undefined;
    const name = this.#labels.find(([label]) => label === "__name__")?.[1] ?? "";
    const base = familyOf(name, "histogram");
    const others = this.#labels.filter(([label]) => label !== "le" && label !== "__name__").sort(([a], [b]) => (a < b ? -1 : 1));
    const set = base === this.#typedFamily ? this.#setterOf(name.slice(base.length), this.#inner.value) : undefined;
    const labels: [string, string][] = [["__name__", base], ...others.filter(([, text]) => text !== "")];
    return { identity: JSON.stringify([base, others]), set, labels };
  }

  #setterOf(suffix: string, value: number): (() => void) | undefined {
    if (suffix === "_count") return () => this.#classic.setCount(value);
    if (suffix === "_sum") return () => this.#classic.setSum(value);
    const bound = suffix === "_bucket" ? this.#labels.find(([label]) => label === "le")?.[1] : undefined;
    if (bound === undefined) return undefined;
    try {
      const parsed = parseGoFloat(bound);
      return Number.isNaN(parsed) ? undefined : () => this.#classic.setBucket(parsed, value);
    } catch {
      // A bucket without a bound is a series like any other.
      return undefined;
    }
  }

  #collect(part: Part, set: () => void): void {
    if (this.#collected === undefined) {
      this.#classic.reset();
      const { hasTimestamp, timestamp } = this.#inner;
      const startMs = this.#wantsStarts ? this.#inner.startTimestamp() : 0;
      this.#collected = { identity: part.identity, labels: part.labels, hasTimestamp, timestamp, startMs, exemplars: [] };
    }
    set();
    while (this.#inner.nextExemplar()) this.#collected.exemplars.push({ ...this.#inner.exemplar });
  }

  /** Shows what was collected; false where it makes no histogram. */
  #convert(): boolean {
    const collected = this.#collected as Collected;
    this.#collected = undefined;
    const histogram = this.#classic.convert();
    if (typeof histogram === "string" || histogramFinding(histogram) !== undefined) return false;
    this.#shown = { collected, histogram };
    this.#nextExemplar = 0;
    this.#key.clear();
    this.#key.string(1, collected.identity);
    this.keyBytes = this.#key.bytes;
    this.keyStart = 0;
    this.keyEnd = this.#key.length;
    this.hasTimestamp = collected.hasTimestamp;
    this.timestamp = collected.timestamp;
    return true;
  }

  #showSeries(): void {
    const inner = this.#inner;
    this.keyBytes = inner.keyBytes;
    this.keyStart = inner.keyStart;
    this.keyEnd = inner.keyEnd;
    this.value = inner.value;
    this.hasTimestamp = inner.hasTimestamp;
    this.timestamp = inner.timestamp;
  }

  labels(): [name: string, value: string][] {
    return this.#shown?.collected.labels ?? this.#labels;
  }

  histogram(): HistogramMessage {
    if (this.#shown === undefined) return this.#inner.histogram();
    this.#message.clear();
    writeHistogram(this.#message, this.#shown.histogram);
    return { bytes: this.#message.bytes, start: 0, end: this.#message.length };
  }

  nextExemplar(): boolean {
    if (this.#shown === undefined) {
      if (!this.#inner.nextExemplar()) return false;
      this.exemplar = this.#inner.exemplar;
      return true;
    }
    const exemplar = this.#shown.collected.exemplars[this.#nextExemplar++];
    if (exemplar === undefined) return false;
    this.exemplar = exemplar;
    return true;
  }

  startTimestamp(): number {
    return this.#shown?.collected.startMs ?? this.#inner.startTimestamp();
  }

  get type(): MetricType {
    return this.#inner.type;
  }

  family(): string {
    return this.#inner.family();
  }

  help(): string {
    return this.#inner.help();
  }

  unit(): string {
    return this.#inner.unit();
  }
}
