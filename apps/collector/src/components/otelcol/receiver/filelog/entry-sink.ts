import type { ComponentContext } from "../../../../component/context.ts";
import { deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { lineAt } from "../../../../signals/loki/log-lines.ts";
import { OtlpBatch } from "../../../../signals/otlp/batch.ts";
import type { Output } from "../../../../signals/otlp/output.ts";
import type { ReceiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import type { Args } from "./arguments.ts";
import { plainOf } from "./arguments.ts";
import { Entry } from "./entry.ts";
import { fileAttributes } from "./file-attributes.ts";
import { type LineOptions, Lines } from "./lines.ts";
import { type Attribute, attributers } from "./operators/attributers.ts";
import { Pipeline } from "./operators/pipeline.ts";
import { Settings } from "./operators/settings.ts";
import { writeEntries } from "./write-entries.ts";

const FLUSH_MS = 250;
const MOST_READY = 128;
/** What operators keep is handed on after five seconds at the latest; then what it came with is no longer needed. */
const LONGEST_HOLD_MS = 6000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;
const TRANSPORT = "";

/** Where lines of files become entries, go through the operators, and are handed on until somebody takes them. */
export class EntrySink {
  readonly #context: ComponentContext;
  readonly #output: Output;
  readonly #metrics: ReceiverMetrics;
  readonly #count: (reason: string, entries: number) => void;
  #args: Args;
  #pipeline!: Pipeline;
  #attributes: readonly Attribute[] = [];
  #lineOptions!: LineOptions;
  #fileAttributes = new Map<string, readonly (readonly [string, string])[]>();
  #lines = new Map<string, Lines>();
  /** What operators have handed on and nobody has taken: the last of it as entries, what came before as requests of `#packedEntries` entries. */
  #ready: Entry[] = [];
  #packed: Uint8Array[] = [];
  #packedEntries = 0;
  /** Of batches some of whose lines are still kept. */
  #held: { readonly receipt: Receipt; readonly sinceMs: number }[] = [];
  #cancelFlush = () => {};
  #isStopped = false;
  #wakers = new Set<() => void>();
  #warned = new Map<string, number>();

  constructor(options: {
    context: ComponentContext;
    output: Output;
    metrics: ReceiverMetrics;
    args: Args;
    dropped: (reason: string, entries: number) => void;
  }) {
    this.#context = options.context;
    this.#output = options.output;
    this.#metrics = options.metrics;
    this.#count = options.dropped;
    this.#args = options.args;
    this.#build();
  }

  start(): void {
    this.#cancelFlush = this.#context.clock.after(FLUSH_MS, () => {
      void this.#flush(this.#context.clock.now()).finally(() => {
        if (!this.#isStopped) this.start();
      });
    });
  }

  /** What is kept by the old operators is handed on first. */
  async update(args: Args): Promise<void> {
    await this.#flush(Number.POSITIVE_INFINITY);
    this.#args = args;
    this.#build();
  }

  truncated(path: string): void {
    this.#count("cut", 1);
    this.#context.log.warn("a line is longer than 4 MiB and was cut", { path });
  }

  /** A file that is begun in the middle has its header before. */
  begin(path: string, isInMiddle: boolean): void {
    this.#lines.set(path, new Lines(this.#lineOptions, isInMiddle ? path : undefined));
  }

  forget(path: string): void {
    this.#fileAttributes.delete(path);
    const lines = this.#lines.get(path);
    lines?.flush(Number.POSITIVE_INFINITY, (text) => this.#process(text, path, lines));
    this.#lines.delete(path);
  }

  async send(batch: LogBatch, path: string): Promise<void> {
    let lines = this.#lines.get(path);
    if (lines === undefined) {
      lines = new Lines(this.#lineOptions, undefined);
      this.#lines.set(path, lines);
    }
    const reading = lines;
    for (let row = 0; row < batch.rows; row++) reading.add(lineAt(batch, row).line, (text) => this.#process(text, path, reading));
    if (batch.receipt !== undefined) {
      batch.receipt.hold();
      this.#held.push({ receipt: batch.receipt, sinceMs: this.#context.clock.now() });
    }
    await this.#handOn();
  }

  /** Refusals are no longer waited out: what is not taken is read again after a restart. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelFlush();
    for (const wake of this.#wakers) wake();
  }

  /** Hands on everything that is kept. */
  drain(): Promise<void> {
    return this.#flush(Number.POSITIVE_INFINITY);
  }

  #build(): void {
    const { args, clock } = { args: this.#args, clock: this.#context.clock };
    const now = () => clock.now();
    this.#fileAttributes.clear();
    this.#lines.clear();
    this.#lineOptions = {
      multiline: args.multiline,
      header:
        args.header === undefined ? undefined : { pattern: args.header.pattern, operators: args.header.metadata_operators.map(plainOf) },
      flushAfterMs: args.force_flush_period,
      maxBytes: args.max_log_size,
      trimsStart: !args.preserve_leading_whitespaces,
      trimsEnd: !args.preserve_trailing_whitespaces,
      now,
    };
    const settings = new Settings({ attributes: args.attributes, resource: args.resource }, "filelog", () => {});
    this.#attributes = [...attributers(settings, "attributes"), ...attributers(settings, "resource")];
    this.#pipeline = new Pipeline(
      args.operators.map(plainOf),
      {
        now,
        random: Math.random,
        report: (message) => this.#context.log.error(message),
        failed: (operator, message, isDropped, isQuiet) => this.#failed(operator, message, isDropped, isQuiet),
        dropped: () => this.#count("filtered", 1),
      },
      (entry) => {
        this.#ready.push(entry);
        // Few entries live at a time, which the garbage collector thanks for.
        if (this.#ready.length >= MOST_READY) this.#pack();
      },
    );
  }

  #process(text: string, path: string, lines: Lines): void {
    const entry = new Entry(text, this.#context.clock.now());
    let known = this.#fileAttributes.get(path);
    if (known === undefined) {
      known = fileAttributes(path, this.#args);
      this.#fileAttributes.set(path, known);
    }
    for (const [key, value] of known) entry.attributes.set(key, value);
    if (this.#args.include_file_record_number) entry.attributes.set("log.file.record_number", BigInt(lines.count));
    for (const [key, value] of lines.headerAttributes) entry.attributes.set(key, value);
    try {
      for (const attribute of this.#attributes) attribute(entry);
    } catch (error) {
      this.#failed("attributes", error instanceof Error ? error.message : String(error), false, false);
    }
    this.#pipeline.process(entry);
  }

  #failed(operator: string, message: string, isDropped: boolean, isQuiet: boolean): void {
    this.#count(isDropped ? "operator_error" : "operator_error_sent", 1);
    const now = this.#context.clock.monotonic();
    // Each operator is heard once a minute.
    if (isQuiet || now - (this.#warned.get(operator) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    this.#warned.set(operator, now);
    this.#context.log.error("Failed to process entry", { operator_id: operator, error: message, action: isDropped ? "drop" : "send" });
  }

  async #flush(nowMs: number): Promise<void> {
    for (const [path, lines] of this.#lines) lines.flush(nowMs, (text) => this.#process(text, path, lines));
    this.#pipeline.flush(nowMs);
    await this.#handOn().catch((error: unknown) => {
      if (!this.#isStopped) throw error;
    });
  }

  /** Sends what is ready, with the receipts of all that it may have come from, and lets go of those that nothing is kept of any more. */
  async #handOn(): Promise<void> {
    this.#pack();
    const [chunks, items] = [this.#packed, this.#packedEntries];
    this.#packed = [];
    this.#packedEntries = 0;
    const held = [...this.#held];
    if (items > 0) {
      const receipt = Receipt.join(held.map((each) => each.receipt));
      const batch = new OtlpBatch({ signal: "logs", chunks, items, receipt });
      try {
        await this.#send(batch);
      } finally {
        batch.release();
      }
      receipt?.settle();
    }
    const isHolding = this.#pipeline.isHolding || [...this.#lines.values()].some((lines) => lines.isHolding);
    const oldest = this.#context.clock.now() - LONGEST_HOLD_MS;
    for (const each of held) {
      if ((isHolding && each.sinceMs > oldest) || !this.#held.includes(each)) continue;
      this.#held.splice(this.#held.indexOf(each), 1);
      each.receipt.settle();
    }
  }

  #pack(): void {
    if (this.#ready.length === 0) return;
    this.#packed.push(writeEntries(this.#ready));
    this.#packedEntries += this.#ready.length;
    this.#ready = [];
  }

  async #send(batch: OtlpBatch): Promise<void> {
    const { enabled, initial_interval, max_interval, max_elapsed_time } = this.#args.retry_on_failure;
    const { clock, log } = this.#context;
    const startedMs = clock.monotonic();
    for (
      let waitMs = enabled ? initial_interval : FIRST_WAIT_MS;
      ;
      waitMs = Math.min(waitMs * 1.5, enabled ? max_interval : LONGEST_WAIT_MS)
    ) {
      let refusal = this.#output.pressure("logs");
      if (refusal === undefined)
        try {
          await this.#output.consume(batch);
          this.#metrics.accepted("logs", TRANSPORT, batch.items);
          return;
        } catch (thrown) {
          refusal = deliveryErrorOf(thrown);
          this.#metrics.refused("logs", TRANSPORT, batch.items);
        }
      const isTooLate = enabled && max_elapsed_time > 0 && clock.monotonic() - startedMs >= max_elapsed_time;
      if (!refusal.retryable || isTooLate) {
        this.#count(isTooLate ? "retries_exhausted" : refusal.reason, batch.items);
        log.error("entries were refused and dropped", { entries: batch.items, err: refusal.message });
        return;
      }
      if (this.#isStopped) throw refusal;
      await this.#wait(Math.min(refusal.retryAfterMs ?? waitMs, LONGEST_WAIT_MS));
      if (this.#isStopped) throw refusal;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const cancel = this.#context.clock.after(ms, wake);
      this.#wakers.add(wake);
    });
  }
}
