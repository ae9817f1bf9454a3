import { hostname } from "node:os";
import { hash32 } from "../bytes/hash.ts";
import type { ComponentContext } from "../component/context.ts";
import { settingsText } from "../component/settings-text.ts";
import type { Consumer } from "../signals/consumer.ts";
import { describeSamples } from "../signals/prometheus/describe-samples.ts";
import { HistogramLimits } from "../signals/prometheus/histogram-limits.ts";
import type { SampleBatch } from "../signals/prometheus/sample-batch.ts";
import { processSeries } from "../signals/prometheus/series-table.ts";
import type { HttpClient } from "../transport/http/client.ts";
import { httpClient } from "../transport/http-client.ts";
import { escapingOf, jobSettings, protocolsOf, type ScrapeArgs } from "./arguments.ts";
import { acceptHeader, isScrapeProtocol, mediaTypeOf } from "./content-type.ts";
import { FailureLog } from "./failure-log.ts";
import type { ScrapeMetrics } from "./metrics.ts";
import { PageMemory, withoutPassword } from "./page.ts";
import type { LoopSurroundings, ScrapeLoop } from "./scrape-loop.ts";
import { type PoolSettings, ScrapePool } from "./scrape-pool.ts";

export interface ScrapeJobSurroundings {
  readonly context: ComponentContext;
  readonly metrics: ScrapeMetrics;
  /** Takes the samples that are scraped. */
  readonly consumer: Consumer<SampleBatch>;
  /** What the work is called among the collectors of a cluster, where the component has several jobs. */
  readonly work?: string;
  /** Told why targets are left out for want of memory, and with undefined when all are scraped again. */
  readonly shed: (message: string | undefined) => void;
}

/** Scrapes targets in one way. */
export class ScrapeJob {
  readonly #context: ComponentContext;
  readonly #shedTargets: (message: string | undefined) => void;
  readonly #around: Omit<LoopSurroundings, "offsetSeed">;
  readonly #work: string;
  #pool: ScrapePool;
  readonly #unfit = new Map<ScrapeLoop, string>();
  #args: ScrapeArgs;
  #client: HttpClient;
  #failures: FailureLog | undefined;
  #isStarted = false;

  constructor(args: ScrapeArgs, { context, metrics, consumer, work = context.globalId, shed }: ScrapeJobSurroundings) {
    this.#context = context;
    this.#shedTargets = shed;
    this.#args = args;
    this.#client = httpClient(args, context);
    this.#failures = this.#failureLog(args);
    this.#work = work;
    this.#around = {
      clock: context.clock,
      log: context.log,
      budget: context.budget,
      table: processSeries,
      metrics,
      memory: new PageMemory(),
      consumer: () => consumer,
      onFailure: (target, message) => this.#failures?.write(message, this.#jobName(), withoutPassword(target.url)),
      onShed: (loop, reason) => this.#shed(loop, reason),
      onBatch: (batch) => {
        if (context.debugStream.watched) context.debugStream.publish("prometheus_metric", batch.items, () => describeSamples(batch));
      },
    };
    this.#pool = this.#newPool();
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#pool.sync(this.#args.targets, this.#poolSettings());
  }

  /** Takes other targets or another way to scrape them. */
  async update(args: ScrapeArgs): Promise<void> {
    const before = this.#args;
    this.#args = args;
    const oldClient = this.#client;
    const hasNewSettings = clientSettings(args) !== clientSettings(before);
    if (hasNewSettings) this.#client = httpClient(args, this.#context);
    if (args.scrape_failure_log_file !== before.scrape_failure_log_file) this.#failures = this.#failureLog(args);
    if ((args.clustering?.enabled ?? false) !== (before.clustering?.enabled ?? false)) {
      await this.#pool.stop();
      this.#pool = this.#newPool();
    }
    if (this.#isStarted) await this.#pool.sync(args.targets, this.#poolSettings());
    if (hasNewSettings) void oldClient.close();
  }

  /** Ends, and leaves the series to whoever goes on with them. */
  async stop(): Promise<void> {
    await this.#pool.stop();
    await this.#close();
  }

  /** Ends for good: the series are marked as ended. */
  async end(): Promise<void> {
    await this.#pool.end();
    await this.#close();
  }

  async #close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#failures?.flush()]);
  }

  #newPool(): ScrapePool {
    const cluster = this.#args.clustering?.enabled === true ? this.#context.peers.cluster : undefined;
    if (cluster === undefined)
      return new ScrapePool(this.#poolSettings(), { ...this.#around, offsetSeed: hash32(Buffer.from(hostname())) });
    // A target's turns come at the same moments whoever scrapes it.
    const offsetSeed = hash32(Buffer.from(`cluster ${cluster.name}`));
    return new ScrapePool(this.#poolSettings(), { ...this.#around, offsetSeed }, { cluster, id: this.#work });
  }

  /** How many targets there are. */
  get size(): number {
    return this.#pool.size;
  }

  /** What the component's page says of each target. */
  targetStatus(): readonly unknown[] {
    return this.#pool.targets().map(({ target, status }) => ({
      job: this.#jobName(),
      url: withoutPassword(target.url),
      health: status.health,
      labels: Object.fromEntries(target.labels.names.map((name, i) => [name, target.labels.values[i]])),
      last_error: status.lastError,
      last_scrape: status.lastScrapeMs === undefined ? null : new Date(status.lastScrapeMs).toISOString(),
      last_scrape_duration: `${(status.lastDurationMs / 1000).toFixed(6)}s`,
    }));
  }

  #jobName(): string {
    return this.#args.job_name === "" ? this.#context.id : this.#args.job_name;
  }

  #failureLog(args: ScrapeArgs): FailureLog | undefined {
    const { scrape_failure_log_file: path } = args;
    return path === "" ? undefined : new FailureLog(path, this.#context.clock, this.#context.log);
  }

  /** Tells how many targets are left out, and why the last of them is. */
  #shed(loop: ScrapeLoop, reason: string | undefined): void {
    const wasUnfit = this.#unfit.size > 0;
    if (reason === undefined) this.#unfit.delete(loop);
    else this.#unfit.set(loop, reason);
    if (this.#unfit.size > 0)
      this.#shedTargets(
        `samples of ${this.#unfit.size} of ${this.#pool.size} targets are not taken: ${reason ?? [...this.#unfit.values()].at(-1)}`,
      );
    else if (wasUnfit) this.#shedTargets(undefined);
  }

  #poolSettings(): PoolSettings {
    const args = this.#args;
    const { budget, peers } = this.#context;
    const limits = new HistogramLimits(args.native_histogram_bucket_limit, args.native_histogram_min_bucket_factor);
    return {
      targetLimit: args.target_limit,
      job: jobSettings(args, this.#jobName()),
      loop: {
        page: {
          client: this.#client,
          fetchInProcess: (url) => peers.fetchInProcess(url),
          accept: acceptHeader(protocolsOf(args), escapingOf(args)),
          acceptsGzip: args.enable_compression,
          bodySizeLimit: args.body_size_limit,
          memoryLimit: Math.max(Math.floor(budget.limitBytes / 4), 1024 * 1024),
        },
        labelRules: {
          honorLabels: args.honor_labels,
          validation: args.metric_name_validation_scheme,
          labelLimit: args.label_limit,
          nameLengthLimit: args.label_name_length_limit,
          valueLengthLimit: args.label_value_length_limit,
        },
        read: {
          honorTimestamps: args.honor_timestamps,
          trackTimestampsStaleness: args.track_timestamps_staleness,
          sampleLimit: args.sample_limit,
          honorMetadata: args.honor_metadata,
          zeroSamplesAtStart: args.start_timestamp_zero_ingestion,
          fitHistogram: (message) => limits.fit(message),
        },
        fallbackFormat: isScrapeProtocol(args.scrape_fallback_protocol) ? mediaTypeOf(args.scrape_fallback_protocol) : undefined,
        typeAndUnitLabels: args.enable_type_and_unit_labels,
        extraMetrics: args.extra_metrics,
      },
    };
  }
}

function clientSettings({ targets: _, forward_to: __, ...settings }: ScrapeArgs): string {
  return settingsText(settings);
}
