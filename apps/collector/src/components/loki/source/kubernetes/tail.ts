import type { Clock } from "../../../../component/clock.ts";
import type { Logger } from "../../../../component/context.ts";
import type { LineSink } from "../../../../delivery/waiting-sink.ts";
import { type ApiServer, wasAborted } from "../../../../kubernetes/api-server.ts";
import { pause } from "../../../../kubernetes/pause.ts";
import type { LogBatchBuilder } from "../../../../signals/loki/log-batch-builder.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import { containerStateOf } from "./container-state.ts";
import { LogChunks } from "./log-chunks.ts";
import { ResumeFilter, type ResumePoint } from "./resume-point.ts";
import type { LogTarget } from "./target.ts";

export interface TailOptions {
  readonly target: LogTarget;
  readonly server: ApiServer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sink: LineSink;
  /** Where reading stood when it ended last. */
  readonly from: ResumePoint | undefined;
  /** Called when everything up to a point is safe. */
  save(point: ResumePoint): void;
  /** Called when the pod is no more: it will not come again. */
  gone(): void;
}

/** A stream is opened anew so often, since an API server may stop sending without ending it. */
const longestStreamMs = 60 * 60_000;
const firstPauseMs = 50;
const longestPauseMs = 5000;

/** Follows the log of one container until it runs no more, through restarts of it and breaks of the stream. */
export class Tail {
  readonly #options: TailOptions;
  readonly #abort = new AbortController();
  #point: ResumePoint | undefined;
  /** How often the container had been started anew when its log was read last, or when it was looked at first. */
  #restarts: number | undefined;
  #ended: Promise<void> | undefined;
  #failures = 0;
  lastError: string | undefined;
  lastReadMs: number | undefined;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#point = options.from;
    this.#restarts = options.from?.restarts;
  }

  get target(): LogTarget {
    return this.#options.target;
  }

  /** Of what was taken up, though perhaps is not yet safe. */
  get point(): ResumePoint | undefined {
    return this.#point;
  }

  start(): void {
    this.#ended ??= this.#run();
  }

  /** Ends at once: what is not safe comes again when it is started from the saved point. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, log, target } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        if (!(await this.#follow())) return;
        this.lastError = undefined;
      } catch (error) {
        if (signal.aborted) return;
        this.#failures++;
        const message = error instanceof Error ? error.message : String(error);
        if (message !== this.lastError) log.warn("a log can't be read; will retry", { target: target.key, err: message });
        this.lastError = message;
      }
      await pause(clock, Math.min(firstPauseMs * 2 ** Math.min(this.#failures, 10), longestPauseMs), signal);
    }
  }

  /** False: nothing more will come. */
  async #follow(): Promise<boolean> {
    const { server, target, log, gone } = this.#options;
    const pod = await server.get({ group: "", version: "v1", resource: "pods" }, target.namespace, target.pod, this.#abort.signal);
    const state = containerStateOf(pod, target.uid, target.container);
    if (state.kind === "gone") {
      gone();
      return false;
    }
    if (state.kind === "waiting") {
      this.#restarts ??= 0;
      this.#failures++;
      return true;
    }
    const missed = state.restarts - (this.#restarts ?? state.restarts);
    if (missed > 0) {
      // The log of the time before is still there, those of earlier times are not.
      await this.#read(true, state.restarts - 1);
      if (missed > 1) log.warn("a container was started anew several times: logs of the times between are lost", { target: target.key });
    }
    this.#restarts = state.restarts;
    await this.#read(false, state.restarts);
    return !state.isOver;
  }

  async #read(previous: boolean, restarts: number): Promise<void> {
    const { server, target, clock, log } = this.#options;
    const filter = new ResumeFilter(this.#point, restarts);
    const chunks = new LogChunks(target.labels, filter, () => clock.now());
    const query = new URLSearchParams({ container: target.container, timestamps: "true" });
    if (previous) query.set("previous", "true");
    else query.set("follow", "true");
    if (this.#point !== undefined) query.set("sinceTime", `${new Date(this.#point.seconds * 1000).toISOString().slice(0, 19)}Z`);
    const path = `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}/log`;
    const access = { verb: "get", group: "", resource: "pods/log", namespace: target.namespace };
    const tooLong = new AbortController();
    const cancel = clock.after(longestStreamMs, () => tooLong.abort());
    const signal = AbortSignal.any([this.#abort.signal, tooLong.signal]);
    try {
      await server.stream(path, query, access, (piece) => this.#send(chunks.take(piece), filter), signal);
      await this.#send(chunks.end(), filter);
    } catch (error) {
      if (!(tooLong.signal.aborted && wasAborted(error))) throw error;
    } finally {
      cancel();
      if (chunks.cut > 0) log.warn("lines longer than 4 MiB were cut", { target: target.key, lines: chunks.cut });
    }
  }

  #send(lines: LogBatchBuilder, filter: ResumeFilter): Promise<void> | undefined {
    const point = filter.point;
    if (lines.rows === 0 || point === undefined) return undefined;
    this.#failures = 0;
    this.#point = point;
    return this.#handOn(lines, point);
  }

  async #handOn(lines: LogBatchBuilder, point: ResumePoint): Promise<void> {
    const { clock, sink, save, target } = this.#options;
    const receipt = new Receipt(() => save(point));
    const createdMs = clock.now();
    const batch = lines.build({ createdMs, receipt });
    this.lastReadMs = createdMs;
    await sink.send(batch, target.key);
    batch.release();
    receipt.settle();
  }
}
