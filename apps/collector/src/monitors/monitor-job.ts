import type { ComponentContext } from "../component/context.ts";
import type { Target } from "../discovery/targets.ts";
import { compileRules, type Rules, relabel } from "../relabel/rules.ts";
import { SeriesRelabel } from "../relabel/series-relabel.ts";
import { jobSettings, type ScrapeArgs } from "../scraping/arguments.ts";
import type { ScrapeMetrics } from "../scraping/metrics.ts";
import { ScrapeJob } from "../scraping/scrape-job.ts";
import { jobLabels } from "../scraping/target.ts";
import type { Consumer } from "../signals/consumer.ts";
import type { SampleBatch } from "../signals/prometheus/sample-batch.ts";
import { processSeries } from "../signals/prometheus/series-table.ts";
import type { JobPlan } from "./job-plan.ts";
import type { TargetSources } from "./target-source.ts";

export interface MonitorJobSurroundings {
  readonly context: ComponentContext;
  readonly sources: TargetSources;
  readonly metrics: ScrapeMetrics;
  readonly consumer: Consumer<SampleBatch>;
  readonly shed: (message: string | undefined) => void;
}

/** One job of a custom resource: finds its targets, relabels them, scrapes them and relabels what they say. */
export class MonitorJob {
  readonly plan: JobPlan;
  readonly #args: ScrapeArgs;
  readonly #around: MonitorJobSurroundings;
  readonly #rules: Rules;
  readonly #series: SeriesRelabel | undefined;
  readonly #job: ScrapeJob;
  #leave: () => Promise<void> = async () => {};
  #isStarted = false;
  #turn: Promise<void> = Promise.resolve();

  /** `args`: how targets are scraped where the plan does not say. */
  constructor(plan: JobPlan, args: ScrapeArgs, around: MonitorJobSurroundings) {
    this.plan = plan;
    this.#around = around;
    this.#args = { ...args, ...plan.scrape, job_name: plan.jobName, targets: [] };
    this.#rules = compileRules(plan.rules);
    const { context, metrics, consumer, shed } = around;
    if (plan.metricRules.length > 0) {
      const rules = compileRules(plan.metricRules);
      this.#series = new SeriesRelabel(processSeries, (labels) => rules.apply(labels, "legacy"), context.budget);
    }
    this.#job = new ScrapeJob(this.#args, {
      context,
      metrics,
      consumer: this.#relabelled(consumer),
      work: `${context.globalId} ${plan.jobName}`,
      shed,
    });
  }

  start(): void {
    this.#leave = this.#around.sources.find(this.plan.find, (targets) => this.#take(targets));
  }

  /** Resolves when nothing of it runs any more. Series are marked as ended only where `isGone`: else another goes on with them. */
  async stop(isGone: boolean): Promise<void> {
    await this.#leave();
    await this.#turn;
    await (isGone ? this.#job.end() : this.#job.stop());
    this.#around.shed(undefined);
    this.#series?.close();
  }

  get size(): number {
    return this.#job.size;
  }

  targetStatus(): readonly unknown[] {
    return this.#job.targetStatus();
  }

  #take(found: readonly Target[]): void {
    const base = Object.fromEntries(jobLabels(jobSettings(this.#args, this.plan.jobName)));
    const targets: Record<string, string>[] = [];
    for (const each of found) {
      const kept = relabel({ ...base, ...each }, this.#rules, "utf8");
      if (kept !== undefined) targets.push(kept);
    }
    const sync = async () => {
      await this.#job.update({ ...this.#args, targets });
      if (!this.#isStarted) await this.#job.start();
      this.#isStarted = true;
    };
    this.#turn = this.#turn.then(sync).catch((error: unknown) => {
      this.#around.context.log.error("targets of a job can't be taken", { job: this.plan.jobName, err: String(error) });
    });
  }

  #relabelled(consumer: Consumer<SampleBatch>): Consumer<SampleBatch> {
    const series = this.#series;
    if (series === undefined) return consumer;
    return {
      async consume(batch) {
        const changed = series.apply(batch);
        if (changed === undefined) return;
        try {
          await consumer.consume(changed);
        } finally {
          changed.release();
        }
      },
      pressure: () => consumer.pressure(),
    };
  }
}
