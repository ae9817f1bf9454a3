import { hash53 } from "../bytes/hash.ts";
import { MalformedInput } from "../bytes/malformed-input.ts";
import { ProtobufWriter } from "../bytes/protobuf-writer.ts";
import { type ExpositionParser, type HistogramMessage, isTextParser } from "../signals/prometheus/exposition.ts";
import { sortedLabels, writeLabels } from "../signals/prometheus/label-encoding.ts";
import type { SampleBatchBuilder } from "../signals/prometheus/sample-batch.ts";
import { FamilyMetadata } from "./family-metadata.ts";
import type { SampleLabels } from "./sample-labels.ts";
import { NO_ENTRY, type SeriesCache } from "./series-cache.ts";

export interface ReadSettings {
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  /** 0: no limit. */
  readonly sampleLimit: number;
  readonly honorMetadata: boolean;
  /** Adds a sample of 0 at the moment a counter began. */
  readonly zeroSamplesAtStart: boolean;
  /** Fits native histograms into the job's limits; undefined where one can't be made to fit. */
  readonly fitHistogram: (message: HistogramMessage) => HistogramMessage | undefined;
}

/** What was found in one exposition so far. */
export interface ReadCounts {
  scraped: number;
  seriesAdded: number;
  /** Left out: the series was there already, without a timestamp. */
  duplicates: number;
  /** Left out: too far in the future. */
  outOfBounds: number;
}

/** The scrape exceeds a limit that makes it fail as a whole. */
export class ScrapeLimitError extends MalformedInput {
  readonly limit: "sample" | "bucket";
  constructor(limit: "sample" | "bucket") {
    super(limit === "sample" ? "sample limit exceeded" : "histogram bucket limit exceeded");
    this.limit = limit;
  }
}

/** Samples with timestamps further ahead are wrong, and dropped. */
const MAX_AHEAD_MS = 10 * 60_000;

/** Turns the expositions of one target into samples, with what it knows from earlier ones. */
export class TargetReader {
  readonly cache: SeriesCache;
  readonly metadata = new FamilyMetadata();
  /** Somebody below wants metadata, though they are not sent along. */
  notesMetadata = false;
  /** Of the exposition read last, up to where it failed if it did. */
  readonly counts: ReadCounts = { scraped: 0, seriesAdded: 0, duplicates: 0, outOfBounds: 0 };
  #labels: SampleLabels;
  #settings: ReadSettings;
  readonly #tracked: number[] = [];
  /** By entry: the exemplar sent last, and since when the counter counts. */
  readonly #lastExemplars = new Map<number, number>();
  readonly #starts = new Map<number, { startMs: number; lastMs: number }>();
  readonly #exemplarLabels = new ProtobufWriter(256);

  constructor(cache: SeriesCache, labels: SampleLabels, settings: ReadSettings) {
    this.cache = cache;
    this.#labels = labels;
    this.#settings = settings;
  }

  /** Takes new settings; the labels must come out as before. */
  configure(labels: SampleLabels, settings: ReadSettings): void {
    this.#labels = labels;
    this.#settings = settings;
  }

  /**
   * Adds all samples of the exposition to the batch and returns the series that it no longer has. Throws `MalformedInput` where it fails as a whole:
   * the batch is then to be cleared, and the cache to be told.
   */
  read(parser: ExpositionParser, timeMs: number, nowMs: number, batch: SampleBatchBuilder): number[] {
    const { cache } = this;
    const settings = this.#settings;
    const tracked = this.#tracked;
    tracked.length = 0;
    const maxMs = nowMs + MAX_AHEAD_MS;
    const { counts } = this;
    Object.assign(counts, { scraped: 0, seriesAdded: 0, duplicates: 0, outOfBounds: 0 });
    let appended = 0;
    let bucketLimitHit = false;
    let previous = NO_ENTRY;
    for (;;) {
      const expected = cache.following[previous] as number;
      const expectedLength = cache.keyLength[expected] as number;
      if (expected !== NO_ENTRY && expectedLength > 0) parser.expect(cache.words, cache.firstWord[expected] as number, expectedLength);
      const kind = parser.next();
      if (kind === "end") break;
      if (kind !== "series" && kind !== "histogram") {
        if (settings.honorMetadata || this.notesMetadata) this.#noteMetadata(parser, kind);
        continue;
      }
      counts.scraped++;
      const isHistogram = kind === "histogram";
      let entry = parser.asExpected ? expected : cache.find(parser.keyBytes, parser.keyStart, parser.keyEnd);
      const isNew = entry === NO_ENTRY;
      const series = isNew ? this.#newSeries(parser) : (cache.series[entry] as number);
      const hasTimestamp = parser.hasTimestamp && settings.honorTimestamps;
      const time = hasTimestamp ? parser.timestamp : timeMs;
      if (!isNew && !cache.see(entry) && !hasTimestamp) {
        counts.duplicates++;
        continue;
      }
      if (time > maxMs) {
        counts.outOfBounds++;
        continue;
      }
      appended++;
      if (settings.sampleLimit > 0 && appended > settings.sampleLimit) continue;
      if (isHistogram) {
        const message = settings.fitHistogram(parser.histogram());
        if (message === undefined) {
          bucketLimitHit = true;
          continue;
        }
        if (isNew) entry = cache.add(parser.keyBytes, parser.keyStart, parser.keyEnd, series);
        batch.addHistogram(series, time, message.bytes, message.start, message.end);
      } else {
        if (isNew) entry = cache.add(parser.keyBytes, parser.keyStart, parser.keyEnd, series);
        const startMs = settings.zeroSamplesAtStart ? parser.startTimestamp() : 0;
        if (settings.zeroSamplesAtStart) this.#addStart(entry, series, startMs, time, batch);
        batch.add(series, time, parser.value);
        if (startMs !== 0) batch.startedAt(startMs);
      }
      if (isNew) {
        cache.see(entry);
        counts.seriesAdded++;
        this.#lastExemplars.delete(entry);
      }
      if (!hasTimestamp || settings.trackTimestampsStaleness) tracked.push(entry);
      if (cache.following[previous] !== entry) cache.following[previous] = entry;
      previous = entry;
      while (parser.nextExemplar()) this.#addExemplar(parser, entry, series, time, isHistogram, batch);
      if (settings.honorMetadata) {
        const metadata = this.metadata.due(isNew, () => cache.table.valueOf(series, "__name__"));
        if (metadata !== undefined) batch.addMetadata(series, metadata);
      }
    }
    if (settings.sampleLimit > 0 && appended > settings.sampleLimit) throw new ScrapeLimitError("sample");
    if (bucketLimitHit) throw new ScrapeLimitError("bucket");
    this.metadata.endScrape();
    return cache.succeed(tracked);
  }

  #newSeries(parser: ExpositionParser): number {
    if (!isTextParser(parser) || !this.#labels.fromLexer(parser.lexer, parser.type)) this.#labels.fromPairs(parser.labels());
    return this.#labels.series();
  }

  #noteMetadata(parser: ExpositionParser, kind: "type" | "help" | "unit" | "comment"): void {
    if (kind === "type") this.metadata.note(parser.family(), { type: parser.type });
    else if (kind === "help") this.metadata.note(parser.family(), { help: parser.help() });
    else if (kind === "unit") this.metadata.note(parser.family(), { unit: parser.unit() });
  }

  /** A counter that began anew gets a sample of 0 at that moment, where that lies between its samples. */
  #addStart(entry: number, series: number, startMs: number, timeMs: number, batch: SampleBatchBuilder): void {
    const known = this.#starts.get(entry);
    if (startMs !== 0 && startMs < timeMs && startMs !== known?.startMs && startMs > (known?.lastMs ?? 0)) {
      batch.add(series, startMs, 0);
      batch.startedAt(startMs);
    }
    this.#starts.set(entry, { startMs, lastMs: timeMs });
  }

  #addExemplar(
    parser: ExpositionParser,
    entry: number,
    series: number,
    timeMs: number,
    isHistogram: boolean,
    batch: SampleBatchBuilder,
  ): void {
    const { labels, value, hasTimestamp, timestamp } = parser.exemplar;
    // Those of native histograms can't be told from repeated ones without a time.
    if (!hasTimestamp && isHistogram) return;
    const writer = this.#exemplarLabels;
    writer.clear();
    try {
      writeLabels(writer, sortedLabels(labels));
    } catch (error) {
      // A fault in an exemplar is no reason to lose the sample.
      if (error instanceof MalformedInput) return;
      throw error;
    }
    const { length } = writer;
    writer.double(15, value);
    if (hasTimestamp) writer.double(15, timestamp);
    // Targets expose an exemplar until a newer one comes.
    const identity = hash53(writer.bytes, 0, writer.length);
    if (!isHistogram && this.#lastExemplars.get(entry) === identity) return;
    if (!isHistogram) this.#lastExemplars.set(entry, identity);
    batch.addExemplar(series, hasTimestamp ? timestamp : timeMs, value, writer.bytes, 0, length);
  }
}
