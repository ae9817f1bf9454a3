import { hostname } from "node:os";
import { formatPrometheusDuration } from "@invar/go-compat";
import { hash32 } from "../../../bytes/hash.ts";
import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent } from "../../../component/definition.ts";
import { settingsText } from "../../../component/settings-text.ts";
import { acceptHeader, isScrapeProtocol, mediaTypeOf } from "../../../scraping/content-type.ts";
import { FailureLog } from "../../../scraping/failure-log.ts";
import { scrapeMetricDocs, scrapeMetrics } from "../../../scraping/metrics.ts";
import { PageMemory, withoutPassword } from "../../../scraping/page.ts";
import type { ScrapeLoop } from "../../../scraping/scrape-loop.ts";
import { type PoolSettings, ScrapePool } from "../../../scraping/scrape-pool.ts";
import { describeSamples } from "../../../signals/prometheus/describe-samples.ts";
import { Forward, forwardMetricDocs } from "../../../signals/prometheus/forward.ts";
import { HistogramLimits } from "../../../signals/prometheus/histogram-limits.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import type { HttpClient } from "../../../transport/http/client.ts";
import { httpClient } from "../../../transport/http-client.ts";
import { checkScrape, escapingOf, protocolsOf, type ScrapeArgs, scrapeSchema } from "./arguments.ts";

/** Scrapes targets and forwards their samples. */
export const component = defineComponent({
  name: "prometheus.scrape",
  stability: "generally-available",
  summary: "Scrapes metrics from targets.",
  arguments: scrapeSchema.arguments,
  blocks: scrapeSchema.blocks,
  exports: {},
  metrics: [...forwardMetricDocs, ...scrapeMetricDocs],
  needs: {},
  check: checkScrape,
  create: (context, args) => new Scraper(context, args),
});

class Scraper implements Component<ScrapeArgs> {
  readonly #context: ComponentContext;
  readonly #forward: Forward;
  readonly #pool: ScrapePool;
  readonly #unfit = new Map<ScrapeLoop, string>();
  #args: ScrapeArgs;
  #client: HttpClient;
  #failures: FailureLog | undefined;
  #isStarted = false;

  constructor(context: ComponentContext, args: ScrapeArgs) {
    this.#context = context;
    this.#args = args;
    this.#forward = new Forward(args.forward_to, context.metrics, context.clock);
    this.#client = httpClient(args, context);
    this.#failures = this.#failureLog(args);
    this.#pool = new ScrapePool(this.#poolSettings(), {
      clock: context.clock,
      log: context.log,
      budget: context.budget,
      table: processSeries,
      metrics: scrapeMetrics(context.metrics),
      memory: new PageMemory(),
      offsetSeed: hash32(Buffer.from(hostname())),
      consumer: () => this.#forward,
      onFailure: (target, message) => this.#failures?.write(message, this.#jobName(), withoutPassword(target.url)),
      onShed: (loop, reason) => this.#shed(loop, reason),
      onBatch: (batch) => {
        if (context.debugStream.watched) context.debugStream.publish("prometheus_metric", batch.items, () => describeSamples(batch));
      },
    });
    if (args.enable_protobuf_negotiation)
      context.log.warn(
        "enable_protobuf_negotiation is deprecated and will be removed in a future major release, use scrape_protocols instead",
      );
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#pool.sync(this.#args.targets, this.#poolSettings());
  }

  async update(args: ScrapeArgs): Promise<void> {
    const before = this.#args;
    this.#args = args;
    this.#forward.update(args.forward_to);
    const oldClient = this.#client;
    const hasNewSettings = clientSettings(args) !== clientSettings(before);
    if (hasNewSettings) this.#client = httpClient(args, this.#context);
    if (args.scrape_failure_log_file !== before.scrape_failure_log_file) this.#failures = this.#failureLog(args);
    if (this.#isStarted) await this.#pool.sync(args.targets, this.#poolSettings());
    if (hasNewSettings) void oldClient.close();
  }

  async stop(): Promise<void> {
    await this.#pool.stop();
    await Promise.all([this.#client.close(), this.#failures?.flush()]);
  }

  debugInfo(): unknown {
    return {
      target: this.#pool.targets().map(({ target, status }) => ({
        job: this.#jobName(),
        url: withoutPassword(target.url),
        health: status.health,
        labels: Object.fromEntries(target.labels.names.map((name, i) => [name, target.labels.values[i]])),
        last_error: status.lastError,
        last_scrape: status.lastScrapeMs === undefined ? null : new Date(status.lastScrapeMs).toISOString(),
        last_scrape_duration: `${(status.lastDurationMs / 1000).toFixed(6)}s`,
      })),
    };
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
      this.#context.health(
        "unhealthy",
        `samples of ${this.#unfit.size} of ${this.#pool.size} targets are not taken: ${reason ?? [...this.#unfit.values()].at(-1)}`,
      );
    else if (wasUnfit) this.#context.health("healthy", "all targets are scraped");
  }

  #poolSettings(): PoolSettings {
    const args = this.#args;
    const { budget, peers } = this.#context;
    const limits = new HistogramLimits(args.native_histogram_bucket_limit, args.native_histogram_min_bucket_factor);
    return {
      targetLimit: args.target_limit,
      job: {
        jobName: this.#jobName(),
        scrapeInterval: prometheusDuration(args.scrape_interval),
        scrapeTimeout: prometheusDuration(args.scrape_timeout),
        metricsPath: args.metrics_path,
        scheme: args.scheme,
        params: args.params,
        scrapesNativeHistograms: args.scrape_native_histograms || args.enable_protobuf_negotiation,
        scrapesClassicHistograms: args.scrape_classic_histograms,
        convertsToNhcb: args.convert_classic_histograms_to_nhcb,
      },
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

function prometheusDuration(ms: number): string {
  return formatPrometheusDuration(BigInt(Math.round(ms)) * 1_000_000n);
}
