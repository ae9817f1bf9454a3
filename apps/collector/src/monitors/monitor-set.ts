import type { ComponentContext } from "../component/context.ts";
import type { Component } from "../component/definition.ts";
import { decodeText } from "../component/from-text.ts";
import { settingsText } from "../component/settings-text.ts";
import type { Kind, WireObject } from "../kubernetes/kind.ts";
import { type ApiShare, shareApiServer, type WatchShare } from "../kubernetes/shared-watches.ts";
import { sameRules } from "../relabel/rules.ts";
import { type ScrapeArgs, scrapeSchema } from "../scraping/arguments.ts";
import { type ScrapeMetrics, scrapeMetrics } from "../scraping/metrics.ts";
import { Forward } from "../signals/prometheus/forward.ts";
import { type MonitorArgs, selectorText } from "./arguments.ts";
import type { JobPlan } from "./job-plan.ts";
import { checkRules } from "./job-rules.ts";
import { MonitorJob } from "./monitor-job.ts";
import type { Monitor } from "./monitor-kinds.ts";
import type { PlanContext } from "./plan-context.ts";
import { keyReader } from "./secret-reader.ts";
import { TargetSources } from "./target-source.ts";

/** What one component does with its kind of resource. */
export interface MonitorUse<W extends WireObject> {
  readonly kind: Kind<Monitor<W>>;
  plans(monitor: Monitor<W>, context: PlanContext): Promise<JobPlan[]>;
}

/** Secrets that resources name are read again so often: they are not watched, for a role may allow to read but these. */
const secretsAgainMs = 60_000;

type SetArgs = MonitorArgs & { readonly allow_arbitrary_file_access?: boolean };

/** A resource that is known, and what became of it. */
interface Known {
  readonly jobs: Map<string, { readonly job: MonitorJob; readonly settings: string }>;
  error: string | undefined;
  reconciledMs: number;
}

/** Follows the custom resources of one kind and runs the jobs that they ask for. */
export class MonitorSet<W extends WireObject> implements Component<SetArgs> {
  readonly #context: ComponentContext;
  readonly #use: MonitorUse<W>;
  readonly #forward: Forward;
  readonly #metrics: ScrapeMetrics;
  #args: SetArgs;
  #api: ApiShare | undefined;
  #sources: TargetSources | undefined;
  #watches: WatchShare<Monitor<W>>[] = [];
  #stops: (() => void)[] = [];
  readonly #known = new Map<string, Known>();
  readonly #dirty = new Set<string>();
  #working: Promise<void> | undefined;
  #abort = new AbortController();
  readonly #troubles = new Map<string, string>();

  constructor(context: ComponentContext, use: MonitorUse<W>, args: SetArgs) {
    this.#context = context;
    this.#use = use;
    this.#args = args;
    this.#forward = new Forward(args.forward_to, context.metrics, context.clock);
    this.#metrics = scrapeMetrics(context.metrics);
  }

  start(): void {
    this.#open();
  }

  async update(args: SetArgs): Promise<void> {
    // A client that can't be made leaves everything as it was.
    const probe = shareApiServer(args.client, this.#context);
    this.#forward.update(args.forward_to);
    const isSame = settingsOf(args) === settingsOf(this.#args);
    if (!isSame) await this.#close();
    this.#args = args;
    if (!isSame) this.#open();
    await probe.release();
  }

  async stop(): Promise<void> {
    await this.#close();
  }

  debugInfo(): unknown {
    const jobs = [...this.#known.values()].flatMap((known) => [...known.jobs.values()]);
    return {
      crds: [...this.#known].slice(0, 1000).map(([key, { error, reconciledMs }]) => {
        const [namespace, name] = key.split("/");
        return { namespace, name, last_reconcile: new Date(reconciledMs).toISOString(), reconcile_error: error ?? "" };
      }),
      targets: jobs.flatMap(({ job }) => job.targetStatus()).slice(0, 1000),
    };
  }

  #open(): void {
    const { client, namespaces, selector, informer_sync_timeout: syncMs } = this.#args;
    const { clock } = this.#context;
    const api = shareApiServer(client, this.#context);
    this.#api = api;
    this.#abort = new AbortController();
    this.#sources = new TargetSources(this.#context, api, (source, error) => this.#trouble(`targets ${source}`, error?.message));
    const labels = selectorText(selector);
    for (const namespace of namespaces.length === 0 ? [""] : new Set(namespaces)) {
      const share = api.watch(this.#use.kind, { namespace, labels, fields: "" });
      this.#watches.push(share);
      for (const key of share.watch.objects.keys()) this.#changed(key);
      this.#stops.push(
        share.watch.listen({
          changed: (key) => this.#changed(key),
          synced: () => this.#trouble("sync", undefined),
          trouble: () =>
            this.#trouble(
              "resources",
              this.#watches.map(({ watch }) => watch.trouble?.message).find((text) => text !== undefined),
            ),
        }),
      );
    }
    this.#stops.push(
      clock.after(syncMs, () => {
        if (this.#watches.some(({ watch }) => !watch.isSynced))
          this.#trouble("sync", `not all ${this.#use.kind.resource} were listed within informer_sync_timeout (${syncMs} ms)`);
      }),
    );
    this.#readSecretsAgain();
  }

  async #close(): Promise<void> {
    this.#abort.abort();
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#dirty.clear();
    await this.#working;
    await Promise.all([...this.#known.values()].flatMap(({ jobs }) => [...jobs.values()].map(({ job }) => job.stop(false))));
    this.#known.clear();
    this.#troubles.clear();
    await Promise.all(this.#watches.map((share) => share.release()));
    this.#watches = [];
    await this.#api?.release();
    this.#api = undefined;
  }

  #readSecretsAgain(): void {
    const { signal } = this.#abort;
    const cancel = this.#context.clock.after(secretsAgainMs, () => {
      if (signal.aborted) return;
      for (const key of this.#known.keys()) this.#changed(key);
      this.#readSecretsAgain();
    });
    this.#stops.push(cancel);
  }

  #changed(key: string): void {
    this.#dirty.add(key);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    // Everything that changes in the same turn is one round.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { signal } = this.#abort;
    while (this.#dirty.size > 0 && !signal.aborted && this.#api !== undefined) {
      const keys = [...this.#dirty];
      this.#dirty.clear();
      const context: PlanContext = {
        role: this.#args.kubernetes_role,
        rules: this.#args.rule,
        allowFiles: this.#args.allow_arbitrary_file_access === true,
        read: keyReader(this.#api.server, signal),
      };
      for (const key of keys) await this.#reconcile(key, context);
      this.#metrics.targets.set([...this.#known.values()].reduce((sum, { jobs }) => sum + sizeOf(jobs), 0));
    }
  }

  async #reconcile(key: string, context: PlanContext): Promise<void> {
    const monitor = this.#watches.map(({ watch }) => watch.objects.get(key)).find((each) => each !== undefined);
    const known = this.#known.get(key) ?? { jobs: new Map(), error: undefined, reconciledMs: 0 };
    if (monitor === undefined) {
      this.#known.delete(key);
      await Promise.all([...known.jobs.values()].map(({ job }) => job.stop(true)));
      return;
    }
    this.#known.set(key, known);
    try {
      const plans = await this.#use.plans(monitor, context);
      for (const { rules, metricRules } of plans) {
        checkRules(rules);
        checkRules(metricRules);
      }
      await this.#run(known, plans);
      known.error = undefined;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      // What ran before goes on: a resource that can't be understood now may have been understood before.
      if (known.error !== message) this.#context.log.error("a resource can't be reconciled", { resource: key, err: message });
      known.error = message;
    }
    known.reconciledMs = this.#context.clock.now();
  }

  async #run(known: Known, plans: readonly JobPlan[]): Promise<void> {
    const sources = this.#sources;
    if (sources === undefined) return;
    const wanted = new Map(plans.map((plan) => [plan.jobName, plan]));
    for (const [name, { job }] of known.jobs)
      if (!wanted.has(name)) {
        known.jobs.delete(name);
        await job.stop(true);
      }
    for (const [name, plan] of wanted) {
      const settings = settingsText(plan);
      const running = known.jobs.get(name);
      if (running?.settings === settings) continue;
      // Under other rules the series have other labels, and those that they had end.
      if (running !== undefined) await running.job.stop(!hasSameRules(running.job.plan, plan));
      const job = new MonitorJob(plan, usualScrape(this.#args), {
        context: this.#context,
        sources,
        metrics: this.#metrics,
        consumer: this.#forward,
        shed: (message) => this.#trouble(`shed ${name}`, message),
      });
      known.jobs.set(name, { job, settings });
      job.start();
    }
  }

  #trouble(what: string, message: string | undefined): void {
    if (message === undefined) this.#troubles.delete(what);
    else this.#troubles.set(what, message);
    const [first] = this.#troubles.values();
    if (first === undefined) this.#context.health("healthy", `following ${this.#use.kind.resource}`);
    else this.#context.health("unhealthy", first);
  }
}

function hasSameRules(one: JobPlan, other: JobPlan): boolean {
  return sameRules(one.rules, other.rules) && sameRules(one.metricRules, other.metricRules);
}

function sizeOf(jobs: Known["jobs"]): number {
  return [...jobs.values()].reduce((sum, { job }) => sum + job.size, 0);
}

/** Everything but where samples go. */
function settingsOf({ forward_to: _, ...settings }: MonitorArgs): string {
  return settingsText(settings);
}

function usualScrape({ scrape, clustering }: MonitorArgs): ScrapeArgs {
  const { default_scrape_interval, default_scrape_timeout, default_sample_limit, scrape_native_histograms, ...ways } = scrape;
  const protobuf = scrape_native_histograms
    ? 'scrape_protocols = ["PrometheusProto", "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"]'
    : "";
  return {
    ...decodeText(scrapeSchema, `targets = []\nforward_to = []\n${protobuf}`),
    ...ways,
    clustering,
    scrape_native_histograms,
    scrape_interval: default_scrape_interval,
    scrape_timeout: default_scrape_timeout,
    sample_limit: default_sample_limit,
  };
}
