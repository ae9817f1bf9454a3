import type { ComponentContext } from "../../../component/context.ts";
import type { DeliveryRequest, Destination, DestinationOptions, SendOutcome } from "../../../delivery/destination.ts";
import { openDestination } from "../../../delivery/open-destination.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { type DeliveryError, deliveryErrorOf } from "../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { encodeStreams, type StreamFragment } from "../../../signals/loki/push-encode.ts";
import type { StreamLabels } from "../../../signals/loki/stream-labels.ts";
import { compress } from "../../../transport/compression.ts";
import type { HttpClient } from "../../../transport/http/client.ts";
import { httpErrorOf } from "../../../transport/http/error.ts";
import { httpClient } from "../../../transport/http-client.ts";
import { type EndpointArgs, identityOf } from "./endpoint-arguments.ts";
import type { WriteMetrics } from "./metrics.ts";
import { StreamLimit } from "./stream-limit.ts";
import { type SentStream, StreamTable } from "./stream-table.ts";

export interface EndpointSettings {
  readonly endpoint: EndpointArgs;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly maxStreams: number;
  readonly maxAgeMs: number;
}

const DISK_BYTES = 1024 * 1024 * 1024;
/** A larger piece would have to wait until a request has room for it. */
const MOST_FRAGMENT_BYTES = 512 * 1024;
const MOST_ANSWER_BYTES = 64 * 1024;

/** One destination of the component: encodes lines for it, queues and sends them. */
export class Endpoint implements Consumer<LogBatch> {
  readonly identity: string;
  readonly #context: ComponentContext;
  readonly #metrics: WriteMetrics;
  #settings: EndpointSettings;
  #host: string;
  #client: HttpClient;
  #streams: StreamTable;
  #limit: StreamLimit;
  #destination: Destination | undefined;

  private constructor(context: ComponentContext, metrics: WriteMetrics, settings: EndpointSettings) {
    const { endpoint, externalLabels, maxStreams } = settings;
    this.identity = identityOf(endpoint);
    this.#context = context;
    this.#metrics = metrics;
    this.#settings = settings;
    this.#host = new URL(endpoint.url).host;
    this.#client = httpClient(endpoint, context);
    this.#streams = new StreamTable(externalLabels, endpoint.tenant_id);
    this.#limit = new StreamLimit(maxStreams, endpoint.batch_wait, context.clock);
    this.#begin(endpoint.tenant_id);
  }

  static async open(
    context: ComponentContext,
    metrics: WriteMetrics,
    settings: EndpointSettings,
    health: (state: "healthy" | "unhealthy", message: string) => void,
  ): Promise<Endpoint> {
    const endpoint = new Endpoint(context, metrics, settings);
    const { clock, log, metrics: scope, budget } = context;
    endpoint.#destination = await openDestination({ clock, log, metrics: scope, budget, random: Math.random, health }, endpoint.#options());
    return endpoint;
  }

  /** Takes new settings for the same identity. */
  async update(settings: EndpointSettings): Promise<void> {
    const oldClient = this.#client;
    const { endpoint, externalLabels, maxStreams } = settings;
    this.#client = httpClient(endpoint, this.#context);
    this.#settings = settings;
    this.#host = new URL(endpoint.url).host;
    this.#streams = new StreamTable(externalLabels, endpoint.tenant_id);
    this.#limit = new StreamLimit(maxStreams, endpoint.batch_wait, this.#context.clock);
    await this.#destination?.update(this.#options());
    void oldClient.close();
  }

  pressure(): DeliveryError | undefined {
    return this.#destination?.pressure();
  }

  async consume(batch: LogBatch): Promise<void> {
    const destination = this.#destination as Destination;
    const refusal = destination.pressure();
    if (refusal !== undefined) throw refusal;
    const streams = batch.streams.map((labels) => this.#streams.streamOf(labels));
    const maxBytes = Math.min(this.#settings.endpoint.batch_size, MOST_FRAGMENT_BYTES);
    const fragments = encodeStreams(
      batch,
      (stream) => (this.#isWithinLimit(batch, stream, streams[stream] as SentStream) ? (streams[stream] as SentStream).labels : undefined),
      maxBytes,
    );
    const records = gather(fragments, streams, maxBytes);
    if (records.length === 1) {
      const [record] = records as [Gathered];
      await destination.append({ ...record, ...(batch.receipt !== undefined && { receipt: batch.receipt }) });
      return;
    }
    const outcomes = await Promise.allSettled(
      records.map((record) => destination.append({ ...record, ...(batch.receipt !== undefined && { receipt: batch.receipt }) })),
    );
    this.#settle(
      records,
      outcomes.map((outcome) => (outcome.status === "rejected" ? deliveryErrorOf(outcome.reason) : undefined)),
    );
  }

  /** Sends what it can until the deadline or the endpoint's own. */
  async close(deadline: AbortSignal): Promise<void> {
    const own = new AbortController();
    const cancel = this.#context.clock.after(this.#settings.endpoint.queue_config.drain_timeout, () => own.abort());
    await this.#destination?.close(AbortSignal.any([deadline, own.signal]));
    cancel();
    await this.#client.close();
  }

  debugInfo(): unknown {
    return { endpoint: this.identity, ...this.#destination?.stats() };
  }

  /** Where a batch was taken in part, a retry of the whole would double that part: the rest is lost, and counted. */
  #settle(records: readonly Gathered[], errors: readonly (DeliveryError | undefined)[]): void {
    const first = errors.find((error) => error !== undefined);
    if (first === undefined) return;
    if (errors.every((error) => error !== undefined)) throw first;
    errors.forEach((error, at) => {
      const record = records[at] as Gathered;
      if (error !== undefined) this.#dropped(record.group, error.reason, record.items, record.bytes);
    });
  }

  #isWithinLimit(batch: LogBatch, stream: number, { tenant }: SentStream): boolean {
    if (this.#limit.admits(tenant, batch.streams[stream] as StreamLabels)) return true;
    let rows = 0;
    let bytes = 0;
    for (let row = 0; row < batch.rows; row++) {
      if (batch.stream[row] !== stream) continue;
      rows++;
      bytes += (batch.end[row] as number) - (batch.start[row] as number);
    }
    this.#dropped(tenant, "stream_limited", rows, bytes);
    return false;
  }

  async #send(request: DeliveryRequest, signal: AbortSignal): Promise<SendOutcome> {
    const { endpoint } = this.#settings;
    const body = await compress("snappy", request.payload, undefined);
    const tenant = request.group;
    this.#metrics.requestSize.of(this.#host, tenant).observe(body.length);
    const begin = this.#context.clock.monotonic();
    const answer = await this.#post(body, tenant, signal);
    const seconds = (this.#context.clock.monotonic() - begin) / 1000;
    this.#metrics.requestDuration.of(String(answer.status), this.#host, tenant).observe(seconds);
    if (answer.status >= 200 && answer.status < 300) {
      this.#metrics.sentBytes.of(this.#host, tenant).add(body.length);
      this.#metrics.sentEntries.of(this.#host, tenant).add(request.items);
      this.#metrics.latency.of(this.#host, tenant).observe((this.#destination?.stats().oldestAgeMs ?? 0) / 1000);
      return { kind: "delivered" };
    }
    const isLimited = answer.status === 429;
    const mayRetry = answer.status < 0 || answer.status >= 500 || (isLimited && endpoint.retry_on_http_429);
    const retriesLeft = endpoint.max_backoff_retries === 0 || request.attempt < endpoint.max_backoff_retries;
    if (mayRetry && retriesLeft) {
      this.#metrics.retries.of(this.#host, tenant).add(1);
      const retry = { kind: "retry", message: answer.message } as const;
      return answer.retryAfterMs === undefined ? retry : { ...retry, retryAfterMs: answer.retryAfterMs };
    }
    const reason = isLimited ? "rate_limited" : "ingester_error";
    this.#dropped(tenant, reason, request.items, body.length);
    this.#context.log.error("final error sending batch, no retries left, dropping data", {
      endpoint: this.identity,
      status: answer.status,
      tenant,
      error: answer.message,
    });
    return { kind: "refused", reason, message: answer.message };
  }

  async #post(
    body: Uint8Array,
    tenant: string,
    signal: AbortSignal,
  ): Promise<{ status: number; message: string; retryAfterMs?: number | undefined }> {
    const { endpoint } = this.#settings;
    try {
      const response = await this.#client.request({
        method: "POST",
        url: endpoint.url,
        headers: headersOf(endpoint, tenant),
        body: [body],
        timeoutMs: endpoint.remote_timeout,
        maxResponseBytes: MOST_ANSWER_BYTES,
        signal,
      });
      const line = Buffer.concat(response.body).toString("utf8", 0, 1024).split("\n", 1)[0] ?? "";
      const message = `server returned HTTP status ${response.status}: ${line}`;
      return { status: response.status, message, retryAfterMs: retryAfter(response.headers["retry-after"], this.#context.clock.now()) };
    } catch (error) {
      return { status: -1, message: httpErrorOf(error).message };
    }
  }

  #dropped(tenant: string, reason: string, entries: number, bytes: number): void {
    this.#metrics.droppedEntries.of(this.#host, tenant, reason).add(entries);
    this.#metrics.droppedBytes.of(this.#host, tenant, reason).add(bytes);
  }

  /** Metrics are there before anything happens, so that a rate has a beginning. */
  #begin(tenant: string): void {
    for (const family of [this.#metrics.sentBytes, this.#metrics.sentEntries, this.#metrics.retries]) family.of(this.#host, tenant);
    for (const reason of ["ingester_error", "rate_limited", "stream_limited", "line_too_long", "queue_is_full"])
      this.#dropped(tenant, reason, 0, 0);
  }

  #options(): DestinationOptions {
    const { endpoint, maxAgeMs } = this.#settings;
    const { capacity, min_shards, block_on_overflow } = endpoint.queue_config;
    const shards = Math.max(1, min_shards);
    return {
      component: this.#context.id,
      endpoint: this.identity,
      storagePath: this.#context.dataPath,
      limits: { maxBytes: capacity === undefined ? DISK_BYTES : capacity * shards, maxAgeMs },
      whenFull: block_on_overflow ? "refuse" : "drop-oldest",
      request: { maxBytes: endpoint.batch_size, maxItems: Number.MAX_SAFE_INTEGER, maxWaitMs: endpoint.batch_wait },
      retry: {
        initialMs: endpoint.min_backoff_period,
        maxMs: endpoint.max_backoff_period,
        multiplier: 2,
        randomization: 0.25,
        maxElapsedMs: 0,
        // Counted here, where the tenant is known.
        maxAttempts: 0,
      },
      shards,
      fsyncIntervalMs: 1000,
      send: (request, signal) => this.#send(request, signal),
      // What `#send` refused was counted there.
      onDropped: (reason, items, message) => {
        if (reason === "ingester_error" || reason === "rate_limited") return;
        this.#dropped(endpoint.tenant_id, reason === "queue_full" ? "queue_is_full" : reason, items, 0);
        this.#context.log.error("log lines were dropped", { endpoint: this.identity, reason, lines: items, error: message });
      },
    };
  }
}

interface Gathered {
  readonly payload: Uint8Array[];
  readonly group: string;
  readonly shard: number;
  items: number;
  bytes: number;
}

/** Puts streams of the same tenant and shard into one record, up to the size of a request. */
function gather(fragments: readonly StreamFragment[], streams: readonly SentStream[], maxBytes: number): Gathered[] {
  const records: Gathered[] = [];
  const open = new Map<string, Gathered>();
  for (const { stream, rows, payload } of fragments) {
    const { tenant, shard } = streams[stream] as SentStream;
    const key = `${shard} ${tenant}`;
    let record = open.get(key);
    if (record === undefined || record.bytes + payload.length > maxBytes) {
      record = { payload: [], group: tenant, shard, items: 0, bytes: 0 };
      records.push(record);
      open.set(key, record);
    }
    record.payload.push(payload);
    record.items += rows;
    record.bytes += payload.length;
  }
  return records;
}

function headersOf(endpoint: EndpointArgs, tenant: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(endpoint.headers ?? {})) headers[name.toLowerCase()] = value;
  headers["content-type"] = "application/x-protobuf";
  headers["content-encoding"] = "snappy";
  if (tenant !== "") headers["x-scope-orgid"] = tenant;
  return headers;
}

function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
