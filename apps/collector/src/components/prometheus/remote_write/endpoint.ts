import type { ComponentContext } from "../../../component/context.ts";
import type { Destination, DestinationOptions } from "../../../delivery/destination.ts";
import { openDestination } from "../../../delivery/open-destination.ts";
import { compileRules } from "../../../relabel/rules.ts";
import { type LabelChange, SeriesRelabel } from "../../../relabel/series-relabel.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { type DeliveryError, deliveryErrorOf } from "../../../signals/delivery-error.ts";
import {
  encodeExemplars,
  encodeHistograms,
  encodeSamples,
  type LabelSource,
  ownLabels,
  ShardBuffer,
} from "../../../signals/prometheus/remote-write/encode.ts";
import { WithExternalLabels } from "../../../signals/prometheus/remote-write/external-labels.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { cloudCredentials } from "../../../transport/cloud-credential-arguments.ts";
import type { HttpClient } from "../../../transport/http/client.ts";
import { httpClient } from "../../../transport/http-client.ts";
import { type EndpointArgs, VERSION_2 } from "./arguments.ts";
import { KnownMetadata } from "./known-metadata.ts";
import { type EndpointMetrics, endpointMetrics, type RecordKind } from "./metrics.ts";
import { RequestMemory } from "./request-memory.ts";
import { sendRequest } from "./sender.ts";

export interface EndpointSettings {
  readonly identity: string;
  readonly args: EndpointArgs;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly maxAgeMs: number;
}

/** Records of a batch; a power of two. Fixed, so that a series' records keep their order whatever the number of senders. */
const RECORD_SHARDS = 8;
const DISK_BYTES = 1024 * 1024 * 1024;
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** How often the number of senders is thought over. */
const RESHARD_MS = 10_000;
/** Buffers that are kept for the next batch. */
const KEPT_BUFFERS = 4;
/** Larger ones are given back. */
const KEPT_BYTES = 1024 * 1024;
const RELABEL_TURN_MS = 10 * 60_000;

/** One destination of the component: a queue of its own, and what its samples go through before it. */
export class Endpoint implements Consumer<SampleBatch> {
  readonly identity: string;
  readonly #context: ComponentContext;
  readonly #metrics: EndpointMetrics;
  #settings: EndpointSettings;
  #client: HttpClient;
  #labels: WithExternalLabels | undefined;
  #relabel: SeriesRelabel | undefined;
  readonly #metadata = new KnownMetadata(processSeries);
  #destination!: Destination;
  #shards: number;
  readonly #buffers: ShardBuffer[][] = [];
  readonly #memory = new RequestMemory();
  #cancelTimers: (() => void)[] = [];
  #nextRelabelTurnMs = 0;

  private constructor(context: ComponentContext, settings: EndpointSettings) {
    this.identity = settings.identity;
    this.#context = context;
    this.#settings = settings;
    this.#metrics = endpointMetrics(context.metrics, settings.identity, shownUrl(settings.args.url));
    this.#client = this.#newClient();
    this.#labels = this.#newLabels();
    this.#relabel = this.#newRelabel();
    this.#shards = fewestShards(settings.args);
  }

  static async open(
    context: ComponentContext,
    settings: EndpointSettings,
    health: (state: "healthy" | "unhealthy", message: string) => void,
  ): Promise<Endpoint> {
    const endpoint = new Endpoint(context, settings);
    const { clock, log, metrics, budget } = context;
    endpoint.#destination = await openDestination({ clock, log, metrics, budget, random: Math.random, health }, endpoint.#options());
    endpoint.#schedule();
    context.metrics.beforeScrape(() => endpoint.#expose());
    return endpoint;
  }

  async update(settings: EndpointSettings): Promise<void> {
    const oldClient = this.#client;
    this.#settings = settings;
    this.#client = this.#newClient();
    const oldLabels = this.#labels;
    this.#labels = this.#newLabels();
    oldLabels?.close();
    this.#relabel?.close();
    this.#relabel = this.#newRelabel();
    this.#shards = Math.min(Math.max(this.#shards, fewestShards(settings.args)), settings.args.queue_config.max_shards);
    await this.#destination.update(this.#options());
    this.#schedule();
    void oldClient.close();
  }

  pressure(): DeliveryError | undefined {
    return this.#destination.pressure();
  }

  async consume(batch: SampleBatch): Promise<void> {
    const { args } = this.#settings;
    this.#metadata.take(batch, args.protobuf_message === VERSION_2 && args.metadata_config.send);
    this.#maybeTurn();
    const sent = this.#relabel === undefined ? batch : this.#relabel.apply(batch);
    if (sent === undefined) return;
    const appended: Promise<void>[] = [];
    const used: ShardBuffer[][] = [];
    try {
      this.#encode(sent, appended, used);
      await this.#settle(appended);
    } finally {
      if (sent !== batch) sent.release();
      for (const shards of used) this.#giveBack(shards);
    }
  }

  async close(deadline: AbortSignal): Promise<void> {
    for (const cancel of this.#cancelTimers) cancel();
    await this.#destination.close(deadline);
    await this.#client.close();
    this.#relabel?.close();
    this.#labels?.close();
    this.#metadata.close();
    this.#metrics.remove();
  }

  debugInfo(): unknown {
    return { endpoint: this.identity, url: shownUrl(this.#settings.args.url), shards: this.#shards, ...this.#destination.stats() };
  }

  #encode(batch: SampleBatch, appended: Promise<void>[], used: ShardBuffer[][]): void {
    const { args } = this.#settings;
    const { byKind } = this.#metrics;
    const nowMs = this.#context.clock.now();
    const ageLimit = args.queue_config.sample_age_limit;
    const oldestMs = ageLimit > 0 ? nowMs - ageLimit : Number.NEGATIVE_INFINITY;
    const labels: LabelSource = this.#relabel === undefined && this.#labels !== undefined ? this.#labels : ownLabels(batch.table);
    if (batch.count > 0) {
      const shards = this.#takeBuffers(used);
      const interval = args.metadata_config.send_interval;
      const hasMetadata = args.protobuf_message === VERSION_2 && args.metadata_config.send && !this.#metadata.isEmpty;
      const metadataOf = hasMetadata ? (series: number) => this.#metadata.dueFor(series, nowMs, interval) : undefined;
      const tooOld = encodeSamples(batch, labels, oldestMs, shards, metadataOf);
      if (tooOld > 0) byKind.samples.dropped("too_old").add(tooOld);
      this.#append("samples", shards, appended);
    }
    if (batch.histograms !== undefined) {
      if (args.send_native_histograms) {
        const shards = this.#takeBuffers(used);
        const tooOld = encodeHistograms(batch, labels, oldestMs, shards);
        if (tooOld > 0) byKind.histograms.dropped("too_old").add(tooOld);
        this.#append("histograms", shards, appended);
      } else byKind.histograms.dropped("not_sent").add(batch.histograms.count);
    }
    if (batch.exemplars !== undefined && args.send_exemplars) {
      const shards = this.#takeBuffers(used);
      encodeExemplars(batch, labels, shards);
      this.#append("exemplars", shards, appended);
    }
  }

  #append(kind: RecordKind, shards: readonly ShardBuffer[], appended: Promise<void>[]): void {
    for (const [shard, buffer] of shards.entries()) {
      if (buffer.items === 0) continue;
      const { items } = buffer;
      this.#metrics.byKind[kind].in.add(items);
      appended.push(
        this.#destination.append({ payload: [buffer.written()], items, shard, group: kind }).catch((thrown: unknown) => {
          const error = deliveryErrorOf(thrown);
          this.#metrics.byKind[kind].dropped(error.reason).add(items);
          this.#metrics.enqueueRetries.add(1);
          throw error;
        }),
      );
    }
  }

  /** The batch is refused where the queue took none of it: what was taken in part is not to be sent again. */
  async #settle(appended: readonly Promise<void>[]): Promise<void> {
    let refusal: DeliveryError | undefined;
    let isTaken = appended.length === 0;
    for (const outcome of await Promise.allSettled(appended))
      if (outcome.status === "fulfilled") isTaken = true;
      else refusal ??= deliveryErrorOf(outcome.reason);
    if (!isTaken && refusal !== undefined) throw refusal;
  }

  #takeBuffers(used: ShardBuffer[][]): ShardBuffer[] {
    const shards = this.#buffers.pop() ?? Array.from({ length: RECORD_SHARDS }, () => new ShardBuffer());
    used.push(shards);
    return shards;
  }

  #giveBack(shards: ShardBuffer[]): void {
    if (this.#buffers.length >= KEPT_BUFFERS || shards.some(({ bytes }) => bytes.length > KEPT_BYTES)) return;
    for (const shard of shards) shard.clear();
    this.#buffers.push(shards);
  }

  /** Results of relabelling that nobody uses are forgotten now and then. */
  #maybeTurn(): void {
    const now = this.#context.clock.monotonic();
    if (this.#relabel === undefined || now < this.#nextRelabelTurnMs) return;
    if (this.#nextRelabelTurnMs > 0) this.#relabel.nextTurn(2);
    this.#nextRelabelTurnMs = now + RELABEL_TURN_MS;
  }

  #schedule(): void {
    for (const cancel of this.#cancelTimers) cancel();
    const { clock } = this.#context;
    const every = (ms: number, work: () => void) => {
      let cancel = () => {};
      const arm = () => {
        cancel = clock.after(ms, () => {
          work();
          arm();
        });
      };
      arm();
      return () => cancel();
    };
    const { send, send_interval } = this.#settings.args.metadata_config;
    this.#cancelTimers = [every(RESHARD_MS, () => this.#reshard())];
    if (send && this.#settings.args.protobuf_message !== VERSION_2)
      this.#cancelTimers.push(every(Math.max(send_interval, 1000), () => this.#sendMetadata()));
  }

  #sendMetadata(): void {
    const { max_samples_per_send } = this.#settings.args.metadata_config;
    for (const { payload, items } of this.#metadata.requests(max_samples_per_send)) {
      this.#metrics.byKind.metadata.in.add(items);
      this.#destination
        .append({ payload: [payload], items, shard: 0, group: "metadata" })
        .catch((thrown: unknown) => this.#metrics.byKind.metadata.dropped(deliveryErrorOf(thrown).reason).add(items));
    }
  }

  /** More senders while what waits grows old, fewer when nothing does. */
  #reshard(): void {
    const { max_shards, batch_send_deadline } = this.#settings.args.queue_config;
    const { oldestAgeMs, failingSinceMs, bufferedItems } = this.#destination.stats();
    const isBehind = oldestAgeMs > batch_send_deadline + RESHARD_MS / 2 && failingSinceMs === undefined;
    const desired = isBehind ? this.#shards * 2 : bufferedItems === 0 ? this.#shards - 1 : this.#shards;
    const shards = Math.min(Math.max(desired, fewestShards(this.#settings.args)), max_shards);
    this.#metrics.shardsDesired.set(Math.max(desired, 1));
    if (shards === this.#shards) return;
    this.#context.log.debug("remote storage resharding", { endpoint: this.identity, from: this.#shards, to: shards });
    this.#shards = shards;
    void this.#destination.update(this.#options());
  }

  #expose(): void {
    const { queue_config: queue } = this.#settings.args;
    const { byKind, maxSamplesPerSend, shardCapacity, shards, shardsMax, shardsMin } = this.#metrics;
    maxSamplesPerSend.set(queue.max_samples_per_send);
    shardCapacity.set(queue.capacity);
    shards.set(this.#shards);
    shardsMax.set(queue.max_shards);
    shardsMin.set(queue.min_shards);
    // What is left on disk from before is samples, nearly all of it.
    const { bufferedItems } = this.#destination.stats();
    const others = (["histograms", "exemplars", "metadata"] as const).map((kind) => {
      const { in: taken, sent, failed, pending } = byKind[kind];
      const waiting = Math.min(Math.max(taken.value - sent.value - failed.value, 0), bufferedItems);
      pending.set(waiting);
      return waiting;
    });
    byKind.samples.pending.set(Math.max(bufferedItems - others.reduce((total, each) => total + each, 0), 0));
  }

  #newClient(): HttpClient {
    const { args } = this.#settings;
    const credentials = cloudCredentials(args, this.#context);
    return httpClient(args, this.#context, {
      ...(credentials !== undefined && { credentials }),
      rotateAddresses: args.round_robin_dns,
    });
  }

  #newLabels(): WithExternalLabels | undefined {
    const { externalLabels } = this.#settings;
    return Object.keys(externalLabels).length === 0 ? undefined : new WithExternalLabels(processSeries, externalLabels);
  }

  #newRelabel(): SeriesRelabel | undefined {
    const { args, externalLabels } = this.#settings;
    if (args.write_relabel_config.length === 0) return undefined;
    const rules = compileRules(args.write_relabel_config);
    const external = Object.entries(externalLabels);
    const change: LabelChange = (labels) => {
      for (const [name, value] of external) if (!labels.has(name)) labels.set(name, value);
      return rules.apply(labels, "legacy");
    };
    return new SeriesRelabel(processSeries, change, this.#context.budget);
  }

  #options(): DestinationOptions {
    const { args, maxAgeMs } = this.#settings;
    const { queue_config: queue } = args;
    const { dataPath } = this.#context;
    return {
      component: this.#context.globalId,
      endpoint: this.identity,
      storagePath: dataPath,
      limits: {
        maxBytes: DISK_BYTES,
        maxAgeMs,
        ...(dataPath === undefined && { maxItems: queue.capacity * queue.max_shards }),
      },
      whenFull: "drop-oldest",
      request: { maxBytes: MAX_REQUEST_BYTES, maxItems: queue.max_samples_per_send, maxWaitMs: queue.batch_send_deadline },
      retry: {
        initialMs: queue.min_backoff,
        maxMs: queue.max_backoff,
        multiplier: 2,
        randomization: 0,
        maxElapsedMs: 0,
        maxAttempts: 0,
      },
      shards: this.#shards,
      fsyncIntervalMs: 1000,
      timeoutMs: args.remote_timeout + 5000,
      send: (request, signal) =>
        sendRequest(request, signal, {
          endpoint: args,
          client: this.#client,
          metrics: this.#metrics,
          clock: this.#context.clock,
          memory: this.#memory,
        }),
      onDropped: (reason, items, message) => {
        this.#context.log.error("samples were dropped", { endpoint: this.identity, reason, samples: items, error: message });
        // What the destination refused is counted where its answer is read.
        if (!reason.startsWith("http_") && reason !== "unconfirmed" && reason !== "rejected")
          this.#metrics.byKind.samples.dropped(reason).add(items);
      },
    };
  }
}

/** A few senders from the start keep what a scrape brings out of the backlog on disk. */
function fewestShards({ queue_config: { min_shards, max_shards } }: EndpointArgs): number {
  return Math.min(Math.max(min_shards, 4), max_shards);
}

function shownUrl(text: string): string {
  const url = new URL(text);
  if (url.password !== "") url.password = "xxxxx";
  return url.href;
}
