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
import { type Turns, turnsOf, type Watches } from "./turns.ts";

export interface EventSourceArgs {
  readonly forward_to: readonly Consumer<LogBatch>[];
  readonly job_name: string;
  readonly namespaces: readonly string[];
  readonly log_format: LogFormat;
  readonly client: ApiServerArgs;
  readonly clustering: { readonly enabled: boolean } | undefined;
}

/** The events of all namespaces that are asked for. */
export class EventSource implements Component<EventSourceArgs> {
  readonly #context: ComponentContext;
  readonly #positions: Positions<number>;
  readonly #sink: WaitingSink;
  #args: EventSourceArgs;
  #next: Consumer<LogBatch>;
  #api: ApiShare | undefined;
  readonly #sources = new Map<string, NamespaceEvents>();
  #turns: Turns | undefined;
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
    // The next one goes on where this one ends: what was taken up is handed on first.
    if (this.#turns === undefined) this.#sink.stop();
    await this.#close();
    this.#sink.stop();
    await this.#positions.close();
  }

  debugInfo(): unknown {
    return {
      event_controller: [...this.#sources].map(([key, source]) => ({
        namespace: key === keyOf("") ? "" : key.slice(keyOf("").length + 1),
        last_event_timestamp: new Date(source.lastTimestampMs).toISOString(),
      })),
    };
  }

  #open(): void {
    const { namespaces, client, clustering } = this.#args;
    const api = shareApiServer(client, this.#context);
    this.#api = api;
    const byKey = new Map((namespaces.length === 0 ? [""] : namespaces).map((namespace) => [keyOf(namespace), namespace]));
    const open = (key: string, seen?: number) => this.#watch(key, byKey.get(key) ?? "", seen);
    const watches: Watches = {
      keys: [...byKey.keys()],
      open,
      close: (key) => this.#unwatch(key),
      position: (key) => this.#positions.get(key),
      isUnderWay: (key) => (this.#seen.get(key) ?? 0) > (this.#positions.get(key) ?? 0),
    };
    this.#turns = clustering?.enabled === true ? turnsOf(this.#context, api.server, watches) : undefined;
    if (this.#turns !== undefined) this.#turns.start();
    else for (const key of byKey.keys()) open(key);
  }

  #watch(key: string, namespace: string, seen: number | undefined): void {
    const { job_name: jobName, log_format: format } = this.#args;
    if (this.#api === undefined || this.#sources.has(key)) return;
    // What another has told of is not told again.
    if (seen !== undefined) this.#save(key, seen);
    const source = new NamespaceEvents({
      server: this.#api.server,
      namespace,
      jobName,
      instance: this.#context.globalId,
      format,
      clock: this.#context.clock,
      sink: this.#sink,
      seen: Math.max(this.#seen.get(key) ?? 0, this.#positions.get(key) ?? 0),
      save: (position) => this.#save(key, position),
      trouble: (error) => this.#trouble(namespace, error),
    });
    this.#sources.set(key, source);
    source.start();
  }

  async #unwatch(key: string): Promise<void> {
    const source = this.#sources.get(key);
    if (source === undefined) return;
    this.#sources.delete(key);
    await source.close();
    this.#seen.set(key, source.seen);
  }

  /** Batches may become safe in another order than they were sent. */
  #save(key: string, position: number): void {
    if (position > (this.#positions.get(key) ?? 0)) this.#positions.set(key, position);
  }

  async #close(): Promise<void> {
    await this.#turns?.stop();
    this.#turns = undefined;
    await Promise.all([...this.#sources.keys()].map((key) => this.#unwatch(key)));
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
