import type { WorkShare } from "../../../../component/cluster.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { Positions } from "../../../../delivery/positions.ts";
import { WaitingSink } from "../../../../delivery/waiting-sink.ts";
import type { Target } from "../../../../discovery/targets.ts";
import type { ApiServerArgs } from "../../../../kubernetes/client-arguments.ts";
import { type ApiShare, shareApiServer } from "../../../../kubernetes/shared-watches.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { fanout } from "../../../../signals/fanout.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { type ResumePoint, readResumePoint } from "./resume-point.ts";
import { Tail } from "./tail.ts";
import { type LogTarget, logTargetOf } from "./target.ts";

export interface PodLogsArgs {
  readonly targets: readonly Target[];
  readonly forward_to: readonly Consumer<LogBatch>[];
  readonly client: ApiServerArgs;
  readonly clustering: { readonly enabled: boolean } | undefined;
}

/** What is under way when a log moves to another collector may take so long to become safe; else that one reads it again. */
const patienceMs = 3_000;

/** Follows the logs of all targets. */
export class PodLogs implements Component<PodLogsArgs> {
  readonly #context: ComponentContext;
  readonly #positions: Positions<ResumePoint>;
  readonly #sink: WaitingSink;
  #args: PodLogsArgs;
  #next: Consumer<LogBatch>;
  #api: ApiShare | undefined;
  readonly #tails = new Map<string, Tail>();
  /** All targets that there are, whoever follows them. */
  #known: ReadonlyMap<string, LogTarget> = new Map();
  #share: WorkShare | undefined;
  /** Tails that end because another goes on. */
  readonly #pausing = new Map<string, { readonly sinceMs: number; isEnded: boolean }>();
  /** What tails that have ended took up: it is still handed on, and a tail of the same target goes on behind it. */
  readonly #taken = new Map<string, ResumePoint>();

  constructor(context: ComponentContext, positions: Positions<ResumePoint>, args: PodLogsArgs) {
    this.#context = context;
    this.#positions = positions;
    this.#args = args;
    this.#next = fanout(args.forward_to);
    this.#sink = new WaitingSink({
      clock: context.clock,
      log: context.log,
      dropped: context.metrics.counter("loki_source_kubernetes_dropped_lines_total", {
        help: "Lines that were refused for good.",
        labels: ["reason"],
      }),
      next: () => this.#next,
    });
  }

  start(): void {
    this.#api = shareApiServer(this.#args.client, this.#context);
    this.#share = this.#sharing(this.#args);
    this.#follow();
  }

  async update(args: PodLogsArgs): Promise<void> {
    const previous = this.#api;
    const api = shareApiServer(args.client, this.#context);
    const wasShared = this.#args.clustering?.enabled === true;
    this.#args = args;
    this.#next = fanout(args.forward_to);
    this.#api = api;
    const wanted = new Set(this.#targets().map(({ key }) => key));
    const isSameServer = previous?.server === api.server;
    const isShared = args.clustering?.enabled === true;
    const isAsBefore = isSameServer && isShared === wasShared;
    if (!isAsBefore) {
      this.#share?.close();
      this.#share = this.#sharing(args);
    }
    await Promise.all([...this.#tails].filter(([key]) => !isAsBefore || !wanted.has(key)).map(([key, tail]) => this.#end(key, tail)));
    this.#follow();
    await previous?.release();
  }

  async stop(): Promise<void> {
    this.#sink.stop();
    this.#share?.close();
    await Promise.all([...this.#tails.values()].map((tail) => tail.stop()));
    await this.#api?.release();
    await this.#positions.close();
  }

  debugInfo(): unknown {
    return {
      targets: [...this.#tails.values()].slice(0, 1000).map(({ target, lastError, lastReadMs }) => ({
        type: "kubernetes",
        labels: target.labels.record(),
        target: `${target.namespace}/${target.pod}:${target.container}`,
        last_error: lastError ?? "",
        update_time: lastReadMs === undefined ? null : new Date(lastReadMs).toISOString(),
      })),
    };
  }

  #targets(): LogTarget[] {
    const problems = new Set<string>();
    const targets = this.#args.targets.flatMap((each) => {
      const target = logTargetOf(each, this.#context.globalId);
      if (typeof target !== "string") return [target];
      problems.add(target);
      return [];
    });
    for (const problem of problems) this.#context.log.warn(problem);
    return targets;
  }

  #follow(): void {
    this.#known = new Map(this.#targets().map((target) => [target.key, target]));
    if (this.#share === undefined) for (const key of this.#known.keys()) this.#open(key);
    else this.#share.offer(this.#known.keys());
    this.#tell();
  }

  #open(key: string): void {
    const target = this.#known.get(key);
    if (target === undefined || this.#api === undefined || this.#tails.has(key)) return;
    const { server } = this.#api;
    const { clock, log } = this.#context;
    const from = this.#taken.get(key) ?? this.#positions.get(key);
    const save = (point: ResumePoint) => this.#save(key, point);
    const gone = () => this.#positions.delete(key);
    const tail = new Tail({ target, server, clock, log, sink: this.#sink, from, save, gone });
    this.#tails.set(key, tail);
    tail.start();
  }

  #tell(): void {
    this.#context.health("healthy", `following the logs of ${this.#tails.size} containers`);
  }

  /** Undefined where this process follows all. */
  #sharing({ clustering }: PodLogsArgs): WorkShare | undefined {
    const { peers, globalId } = this.#context;
    if (clustering?.enabled !== true) return undefined;
    return peers.cluster?.share({
      id: globalId,
      take: (key, state) => {
        const point = state === undefined ? undefined : readResumePoint(JSON.parse(Buffer.from(state).toString()));
        // What another has handed on is not handed on again.
        if (point !== undefined) this.#save(key, point);
        this.#pausing.delete(key);
        this.#open(key);
        this.#tell();
      },
      pause: (key) => this.#pause(key),
      resume: (key) => {
        this.#pausing.delete(key);
        this.#open(key);
      },
      leave: (key) => {
        this.#pausing.delete(key);
        const tail = this.#tails.get(key);
        if (tail !== undefined) void this.#end(key, tail);
        this.#tell();
      },
      copy: (key) => this.#encoded(key),
    });
  }

  /** Ends a tail and waits, not for long, until what it took up is safe: the next one goes on behind that. */
  #pause(key: string): Uint8Array | undefined {
    const nowMs = this.#context.clock.monotonic();
    let pausing = this.#pausing.get(key);
    if (pausing === undefined) {
      const begun = { sinceMs: nowMs, isEnded: false };
      pausing = begun;
      this.#pausing.set(key, begun);
      const tail = this.#tails.get(key);
      void (tail === undefined ? Promise.resolve() : this.#end(key, tail)).then(() => {
        begun.isEnded = true;
      });
    }
    const isUnderWay = this.#taken.has(key) && nowMs - pausing.sinceMs < patienceMs;
    return pausing.isEnded && !isUnderWay ? (this.#encoded(key) ?? new Uint8Array(Buffer.from("null"))) : undefined;
  }

  #encoded(key: string): Uint8Array | undefined {
    const point = this.#positions.get(key);
    return point === undefined ? undefined : Buffer.from(JSON.stringify(point));
  }

  async #end(key: string, tail: Tail): Promise<void> {
    this.#tails.delete(key);
    await tail.stop();
    const { point } = tail;
    const safe = this.#positions.get(key);
    if (point !== undefined && (safe === undefined || isBefore(safe, point))) this.#taken.set(key, point);
  }

  /** Batches may become safe in another order than they were sent. */
  #save(key: string, point: ResumePoint): void {
    const known = this.#positions.get(key);
    if (known === undefined || isBefore(known, point)) this.#positions.set(key, point);
    const taken = this.#taken.get(key);
    if (taken !== undefined && !isBefore(point, taken)) this.#taken.delete(key);
  }
}

function isBefore(one: ResumePoint, other: ResumePoint): boolean {
  return (one.seconds - other.seconds || one.nanos - other.nanos || one.lines - other.lines) < 0;
}
