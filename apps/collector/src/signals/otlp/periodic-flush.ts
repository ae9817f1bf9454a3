import type { ComponentContext } from "../../component/context.ts";
import type { DeliveryError } from "../delivery-error.ts";
import type { OtelConsumer, OtlpBatch } from "./batch.ts";
import { insist } from "./insist.ts";

export interface FlushSource {
  /** What was gathered since the last call, as a batch at count 1; undefined where there is nothing to send. */
  gather(): OtlpBatch | undefined;
  /** The batch was taken, or is lost. */
  ended(batch: OtlpBatch, error: DeliveryError | undefined): void;
}

/**
 * Sends what a component has gathered, at intervals. One send at a time: while a batch is not taken, the component goes on gathering and the next
 * batch holds all of it, so that a slow destination costs no memory and nothing is lost.
 */
export class PeriodicFlush {
  readonly #context: ComponentContext;
  readonly #output: OtelConsumer;
  readonly #source: FlushSource;
  readonly #deadline = new AbortController();
  #intervalMs: number;
  #isRunning = false;
  #cancelTimer: (() => void) | undefined;
  #sending: Promise<void> | undefined;
  /** Why the last batch is not taken yet. */
  stuck: DeliveryError | undefined;

  constructor(context: ComponentContext, output: OtelConsumer, source: FlushSource, intervalMs: number) {
    this.#context = context;
    this.#output = output;
    this.#source = source;
    this.#intervalMs = intervalMs;
  }

  start(): void {
    this.#isRunning = true;
    this.#schedule();
  }

  /** Another interval counts from now on. */
  update(intervalMs: number): void {
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    if (this.#isRunning) this.#schedule();
  }

  /** Sends nothing by itself any more, until `start`. */
  pause(): void {
    this.#isRunning = false;
    this.#cancelTimer?.();
  }

  /** Sends what there is, unless a send is under way. */
  flush(): void {
    if (this.#sending !== undefined) return;
    const batch = this.#source.gather();
    if (batch === undefined) return;
    this.#sending = this.#send(batch).finally(() => {
      this.#sending = undefined;
    });
  }

  /** Waits for what is under way, then sends the rest; at the deadline what is not taken is lost. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#isRunning = false;
    this.#cancelTimer?.();
    if (deadline.aborted) this.#deadline.abort();
    else deadline.addEventListener("abort", () => this.#deadline.abort(), { once: true });
    await this.#sending;
    this.flush();
    await this.#sending;
  }

  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#context.clock.after(this.#intervalMs, () => {
      this.flush();
      this.#schedule();
    });
  }

  async #send(batch: OtlpBatch): Promise<void> {
    const { clock, budget, log } = this.#context;
    batch.retain(budget);
    const error = await insist(batch, {
      output: this.#output,
      clock,
      deadline: this.#deadline.signal,
      waiting: (why) => {
        this.stuck = why;
      },
    });
    this.stuck = undefined;
    if (error !== undefined) log.error("what was gathered is lost: nobody took it", { items: batch.items, err: error });
    this.#source.ended(batch, error);
    batch.release();
    batch.release();
  }
}
