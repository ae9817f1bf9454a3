import type { ComponentContext } from "../../../component/context.ts";
import { Pauses } from "../../../delivery/pauses.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError, deliveryErrorOf } from "../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { describeLine, lineAt } from "../../../signals/loki/log-lines.ts";
import { Receipt } from "../../../signals/receipt.ts";
import { Frame, Selection } from "./frame.ts";
import { Pipeline } from "./pipeline.ts";
import type { ProcessCounters, StageConfig } from "./stage.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/**
 * Sends batches through the stages and on. Stages count, sample and keep lines back, so that a batch must not go through them twice: when those
 * below refuse the result for now, it is sent again and again, and `pressure` tells sources to wait.
 */
export class Processor implements Consumer<LogBatch> {
  readonly #context: ComponentContext;
  readonly #counters: ProcessCounters;
  #refreshers: (() => void)[] = [];
  #configs: readonly StageConfig[];
  #pipeline: Pipeline;
  #next: Consumer<LogBatch>;
  #refusal: DeliveryError | undefined;
  readonly #pauses: Pauses;
  readonly #underWay = new Set<Promise<void>>();
  #isAborted = false;

  constructor(context: ComponentContext, configs: readonly StageConfig[], next: Consumer<LogBatch>) {
    this.#context = context;
    this.#pauses = new Pauses(context.clock);
    this.#counters = processCounters(context);
    this.#configs = configs;
    this.#next = next;
    this.#pipeline = this.#compile(configs);
    context.metrics.beforeScrape(() => {
      for (const refresh of this.#refreshers) refresh();
    });
  }

  pressure(): DeliveryError | undefined {
    return this.#refusal ?? this.#next.pressure();
  }

  async consume(batch: LogBatch): Promise<void> {
    this.#publish(batch, "[IN]", 0);
    if (this.#pipeline.isEmpty) {
      this.#publish(batch, "[OUT]", batch.rows);
      return this.#next.consume(batch);
    }
    // Before any stage has done anything, so that the sender can try again.
    const refusal = this.pressure();
    if (refusal !== undefined) throw refusal;
    const pipeline = this.#pipeline;
    const frame = new Frame(batch, pipeline.names);
    if (batch.rows <= pipeline.mostRows) {
      const selection = frame.all();
      const done = pipeline.run(frame, selection);
      if (done !== undefined) await done;
      return this.#send(frame, selection);
    }
    for (let from = 0; from < batch.rows; from += pipeline.mostRows) {
      const rows = frame.order.slice(from, Math.min(batch.rows, from + pipeline.mostRows));
      const selection = new Selection(rows, rows.length);
      await pipeline.run(frame, selection);
      await this.#send(frame, selection);
    }
  }

  /** What stages keep back goes through the old ones before new ones take over. */
  async update(configs: readonly StageConfig[], next: Consumer<LogBatch>): Promise<void> {
    if (JSON.stringify(configs) !== JSON.stringify(this.#configs)) {
      const old = this.#pipeline;
      const oldRefreshers = this.#refreshers;
      this.#refreshers = [];
      try {
        this.#pipeline = this.#compile(configs);
      } catch (error) {
        this.#refreshers = oldRefreshers;
        throw error;
      }
      this.#configs = configs;
      old.flush();
      old.close();
    }
    this.#next = next;
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#pipeline.flush();
    this.#pipeline.close();
    const abort = () => {
      this.#isAborted = true;
      this.#pauses.endAll();
    };
    if (deadline.aborted) abort();
    else deadline.addEventListener("abort", abort, { once: true });
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    deadline.removeEventListener("abort", abort);
  }

  #compile(configs: readonly StageConfig[]): Pipeline {
    const { clock, log, metrics } = this.#context;
    const refreshers = this.#refreshers;
    return new Pipeline(configs, {
      clock,
      log,
      metrics,
      counters: this.#counters,
      random: Math.random,
      beforeScrape: (refresh) => refreshers.push(refresh),
      deliver: (frame, selection) => {
        // Lines that were kept back have nobody who waits for them.
        this.#send(frame, selection).catch((error: unknown) => this.#lost(deliveryErrorOf(error), selection.count));
      },
    });
  }

  async #send(frame: Frame, selection: Selection): Promise<void> {
    const carried = frame.carried.splice(0);
    const { receipt } = frame.batch;
    const own = receipt === undefined || carried.includes(receipt) ? carried : [receipt, ...carried];
    const joined = carried.length === 0 ? undefined : Receipt.join(own);
    const batch = frame.build(selection, joined ?? receipt);
    if (batch !== undefined) {
      this.#publish(batch, "[OUT]", batch.rows);
      try {
        await this.#consumeBelow(batch);
      } finally {
        batch.release();
      }
    }
    joined?.settle();
    for (const one of carried) one.settle();
  }

  #consumeBelow(batch: LogBatch): Promise<void> {
    const sent = this.#sendPatiently(batch);
    const settled = sent.then(
      () => {},
      () => {},
    );
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    return sent;
  }

  async #sendPatiently(batch: LogBatch): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        await this.#next.consume(batch);
        this.#refusal = undefined;
        return;
      } catch (thrown) {
        const error = deliveryErrorOf(thrown);
        if (!error.retryable) throw error;
        this.#refusal = error;
        if (!this.#isAborted) await this.#pauses.pause(Math.min(error.retryAfterMs ?? waitMs, LONGEST_WAIT_MS));
        if (this.#isAborted) throw new DeliveryError("the component stops", { retryable: true, reason: "stopping" });
      }
    }
  }

  #lost(error: DeliveryError, lines: number): void {
    // A source that can read again does so after a restart: its receipt is not settled.
    this.#counters.dropped.of(error.reason).add(lines);
    this.#context.log.error("lines that were kept back could not be sent on", { lines, err: error.message });
  }

  #publish(batch: LogBatch, mark: string, count: number): void {
    const { debugStream } = this.#context;
    if (!debugStream.watched) return;
    for (let row = 0; row < batch.rows; row++)
      debugStream.publish("loki_log", count === 0 ? 0 : 1, () => `${mark}: ${describeLine(lineAt(batch, row))}`);
  }
}

function processCounters({ metrics }: ComponentContext): ProcessCounters {
  const help = "A count of all log lines dropped as a result of a pipeline stage";
  return {
    dropped: metrics.counter("loki_process_dropped_lines_total", { help, labels: ["reason"] }),
    droppedByLabel: metrics.counter("loki_process_dropped_lines_by_label_total", { help, labels: ["label_name", "label_value"] }),
    truncated: metrics.counter("loki_process_truncated_fields_total", {
      help: "A count of all log lines, labels, extracted values, or structured_metadata truncated as a result of a pipeline stage",
      labels: ["field"],
    }),
    partialLinesFlushed: metrics
      .counter("loki_process_cri_partial_lines_flushed_total", {
        help: "A count of partial lines that were flushed prematurely due to the max_partial_lines limit being exceeded",
      })
      .of(),
    criLinesTruncated: metrics
      .counter("loki_process_cri_lines_truncated_total", {
        help: "A count of lines that were truncated due to the max_partial_line_size limit",
      })
      .of(),
  };
}
