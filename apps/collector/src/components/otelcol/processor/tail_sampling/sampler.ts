import { ProtobufReader } from "../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import type { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { resourceLevel, scopeLevel, spanField } from "../../../../signals/otlp/fields.ts";
import { ItemCursor, RESOURCE, SCOPE } from "../../../../signals/otlp/item-cursor.ts";
import type { ProcessorMetrics } from "../../../../signals/otlp/processor-metrics.ts";
import type { Judge } from "./judge.ts";
import type { Outbox } from "./outbox.ts";
import type { Decision } from "./policies/policy.ts";
import type { SamplerMetrics } from "./sampler-metrics.ts";
import { EMPTY_CHAIN, SpanLog } from "./span-log.ts";
import { TraceIds } from "./trace-ids.ts";

/** Decisions are made once a second. */
export const TICK_MS = 1000;
const FEW_TRACES = 1000;
/** What a trace takes beside its spans. */
const TRACE_BYTES = 256;

export interface SamplerSettings {
  readonly decisionWaitMs: number;
  readonly afterRootMs: number;
  readonly maxTraces: number;
  readonly blocks: boolean;
  /** 0: no limit. */
  readonly maxTraceBytes: number;
  readonly keptCacheSize: number;
  readonly droppedCacheSize: number;
}

/** A trace that was not decided about yet. */
interface Pending {
  readonly id: string;
  readonly arrivedMs: number;
  /** The tick at which it is decided about. */
  due: number;
  spans: number;
  bytes: number;
  /** Where its last spans lie. */
  page: number;
  offset: number;
}

interface Decided {
  readonly isKept: boolean;
  readonly atMs: number;
  readonly arrivedMs: number;
}

interface Parts {
  readonly context: ComponentContext;
  readonly judge: Judge;
  readonly outbox: Outbox;
  readonly metrics: SamplerMetrics;
  readonly flow: ProcessorMetrics;
}

/** Keeps spans until their traces are decided about. */
export class Sampler {
  readonly #context: ComponentContext;
  readonly #metrics: SamplerMetrics;
  readonly #flow: ProcessorMetrics;
  readonly #outbox: Outbox;
  judge: Judge;
  #settings: SamplerSettings;
  readonly #log: SpanLog;
  /** In the order in which they came. */
  readonly #pending = new Map<string, Pending>();
  readonly #decided: TraceIds<Decided>;
  readonly #kept: TraceIds<true>;
  readonly #dropped: TraceIds<true>;
  /** By tick, the traces that may be due then. */
  readonly #due = new Map<number, Pending[]>();
  /** Entries in these lists, those of traces that are gone included. */
  #listed = 0;
  #tick = 0;
  readonly #cursor = new ItemCursor("traces");
  readonly #view = new ItemCursor("traces");
  readonly #fields = new ProtobufReader();
  readonly #scratch = new ProtobufWriter(64 * 1024);
  #waiting: (() => void)[] = [];

  constructor(settings: SamplerSettings, { context, judge, outbox, metrics, flow }: Parts) {
    this.#settings = settings;
    this.#context = context;
    this.#metrics = metrics;
    this.#flow = flow;
    this.#outbox = outbox;
    this.judge = judge;
    this.#log = new SpanLog(context.budget);
    this.#decided = new TraceIds(settings.maxTraces, context.budget);
    this.#kept = new TraceIds(settings.keptCacheSize, context.budget);
    this.#dropped = new TraceIds(settings.droppedCacheSize, context.budget);
  }

  get pending(): number {
    return this.#pending.size;
  }

  get bytes(): number {
    return this.#log.byteLength;
  }

  /** Other settings count from now on; traces that wait are decided about when they were to be. */
  update(settings: SamplerSettings): void {
    this.#settings = settings;
    this.#kept.size = settings.keptCacheSize;
    this.#kept.shrink(settings.keptCacheSize);
    this.#dropped.size = settings.droppedCacheSize;
    this.#dropped.shrink(settings.droppedCacheSize);
  }

  /** The refusal that `add` would wait or throw with now. */
  get refusal(): DeliveryError | undefined {
    const { blocks, maxTraces } = this.#settings;
    if (!blocks || this.#pending.size < maxTraces) return undefined;
    return new DeliveryError("tail_sampling: num_traces are in memory, and block_on_overflow is set", {
      retryable: true,
      reason: "num_traces",
      retryAfterMs: TICK_MS,
    });
  }

  /** Resolves when there is room for a further trace. */
  async room(): Promise<void> {
    while (this.refusal !== undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Takes the spans of a batch. */
  add({ chunks }: OtlpBatch): void {
    for (const chunk of chunks) this.#addChunk(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#outbox.flush();
  }

  #addChunk(chunk: Buffer): void {
    const cursor = this.#cursor.reset(chunk);
    const fields = this.#fields;
    let origin = -1;
    let originBytes = 0;
    let stored = 0;
    while (cursor.next()) {
      if (cursor.entered <= SCOPE) {
        if (origin >= 0) this.#log.release(origin);
        origin = -1;
      }
      const { start, end } = cursor;
      let id = "";
      let isRoot = true;
      fields.reset(chunk, start, end);
      while (fields.next())
        if (fields.field === spanField.traceId) id = chunk.toString("latin1", fields.start, fields.stop);
        else if (fields.field === spanField.parentSpanId) isRoot = !isSet(chunk, fields.start, fields.stop);
      let trace = this.#pending.get(id);
      if (trace === undefined) {
        if (this.#isKnown(id, chunk, cursor)) continue;
        this.#makeRoom();
        trace = this.#begin(id);
      }
      if (origin < 0) {
        const heads = this.#heads(chunk, cursor);
        originBytes = heads.resource.length + heads.scope.length;
        origin = this.#log.origin(heads.resource, heads.scope);
      }
      if (!this.#append(trace, origin, chunk, start, end)) {
        this.#flow.dropped("traces", 1, "memory_budget");
        continue;
      }
      if (trace.spans === 0 || cursor.entered <= SCOPE) trace.bytes += originBytes;
      trace.spans++;
      trace.bytes += end - start + 3;
      stored++;
      if (isRoot && this.#settings.afterRootMs > 0) this.#dueAt(trace, this.#tick + Math.floor(this.#settings.afterRootMs / TICK_MS));
      if (this.#settings.maxTraceBytes > 0 && trace.bytes > this.#settings.maxTraceBytes) {
        this.#metrics.tooLarge.add(1);
        this.#forget(trace, "trace_too_large");
        this.#remember(trace, false);
      }
    }
    if (origin >= 0) this.#log.release(origin);
    this.#flow.buffered("traces", stored);
  }

  /** Appends a span; where there is no memory, traces that came first make room if they may. */
  #append(trace: Pending, origin: number, chunk: Buffer, start: number, end: number): boolean {
    while (!this.#log.append(trace, origin, chunk, start, end)) {
      const [oldest] = this.#pending.values();
      if (this.#settings.blocks || oldest === undefined || oldest === trace) return false;
      this.#metrics.tooEarly.add(1);
      this.#forget(oldest, "memory_budget");
    }
    return true;
  }

  /** Deals with a span whose trace was decided about. */
  #isKnown(id: string, chunk: Uint8Array, cursor: ItemCursor): boolean {
    if (this.#kept.get(id) !== undefined) {
      this.#forward(chunk, cursor);
      this.#metrics.early.kept.add(1);
      return true;
    }
    if (this.#dropped.get(id) !== undefined) {
      this.#flow.dropped("traces", 1, "not_sampled");
      this.#metrics.early.dropped.add(1);
      return true;
    }
    const decided = this.#decided.get(id);
    if (decided === undefined) return false;
    this.#metrics.lateSpanAge.observe(Math.floor((this.#context.clock.now() - decided.atMs) / 1000));
    if (decided.isKept) this.#forward(chunk, cursor);
    else this.#flow.dropped("traces", 1, "not_sampled");
    return true;
  }

  /** Sends the current span on, on its own. */
  #forward(chunk: Uint8Array, cursor: ItemCursor): void {
    const { resource, scope } = this.#heads(chunk, cursor);
    const writer = new ProtobufWriter(cursor.end - cursor.start + resource.length + scope.length + 32);
    const resourceMark = writer.begin(1, cursor.end - cursor.start + resource.length + scope.length);
    writer.raw(resource);
    const scopeMark = writer.begin(resourceLevel.scopes, cursor.end - cursor.start + scope.length);
    writer.raw(scope);
    writer.copy(scopeLevel.items, chunk, cursor.start, cursor.end);
    writer.finish(scopeMark);
    writer.finish(resourceMark);
    this.#flow.buffered("traces", 1);
    this.#outbox.add(writer.toBytes(), 1);
  }

  /** What the current span lies in: fields of ResourceSpans and ScopeSpans beside scopes and spans. */
  #heads(chunk: Uint8Array, cursor: ItemCursor): { readonly resource: Uint8Array; readonly scope: Uint8Array } {
    const resource = cursor.levels[RESOURCE - 1] as ProtobufReader;
    const scope = cursor.levels[SCOPE - 1] as ProtobufReader;
    return {
      resource: without(chunk, resource.start, resource.stop, resourceLevel.scopes),
      scope: without(chunk, scope.start, scope.stop, scopeLevel.items),
    };
  }

  /** Makes room for one more trace: decided ones are forgotten before others are lost. */
  #makeRoom(): void {
    const { maxTraces, blocks } = this.#settings;
    this.#decided.shrink(Math.max(maxTraces - this.#pending.size - 1, 0));
    if (blocks || this.#pending.size < maxTraces) return;
    const [oldest] = this.#pending.values();
    if (oldest === undefined) return;
    this.#metrics.tooEarly.add(1);
    this.#forget(oldest, "num_traces");
  }

  #begin(id: string): Pending {
    const ticks = Math.max(1, Math.floor(this.#settings.decisionWaitMs / TICK_MS));
    const due = this.#tick + ticks;
    const trace: Pending = {
      id,
      arrivedMs: this.#context.clock.now(),
      due,
      spans: 0,
      bytes: 0,
      page: EMPTY_CHAIN.page,
      offset: EMPTY_CHAIN.offset,
    };
    this.#reserveTrace();
    this.#pending.set(id, trace);
    this.#enqueue(trace);
    this.#metrics.newTraces.add(1);
    return trace;
  }

  /** Many small traces are more memory than their spans: those that came first make room for them, too, if they may. */
  #reserveTrace(): void {
    const { budget } = this.#context;
    while (!budget.reserve(TRACE_BYTES)) {
      const [oldest] = this.#pending.values();
      if (this.#settings.blocks || oldest === undefined) {
        budget.take(TRACE_BYTES);
        return;
      }
      this.#metrics.tooEarly.add(1);
      this.#forget(oldest, "memory_budget");
    }
  }

  #enqueue(trace: Pending): void {
    if (this.#listed > 2 * this.#pending.size + FEW_TRACES) this.#unlistGone();
    const waiting = this.#due.get(trace.due);
    if (waiting === undefined) this.#due.set(trace.due, [trace]);
    else waiting.push(trace);
    this.#listed++;
  }

  /** Traces that were lost are listed until they would have been due: where many are, that would be memory without bound. */
  #unlistGone(): void {
    this.#listed = 0;
    for (const [tick, traces] of this.#due) {
      const left = traces.filter((trace) => trace.due === tick && this.#pending.get(trace.id) === trace);
      this.#due.set(tick, left);
      this.#listed += left.length;
    }
  }

  /** Decides earlier about a trace than was planned. */
  #dueAt(trace: Pending, due: number): void {
    if (due >= trace.due) return;
    trace.due = due;
    this.#enqueue(trace);
  }

  /** Lets go of a trace's spans, which are lost for `reason`. */
  #forget(trace: Pending, reason: string): void {
    this.#flow.buffered("traces", -trace.spans);
    this.#flow.dropped("traces", trace.spans, reason);
    this.#leave(trace);
  }

  #leave(trace: Pending): void {
    this.#log.free(trace);
    this.#pending.delete(trace.id);
    this.#context.budget.release(TRACE_BYTES);
    this.#metrics.removalAge.observe(Math.floor((this.#context.clock.now() - trace.arrivedMs) / 1000));
  }

  #remember(trace: Pending, isKept: boolean): void {
    const cache = isKept ? this.#kept : this.#dropped;
    if (cache.size > 0) cache.put(trace.id, true);
    else {
      this.#decided.size = Math.max(this.#settings.maxTraces - this.#pending.size, 0);
      this.#decided.put(trace.id, { isKept, atMs: this.#context.clock.now(), arrivedMs: trace.arrivedMs });
    }
  }

  /** Decides about the traces whose time has come. To be called once a second. */
  tick(): void {
    if (this.#outbox.isFull) return;
    const startMs = this.#context.clock.monotonic();
    const due = this.#due.get(this.#tick) ?? [];
    this.#decideAll(due, this.#tick);
    this.#due.delete(this.#tick);
    this.#listed -= due.length;
    this.#tick++;
    this.#outbox.flush();
    this.#metrics.latency.observe(this.#context.clock.monotonic() - startMs);
    this.#metrics.onMemory.set(this.#pending.size + this.#decided.count);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #decideAll(traces: readonly Pending[], tick: number): void {
    for (const trace of traces) if (trace.due === tick && this.#pending.get(trace.id) === trace) this.#decide(trace);
  }

  #decide(trace: Pending): void {
    const scratch = this.#scratch;
    scratch.clear();
    this.#log.write(trace, scratch);
    const chunk = scratch.bytes.subarray(0, scratch.length);
    const view = { id: idBytes(trace.id), spans: trace.spans, chunk, cursor: this.#view };
    const decision: Decision = this.judge.decide(view);
    const isKept = decision === "sampled";
    if (isKept) {
      this.#leave(trace);
      this.#outbox.add(scratch.toBytes(), trace.spans);
    } else this.#forget(trace, decision);
    this.#remember(trace, isKept);
  }

  /** Decides about all that waits, or drops it, and gives all memory back. */
  end(dropsPending: boolean): void {
    for (const trace of [...this.#pending.values()]) {
      if (dropsPending) this.#forget(trace, "stopping");
      else this.#decide(trace);
    }
    this.#outbox.flush();
    this.#due.clear();
    this.#listed = 0;
    for (const ids of [this.#decided, this.#kept, this.#dropped]) ids.shrink(0);
    this.#log.close();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function idBytes(id: string): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.write(id, "latin1");
  return bytes;
}

function isSet(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return true;
  return false;
}

function without(bytes: Uint8Array, start: number, end: number, left: number): Uint8Array {
  const writer = new ProtobufWriter(256);
  const fields = new ProtobufReader().reset(bytes, start, end);
  while (fields.next()) if (fields.field !== left) writer.raw(bytes, fields.tagStart, fields.stop);
  return writer.bytes.subarray(0, writer.length);
}
