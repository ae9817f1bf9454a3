import { formatPrometheusDuration } from "@invar/go-compat";
import { MalformedInput } from "../bytes/malformed-input.ts";
import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { Budget } from "../delivery/budget.ts";
import { deliveryErrorOf } from "../signals/delivery-error.ts";
import { type SampleBatch, SampleBatchBuilder, type SampleOrigin } from "../signals/prometheus/sample-batch.ts";
import { type SampleConsumer, wantsMetadata } from "../signals/prometheus/sample-consumer.ts";
import type { SeriesTable } from "../signals/prometheus/series-table.ts";
import { formatOf, type MediaType } from "./content-type.ts";
import type { ScrapeMetrics } from "./metrics.ts";
import { fetchPage, type Page, PageError, type PageMemory, type PageSettings } from "./page.ts";
import { parserFor } from "./parser.ts";
import { ReportSeries } from "./reports.ts";
import { LabelLimitError, type LabelRules, SampleLabels } from "./sample-labels.ts";
import { SeriesCache } from "./series-cache.ts";
import { scrapeOffsetMs, type Target } from "./target.ts";
import { type ReadSettings, ScrapeLimitError, TargetReader } from "./target-reader.ts";
import type { TargetState } from "./target-state.ts";

/** What all targets of a component share, until its arguments change. */
export interface LoopSettings {
  readonly page: PageSettings;
  readonly labelRules: LabelRules;
  readonly read: ReadSettings;
  readonly fallbackFormat: MediaType | undefined;
  readonly typeAndUnitLabels: boolean;
  readonly extraMetrics: boolean;
  /** Why no target may be scraped now: too many of them. */
  readonly forcedError: string | undefined;
}

/** What the loops of a component stand on. */
export interface LoopSurroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly budget: Budget;
  readonly table: SeriesTable;
  readonly metrics: ScrapeMetrics;
  readonly memory: PageMemory;
  readonly offsetSeed: number;
  consumer(): SampleConsumer;
  /** A scrape failed; the user may want it in a file. */
  onFailure(target: Target, message: string): void;
  /** A batch is about to be handed on; whoever watches may look at it. */
  onBatch(batch: SampleBatch): void;
  /** A scrape was not made or its samples were not taken, or it went well again. */
  onShed(loop: ScrapeLoop, reason: string | undefined): void;
}

export interface TargetStatus {
  readonly health: "unknown" | "up" | "down";
  readonly lastError: string;
  readonly lastScrapeMs: number | undefined;
  readonly lastDurationMs: number;
}

/** Timers are not exact to the millisecond: samples that are off by less get even times, which compress better. */
const ALIGNMENT_TOLERANCE_MS = 2;
const MOST_EARLY_MS = 100;
/** What a page is taken to be at least before the first is there. */
const UNKNOWN_PAGE_BYTES = 64 * 1024;
/** Series that are not known yet take so many times the bytes of the page that names them: here, relabelled, and in the table. */
const NEW_SERIES_SHARE = 3;
/** A sample on its way takes so many bytes. */
const ROW_BYTES = 24;

/** Scrapes one target again and again. */
export class ScrapeLoop {
  target: Target;
  status: TargetStatus = { health: "unknown", lastError: "", lastScrapeMs: undefined, lastDurationMs: 0 };
  readonly #around: LoopSurroundings;
  readonly #reader: TargetReader;
  #settings: LoopSettings;
  #labels: SampleLabels;
  #reports: ReportSeries;
  #cancelTimer = () => {};
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** When the first scrape was due, by the clock that never jumps; later ones are whole intervals after it. */
  #firstDueMs = 0;
  #alignedMs: number | undefined;
  #lastScrapeMs: number | undefined;
  #lastPageBytes: number | undefined;
  #lastRows = 0;
  #lastTurnMs: number | undefined;
  #isScraping = false;
  /** Series that another's last scrape exposed, retained until the first scrape here tells which of them are left. */
  #inherited: number[] = [];

  constructor(target: Target, settings: LoopSettings, around: LoopSurroundings) {
    this.target = target;
    this.#settings = settings;
    this.#around = around;
    this.#labels = new SampleLabels(around.table, target.labels, settings.labelRules);
    this.#reader = new TargetReader(new SeriesCache(around.table, around.budget), this.#labels, settings.read);
    this.#reports = new ReportSeries(around.table, this.#labels, settings.extraMetrics);
  }

  /** `lastMs`: when the target was scraped last, here or elsewhere. A turn that nobody took since is taken at once, and none is taken twice. */
  start(lastMs?: number): void {
    const { clock, offsetSeed } = this.#around;
    const { intervalMs } = this.target;
    this.#isStopped = false;
    const now = clock.now();
    let offset = scrapeOffsetMs(this.target, now, offsetSeed);
    this.#alignedMs = undefined;
    // Whoever takes over before the first turn takes that one.
    if (lastMs === undefined) this.#lastTurnMs = now + offset - intervalMs;
    else {
      const isNextTaken = lastMs > now + offset - intervalMs / 2;
      const isMissing = lastMs < now + offset - intervalMs - intervalMs / 2;
      if (isNextTaken) offset += intervalMs;
      else if (isMissing) offset -= intervalMs;
      this.#alignedMs = Math.round(now + offset);
    }
    this.#firstDueMs = clock.monotonic() + offset;
    this.#arm(Math.max(offset, 0));
  }

  /** What whoever goes on with the target needs to know; undefined while a scrape is under way. */
  state(): TargetState | undefined {
    if (this.#isScraping) return undefined;
    const { table } = this.#around;
    return { lastTurnMs: this.#lastTurnMs, series: [...this.alive(), ...this.#inherited].map((series) => table.labelsOf(series)) };
  }

  /** Goes on with a target that another scraped. Called before the first `start`. */
  inherit({ lastTurnMs, series }: TargetState): void {
    const { table } = this.#around;
    this.#lastTurnMs = lastTurnMs;
    for (const labels of series) {
      const number = table.internLabels(labels);
      table.retain(number);
      this.#inherited.push(number);
    }
  }

  /** The last turn that was taken, here or by another. */
  get lastTurnMs(): number | undefined {
    return this.#lastTurnMs;
  }

  /** Scrapes no more. Resolves when a scrape under way has ended. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    return this.#running;
  }

  /** Takes new settings between scrapes; the target's labels and URL stay. */
  configure(target: Target, settings: LoopSettings): void {
    const hasNewInterval = target.intervalMs !== this.target.intervalMs;
    const hasNewReports = settings.extraMetrics !== this.#settings.extraMetrics;
    this.target = target;
    this.#settings = settings;
    const before = this.#labels;
    this.#labels = new SampleLabels(this.#around.table, target.labels, settings.labelRules);
    before.release();
    this.#reader.configure(this.#labels, settings.read);
    if (hasNewReports) {
      this.#reports.release();
      this.#reports = new ReportSeries(this.#around.table, this.#labels, settings.extraMetrics);
    }
    if (hasNewInterval && !this.#isStopped) {
      this.#cancelTimer();
      this.start();
    }
  }

  /** The series that the last scrape exposed. */
  alive(): Set<number> {
    return this.#reader.cache.alive();
  }

  /** Ends all series of the target at `timeMs`, save those that live on elsewhere. */
  async end(timeMs: number, elsewhere: ReadonlySet<number>): Promise<void> {
    if (this.#lastScrapeMs === undefined && this.#inherited.length === 0) return;
    const batch = new SampleBatchBuilder(this.#around.table, 64);
    for (const series of this.#inherited) if (!elsewhere.has(series)) batch.addStale(series, timeMs);
    this.#disinherit();
    for (const series of this.#reader.cache.fail()) if (!elsewhere.has(series)) batch.addStale(series, timeMs);
    if (elsewhere.size === 0) this.#reports.addStale(timeMs, batch);
    await this.#hand(batch);
  }

  /** Gives everything back; the loop can't be used any more. */
  release(): void {
    this.#disinherit();
    this.#reader.cache.clear();
    this.#reports.release();
    this.#labels.release();
  }

  #arm(delayMs: number): void {
    this.#cancelTimer = this.#around.clock.after(delayMs, () => {
      this.#running = this.#turn();
    });
  }

  async #turn(): Promise<void> {
    const { clock, log } = this.#around;
    const timeMs = this.#alignedNow();
    const begunMs = clock.monotonic() - this.#firstDueMs;
    this.#isScraping = true;
    this.#lastTurnMs = this.#turnNow();
    try {
      await this.#scrapeAndReport(timeMs);
    } catch (error) {
      // Nothing above is known to throw: a fault of ours must not end the loop.
      log.error("scrape failed unexpectedly", {
        target: this.target.url.href,
        error: error instanceof Error ? error.stack : String(error),
      });
    } finally {
      this.#isScraping = false;
    }
    if (this.#isStopped) return;
    // A scrape that took longer than the interval misses turns; it does not catch up.
    const passed = Math.max(clock.monotonic() - this.#firstDueMs, begunMs + this.#earlyMs());
    const turns = Math.floor(passed / this.target.intervalMs) + 1;
    this.#arm(Math.max(this.#firstDueMs + turns * this.target.intervalMs - clock.monotonic(), 1));
  }

  /** Timers may fire so much too early, above all on a busy machine: that is still the turn which was waited for. */
  #earlyMs(): number {
    return Math.min(this.target.intervalMs / 20, MOST_EARLY_MS);
  }

  /** The time of the turn that it is time for. */
  #turnNow(): number {
    const { clock, offsetSeed } = this.#around;
    const now = clock.now() + this.#earlyMs();
    return now + scrapeOffsetMs(this.target, now, offsetSeed) - this.target.intervalMs;
  }

  #alignedNow(): number {
    const now = Math.round(this.#around.clock.now());
    const { intervalMs } = this.target;
    const tolerance = Math.min(intervalMs / 100, ALIGNMENT_TOLERANCE_MS);
    let aligned = this.#alignedMs ?? now;
    while (now + tolerance >= aligned + intervalMs) aligned += intervalMs;
    // The system's time was set back.
    if (aligned > now + intervalMs) aligned = now;
    this.#alignedMs = aligned;
    return Math.abs(now - aligned) <= tolerance ? Math.round(aligned) : now;
  }

  async #scrapeAndReport(timeMs: number): Promise<void> {
    const { clock, budget, metrics, table, memory } = this.#around;
    const settings = this.#settings;
    const startedMs = clock.monotonic();
    const refusal = this.#around.consumer().pressure();
    // Targets of a job are much alike: one that was never scraped is taken to be like the largest of the others.
    let reserved = this.#memoryFor(this.#lastPageBytes ?? Math.max(memory.largestPage, UNKNOWN_PAGE_BYTES));
    if (refusal !== undefined) return this.#skip(timeMs, refusal.reason, refusal.message);
    if (!budget.reserve(reserved)) return this.#skip(timeMs, "memory_budget", "the memory budget is used up");
    try {
      if (this.#lastScrapeMs !== undefined)
        metrics.interval.of(goDuration(this.target.intervalMs)).observe((startedMs - this.#lastScrapeMs) / 1000);
      this.#lastScrapeMs = startedMs;
      const fetched = settings.forcedError ?? (await this.#fetch());
      const missing = typeof fetched === "string" ? 0 : this.#memoryFor(fetched.bytes) - reserved;
      if (missing > 0) {
        if (!budget.reserve(missing)) return this.#skip(timeMs, "memory_budget", "the memory budget is used up");
        reserved += missing;
      }
      const batch = new SampleBatchBuilder(table, this.#lastRows + 16);
      const error = typeof fetched === "string" ? fetched : this.#read(fetched, timeMs, batch);
      if (error !== undefined) for (const series of this.#reader.cache.fail()) batch.addStale(series, timeMs);
      if (this.#inherited.length > 0) this.#endInherited(timeMs, batch);
      const durationMs = clock.monotonic() - startedMs;
      const counts = typeof fetched === "string" ? noCounts : this.#reader.counts;
      this.#reports.add(
        {
          isUp: error === undefined,
          durationSeconds: durationMs / 1000,
          scraped: counts.scraped,
          kept: counts.scraped,
          seriesAdded: counts.seriesAdded,
          timeoutSeconds: this.target.timeoutMs / 1000,
          sampleLimit: settings.read.sampleLimit,
          bodyBytes: typeof fetched === "string" ? (this.#wasTooLarge ? -1 : 0) : fetched.bytes,
        },
        timeMs,
        settings.read.honorMetadata,
        batch,
      );
      this.status = {
        health: error === undefined ? "up" : "down",
        lastError: error ?? "",
        lastScrapeMs: timeMs,
        lastDurationMs: durationMs,
      };
      this.#lastRows = batch.count;
      await this.#hand(batch);
      if (settings.extraMetrics) metrics.duration().observe((clock.monotonic() - startedMs) / 1000);
    } finally {
      budget.release(reserved);
    }
  }

  /** Of the series that another exposed last, those have ended that were not exposed now. */
  #endInherited(timeMs: number, batch: SampleBatchBuilder): void {
    const alive = this.alive();
    for (const series of this.#inherited) if (!alive.has(series)) batch.addStale(series, timeMs);
    this.#disinherit();
  }

  #disinherit(): void {
    for (const series of this.#inherited) this.#around.table.release(series);
    this.#inherited = [];
  }

  /** What a scrape with a page of this size takes until its samples are handed on. */
  #memoryFor(pageBytes: number): number {
    const isNew = this.#reader.cache.size === 0;
    return pageBytes * (isNew ? 2 + NEW_SERIES_SHARE : 2) + this.#lastRows * ROW_BYTES;
  }

  readonly #origin: SampleOrigin = {
    discovered: (name) => this.target.discovered[name] ?? (name === "__scheme__" ? this.target.url.protocol.slice(0, -1) : ""),
    label: (name) => this.target.labels.values[this.target.labels.names.indexOf(name)] ?? "",
    metadata: (family) => this.#reader.metadata.find(family),
  };

  #wasTooLarge = false;

  async #fetch(): Promise<Page | string> {
    this.#wasTooLarge = false;
    try {
      const page = await fetchPage(this.target, this.#settings.page);
      if (page.bytes > 0) this.#lastPageBytes = page.bytes;
      return page;
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      if (error.isTooLarge) {
        this.#wasTooLarge = true;
        this.#around.metrics.exceededBodySize.add(1);
      }
      this.#around.onFailure(this.target, error.message);
      this.#around.log.debug("scrape failed", { target: this.target.url.href, error: error.message });
      return error.message;
    }
  }

  /** Adds what the page holds to the batch; returns why it holds nothing of use. */
  #read(page: Page, timeMs: number, batch: SampleBatchBuilder): string | undefined {
    const { metrics, memory, clock, log } = this.#around;
    const settings = this.#settings;
    const { cache, counts } = this.#reader;
    // An empty page says nothing about format or series.
    if (page.bytes === 0) {
      Object.assign(counts, noCounts);
      for (const series of cache.fail()) batch.addStale(series, timeMs);
      return undefined;
    }
    const { format, finding } = formatOf(page.contentType, settings.fallbackFormat);
    if (format === undefined) {
      Object.assign(counts, noCounts);
      return finding;
    }
    try {
      const parser = parserFor(format, memory.assemble(page), page.bytes, {
        typeAndUnitLabels: settings.typeAndUnitLabels,
        skipsCreated: settings.read.zeroSamplesAtStart,
        scrapesNativeHistograms: this.target.scrapesNativeHistograms,
        scrapesClassicHistograms: this.target.scrapesClassicHistograms,
        convertsToNhcb: this.target.convertsToNhcb,
      });
      this.#reader.notesMetadata = wantsMetadata(this.#around.consumer());
      for (const series of this.#reader.read(parser, timeMs, clock.now(), batch)) batch.addStale(series, timeMs);
      return undefined;
    } catch (error) {
      if (!(error instanceof MalformedInput)) throw error;
      batch.clear();
      if (error instanceof LabelLimitError) metrics.exceededLabelLimits.add(1);
      if (error instanceof ScrapeLimitError) (error.limit === "sample" ? metrics.exceededSampleLimit : metrics.exceededBucketLimit).add(1);
      log.debug("append failed", { target: this.target.url.href, error: error.message });
      return error.message;
    } finally {
      metrics.duplicates.add(counts.duplicates);
      metrics.outOfBounds.add(counts.outOfBounds);
      if (cache.flushes > this.#flushesCounted) metrics.cacheFlushes.add(cache.flushes - this.#flushesCounted);
      this.#flushesCounted = cache.flushes;
    }
  }

  #flushesCounted = 0;

  #skip(timeMs: number, reason: string, message: string): void {
    this.#around.metrics.skipped.of(reason).add(1);
    this.status = { ...this.status, lastError: `not scraped: ${message}`, lastScrapeMs: this.status.lastScrapeMs ?? timeMs };
    this.#around.onShed(this, message);
  }

  async #hand(builder: SampleBatchBuilder): Promise<void> {
    builder.origin = this.#origin;
    const batch = builder.build();
    this.#around.onBatch(batch);
    try {
      await this.#around.consumer().consume(batch);
      this.#around.onShed(this, undefined);
    } catch (thrown) {
      const error = deliveryErrorOf(thrown);
      this.#around.metrics.dropped.of(error.reason).add(batch.items);
      this.#around.onShed(this, error.message);
    } finally {
      batch.release();
    }
  }
}

const noCounts = { scraped: 0, seriesAdded: 0, duplicates: 0, outOfBounds: 0 } as const;

function goDuration(ms: number): string {
  return formatPrometheusDuration(BigInt(Math.round(ms)) * 1_000_000n);
}
