import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { Positions } from "../../../../delivery/positions.ts";
import { WaitingSink } from "../../../../delivery/waiting-sink.ts";
import type { ApiServerArgs } from "../../../../kubernetes/client-arguments.ts";
import { type ApiShare, shareApiServer } from "../../../../kubernetes/shared-watches.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { fanout } from "../../../../signals/fanout.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import type { LogFormat } from "./event-line.ts";
import { NamespaceEvents } from "./namespace-events.ts";

export interface EventSourceArgs {
  readonly forward_to: readonly Consumer<LogBatch>[];
  readonly job_name: string;
  readonly namespaces: readonly string[];
  readonly log_format: LogFormat;
  readonly client: ApiServerArgs;
}

/** The events of all namespaces that are asked for. */
export class EventSource implements Component<EventSourceArgs> {
  readonly #context: ComponentContext;
  readonly #positions: Positions<number>;
  readonly #sink: WaitingSink;
  #args: EventSourceArgs;
  #next: Consumer<LogBatch>;
  #api: ApiShare | undefined;
  #sources = new Map<string, NamespaceEvents>();
  readonly #troubles = new Map<string, Error>();
  /** What sources that have ended took up: they still hand it on. */
  readonly #seen = new Map<string, number>();

  constructor(context: ComponentContext, positions: Positions<number>, args: EventSourceArgs) {
    this.#context = context;
    this.#positions = positions;
    this.#args = args;
    this.#next = fanout(args.forward_to);
    this.#sink = new WaitingSink({
      clock: context.clock,
      log: context.log,
      dropped: context.metrics.counter("loki_source_kubernetes_events_dropped_lines_total", {
        help: "Lines that were refused for good.",
        labels: ["reason"],
      }),
      next: () => this.#next,
    });
  }

  start(): void {
    this.#open();
  }

  async update(args: EventSourceArgs): Promise<void> {
    // A client that can't be made leaves everything as it was.
    const probe = shareApiServer(args.client, this.#context);
    this.#next = fanout(args.forward_to);
    await this.#close();
    this.#args = args;
    this.#open();
    await probe.release();
  }

  async stop(): Promise<void> {
    this.#sink.stop();
    await this.#close();
    await this.#positions.close();
  }

  debugInfo(): unknown {
    return {
      event_controller: [...this.#sources].map(([namespace, source]) => ({
        namespace,
        last_event_timestamp: new Date(source.lastTimestampMs).toISOString(),
      })),
    };
  }

  #open(): void {
    const { namespaces, job_name: jobName, log_format: format, client } = this.#args;
    const api = shareApiServer(client, this.#context);
    this.#api = api;
    for (const namespace of namespaces.length === 0 ? [""] : new Set(namespaces)) {
      const key = keyOf(namespace);
      const source = new NamespaceEvents({
        server: api.server,
        namespace,
        jobName,
        instance: this.#context.globalId,
        format,
        clock: this.#context.clock,
        sink: this.#sink,
        seen: this.#seen.get(key) ?? this.#positions.get(key) ?? 0,
        save: (position) => this.#save(key, position),
        trouble: (error) => this.#trouble(namespace, error),
      });
      this.#sources.set(namespace, source);
      source.start();
    }
  }

  /** Batches may become safe in another order than they were sent. */
  #save(key: string, position: number): void {
    if (position > (this.#positions.get(key) ?? 0)) this.#positions.set(key, position);
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#sources.values()].map((source) => source.close()));
    for (const [namespace, { seen }] of this.#sources) this.#seen.set(keyOf(namespace), seen);
    this.#sources = new Map();
    await this.#api?.release();
    this.#api = undefined;
  }

  #trouble(namespace: string, error: Error | undefined): void {
    if (error === undefined) this.#troubles.delete(namespace);
    else this.#troubles.set(namespace, error);
    const [first] = this.#troubles.values();
    if (first === undefined) this.#context.health("healthy", "watching events");
    else this.#context.health("unhealthy", `events can't be watched: ${first.message}`);
  }
}

function keyOf(namespace: string): string {
  return namespace === "" ? "events" : `events-${namespace}`;
}
