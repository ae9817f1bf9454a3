import type { Clock } from "../../../../component/clock.ts";
import type { LineSink } from "../../../../delivery/waiting-sink.ts";
import type { ApiServer } from "../../../../kubernetes/api-server.ts";
import type { WireObject } from "../../../../kubernetes/kind.ts";
import { ListWatch } from "../../../../kubernetes/list-watch.ts";
import { LogBatchBuilder } from "../../../../signals/loki/log-batch-builder.ts";
import { internLabels } from "../../../../signals/loki/stream-labels.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import { eventLine, eventTime, type LogFormat, type WireEvent } from "./event-line.ts";

export interface NamespaceEventsOptions {
  readonly server: ApiServer;
  /** Empty: the whole cluster. */
  readonly namespace: string;
  readonly jobName: string;
  readonly instance: string;
  readonly format: LogFormat;
  readonly clock: Clock;
  readonly sink: LineSink;
  /** The state of the last event that was taken up before; 0: none. */
  readonly seen: number;
  save(position: number): void;
  trouble(error: Error | undefined): void;
}

const events = { group: "", version: "v1", resource: "events" } as const;

/**
 * Hands on the events of one namespace, each state of each once. Resource versions of a cluster rise with time: what is not beyond that of the
 * last event whose line is safe was handed on before, in this run or an earlier one.
 */
export class NamespaceEvents {
  readonly #options: NamespaceEventsOptions;
  readonly #source: ListWatch;
  #pending: WireEvent[] = [];
  #seen: number;
  lastTimestampMs = 0;

  constructor(options: NamespaceEventsOptions) {
    this.#options = options;
    this.#seen = options.seen;
    const { server, namespace, clock, trouble } = options;
    this.#source = new ListWatch(
      { server, kind: events, selection: { namespace, labels: "", fields: "" }, clock, random: Math.random },
      {
        there: (object) => void this.#pending.push(object),
        // An event that ends has been told of.
        gone: () => {},
        listed: (resourceVersion) => this.#listed(resourceVersion),
        taken: () => this.#handOn(),
        trouble,
      },
    );
  }

  /** The state of the last event that was taken up, though perhaps is not yet safe. */
  get seen(): number {
    return this.#seen;
  }

  start(): void {
    this.#source.start();
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** A cluster that was set up anew counts from the beginning. */
  #listed(resourceVersion: string): void {
    const now = versionOf({ metadata: { resourceVersion } });
    if (now < this.#seen) this.#seen = now;
  }

  #handOn(): Promise<void> | undefined {
    const fresh = this.#pending.filter((event) => versionOf(event) > this.#seen).sort((one, other) => versionOf(one) - versionOf(other));
    this.#pending = [];
    const last = fresh.at(-1);
    if (last === undefined) return undefined;
    this.#seen = versionOf(last);
    return this.#send(fresh, this.#seen);
  }

  async #send(fresh: readonly WireEvent[], position: number): Promise<void> {
    const { clock, format, jobName, instance, namespace, sink, save } = this.#options;
    const builder = new LogBatchBuilder();
    for (const event of fresh) {
      const line = eventLine(event, format);
      if (line === undefined) continue;
      const { seconds, nanos } = eventTime(event);
      const labels = internLabels([
        ["instance", instance],
        ["job", jobName],
        ["namespace", event.involvedObject?.namespace ?? ""],
      ]);
      builder.add(labels, seconds, nanos, line);
      this.lastTimestampMs = Math.max(this.lastTimestampMs, seconds * 1000 + Math.floor(nanos / 1e6));
    }
    if (builder.rows === 0) return;
    const receipt = new Receipt(() => save(position));
    const batch = builder.build({ createdMs: clock.now(), receipt });
    await sink.send(batch, namespace === "" ? "events of all namespaces" : `events of namespace ${namespace}`);
    batch.release();
    receipt.settle();
  }
}

function versionOf({ metadata }: WireObject): number {
  return Number(metadata?.resourceVersion ?? 0);
}
