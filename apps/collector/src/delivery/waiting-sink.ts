import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { Counter, Family } from "../component/metrics.ts";
import type { Consumer } from "../signals/consumer.ts";
import { deliveryErrorOf } from "../signals/delivery-error.ts";
import type { LogBatch } from "../signals/loki/log-batch.ts";
import { Pauses } from "./pauses.ts";

/** Where a source that can wait hands its lines. */
export interface LineSink {
  /**
   * Resolves when the batch is taken, or dropped and counted: the reader waits, and reads no more, as long as nobody takes it. `from` says in the
   * log where the lines were read.
   */
  send(batch: LogBatch, from: string): Promise<void>;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export interface SinkOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Lines that were refused for good, by reason. */
  readonly dropped: Family<Counter>;
  /** The consumer that is in force now. */
  next(): Consumer<LogBatch>;
}

/** Sends batches to the consumer in force, again and again where it refuses for now, until `stop`. */
export class WaitingSink implements LineSink {
  readonly #options: SinkOptions;
  #isStopped = false;
  readonly #pauses: Pauses;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.clock);
  }

  /** Whether a batch that is refused is given up: its position does not move, so that it is read again after a restart. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    this.#pauses.endAll();
  }

  async send(batch: LogBatch, from: string): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      const next = this.#options.next();
      let refusal = next.pressure();
      if (refusal === undefined)
        try {
          await next.consume(batch);
          return;
        } catch (error) {
          refusal = deliveryErrorOf(error);
        }
      if (!refusal.retryable) {
        this.#options.dropped.of(refusal.reason).add(batch.rows);
        this.#options.log.error("lines were refused for good and dropped", { from, lines: batch.rows, err: refusal.message });
        return;
      }
      if (this.#isStopped) throw refusal;
      await this.#pauses.pause(Math.min(refusal.retryAfterMs ?? waitMs, LONGEST_WAIT_MS));
      if (this.#isStopped) throw refusal;
    }
  }
}
