import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { MetricScope } from "../../component/metrics.ts";
import type { Span, SpanKind, Tracer } from "../../component/tracing.ts";
import type { Consumer } from "../../signals/consumer.ts";
import type { OtlpBatch } from "../../signals/otlp/batch.ts";
import { nanosOfMs, unixNano } from "../../signals/otlp/unix-nano.ts";
import type { AttributeValue } from "../../signals/otlp/write/attributes.ts";
import { RequestWriter } from "../../signals/otlp/write/request.ts";
import { PARENT_ID, SPAN_ID, SpanDraft, TRACE_ID } from "../../signals/otlp/write/span.ts";
import type { Sampler } from "./sampler.ts";
import { fillRandom, formatTraceparent, type ParentSpan, parseTraceparent } from "./trace-ids.ts";

export interface TracingSettings {
  readonly sampler: Sampler;
  readonly sendsTraceparent: boolean;
  /** Undefined: spans are made for the sake of `traceparent` only. */
  readonly consumer: Consumer<OtlpBatch> | undefined;
}

/** Spans wait so long for others to leave with, unless there are enough. */
const WAIT_MS = 5_000;
const ENOUGH_SPANS = 512;
/** Beyond so many that wait spans are dropped and counted. */
const MOST_SPANS = 2_048;
const WARN_EVERY_MS = 60_000;
const kinds = { internal: 1, server: 2, client: 3 } as const satisfies Record<SpanKind, number>;
const STATUS_OK = 1;
const STATUS_ERROR = 2;
const schemaUrl = "https://opentelemetry.io/schemas/1.41.0";

/** Makes spans of the process's own work and hands them on as OTLP, a few seconds' worth at a time. */
export class ProcessTracer implements Tracer {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #resource: Readonly<Record<string, AttributeValue>>;
  readonly #draft = new SpanDraft();
  readonly #sent: { add(amount: number): void };
  readonly #dropped: { of(reason: string): { add(amount: number): void } };
  #settings: TracingSettings | undefined;
  #request = new RequestWriter("traces");
  #sending: Promise<void> | undefined;
  #cancelFlush: (() => void) | undefined;
  #nextWarningMs = 0;

  constructor(options: { clock: Clock; log: Logger; metrics: MetricScope; version: string }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#resource = {
      "process.runtime.description": "Node.js",
      "process.runtime.name": "nodejs",
      "process.runtime.version": process.versions.node,
      "service.name": "alloy",
      "service.version": options.version,
      "telemetry.sdk.language": "nodejs",
      "telemetry.sdk.name": "invar",
      "telemetry.sdk.version": options.version,
    };
    this.#sent = options.metrics.counter("invar_tracing_spans_sent_total", { help: "Spans of this process that were handed on." }).of();
    this.#dropped = options.metrics.counter("invar_tracing_spans_dropped_total", {
      help: "Spans of this process that were lost, and why.",
      labels: ["reason"],
    });
  }

  get isOn(): boolean {
    return this.#settings !== undefined;
  }

  get sendsTraceparent(): boolean {
    return this.#settings?.sendsTraceparent ?? false;
  }

  /** Undefined: no spans from now on. */
  configure(settings: TracingSettings | undefined): void {
    this.#settings = settings;
  }

  start(name: string, kind: SpanKind, parent?: Span | string): Span {
    const inherited = typeof parent === "string" ? parseTraceparent(parent) : parent instanceof OwnSpan ? parent.asParent() : undefined;
    const ids = Buffer.alloc(32);
    if (inherited === undefined) fillRandom(ids, TRACE_ID, SPAN_ID);
    else {
      ids.set(inherited.ids.subarray(0, 16), TRACE_ID);
      ids.set(inherited.ids.subarray(16, 24), PARENT_ID);
    }
    fillRandom(ids, SPAN_ID, PARENT_ID);
    const settings = this.#settings;
    const isSampled = settings !== undefined && (inherited?.isSampled ?? settings.sampler(ids, name));
    return new OwnSpan(this, ids, isSampled, name, kind, this.#clock);
  }

  /** A span that is kept has ended. */
  add(span: OwnSpan, durationMs: number, problem: string | undefined): void {
    if (this.#settings?.consumer === undefined) return;
    if (this.#request.items >= MOST_SPANS) {
      this.#dropped.of("queue_full").add(1);
      return;
    }
    const draft = this.#draft;
    draft.clear();
    draft.ids.set(span.ids);
    draft.name = span.name;
    draft.kind = kinds[span.kind];
    // Sampled, and known whether the parent is remote is not.
    draft.flags = 1;
    nanosOfMs(span.startMs);
    draft.startLow = unixNano.low;
    draft.startHigh = unixNano.high;
    nanosOfMs(span.startMs + durationMs);
    draft.endLow = unixNano.low;
    draft.endHigh = unixNano.high;
    for (const [key, value] of span.attributes)
      draft.attributes.set(key, typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value);
    if (problem !== undefined) {
      draft.statusCode = STATUS_ERROR;
      draft.statusMessage = problem;
    } else if (span.kind === "internal") draft.statusCode = STATUS_OK;
    const request = this.#request;
    if (request.isEmpty) {
      request.beginResource(this.#resource, schemaUrl);
      request.beginScope({ name: "invar" });
    }
    const item = request.beginItem();
    draft.writeTo(request.writer);
    request.endItem(item);
    if (request.items >= ENOUGH_SPANS) this.#flush();
    else this.#cancelFlush ??= this.#clock.after(WAIT_MS, () => this.#flush());
  }

  /** Hands on what waits; resolves when that is done or `deadline` is aborted. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#flush();
    const gone = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      else deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#sending, gone]);
    this.#settings = undefined;
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const consumer = this.#settings?.consumer;
    // One after the other: what comes meanwhile waits, up to the bound.
    if (this.#sending !== undefined || this.#request.isEmpty) return;
    const { items } = this.#request;
    const batch = this.#request.batch();
    if (consumer === undefined) {
      batch.release();
      return;
    }
    this.#sending = consumer
      .consume(batch)
      .then(
        () => this.#sent.add(items),
        (error: unknown) => this.#lost(items, error),
      )
      .finally(() => {
        batch.release();
        this.#sending = undefined;
        if (!this.#request.isEmpty) this.#cancelFlush ??= this.#clock.after(WAIT_MS, () => this.#flush());
      });
  }

  #lost(spans: number, error: unknown): void {
    this.#dropped.of("refused").add(spans);
    const now = this.#clock.monotonic();
    if (now < this.#nextWarningMs) return;
    this.#nextWarningMs = now + WARN_EVERY_MS;
    this.#log.warn("the collector's own spans were not taken", { spans, err: error instanceof Error ? error.message : String(error) });
  }
}

class OwnSpan implements Span {
  readonly ids: Buffer;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly attributes: [string, string | number | boolean][] = [];
  readonly #tracer: ProcessTracer;
  readonly #isSampled: boolean;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #hasEnded = false;

  constructor(tracer: ProcessTracer, ids: Buffer, isSampled: boolean, name: string, kind: SpanKind, clock: Clock) {
    this.#tracer = tracer;
    this.ids = ids;
    this.#isSampled = isSampled;
    this.name = name;
    this.kind = kind;
    this.#clock = clock;
    this.startMs = clock.now();
    this.#startedAt = clock.monotonic();
  }

  get traceparent(): string {
    return formatTraceparent(this.ids, this.#isSampled);
  }

  asParent(): ParentSpan {
    return { ids: this.ids, isSampled: this.#isSampled };
  }

  set(key: string, value: string | number | boolean): void {
    if (this.#isSampled) this.attributes.push([key, value]);
  }

  end(problem?: string): void {
    if (this.#hasEnded || !this.#isSampled) return;
    this.#hasEnded = true;
    this.#tracer.add(this, this.#clock.monotonic() - this.#startedAt, problem);
  }
}
