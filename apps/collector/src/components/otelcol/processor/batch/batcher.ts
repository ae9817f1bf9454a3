import type { Clock } from "../../../../component/clock.ts";
import type { Budget } from "../../../../delivery/budget.ts";
import type { ClientInfo } from "../../../../signals/client-info.ts";
import { type DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../../signals/otlp/batch.ts";
import { Receipt } from "../../../../signals/receipt.ts";
import { Patience } from "./patience.ts";
import { Handed, Pending, type Taken } from "./pending.ts";

/** Who sends longer than this has given up by then: such batches are acknowledged when they come in. */
export const LONGEST_WAIT_MS = 2000;
/** Once waiting is in vain, a batch goes after so much silence. */
const SILENCE_MS = 3;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 5000;

export interface BatchLimits {
  readonly timeoutMs: number;
  readonly size: number;
  readonly maxSize: number;
}

export interface BatcherSurroundings {
  readonly clock: Clock;
  readonly budget: Budget;
  readonly output: OtelConsumer;
  limits(): BatchLimits;
  /** A batch goes out; `trigger` says why. */
  sent(trigger: "size" | "timeout", items: number, bytes: number): void;
  /** Data of one sender has left: taken, handed back to a sender who waits, or lost where it was acknowledged. */
  left(items: number, outcome: "taken" | "refused" | "lost", error: DeliveryError | undefined): void;
}

/** Collects the data of one signal and one combination of metadata into batches. */
export class Batcher {
  readonly #surroundings: BatcherSurroundings;
  readonly #signal: Signal;
  readonly #client: ClientInfo | undefined;
  readonly #pending: Pending;
  readonly #patience: Patience;
  readonly #underway = new Set<Promise<void>>();
  #cancelTimer: (() => void) | undefined;
  #cancelSilence = () => {};
  #isStopping = false;
  readonly #deadline = new AbortController();
  /** Why acknowledged data does not get on; set while it is tried again. */
  stuck: DeliveryError | undefined;

  constructor(surroundings: BatcherSurroundings, signal: Signal, client: ClientInfo | undefined) {
    this.#surroundings = surroundings;
    this.#signal = signal;
    this.#client = client;
    this.#pending = new Pending(signal);
    this.#patience = new Patience(surroundings.clock);
  }

  get items(): number {
    return this.#pending.items;
  }

  /** Resolves when all of the batch was taken further on; at once where the timeout is longer than senders wait. */
  add(batch: OtlpBatch): Promise<void> {
    const { items } = batch;
    if (this.#acknowledgesEarly()) {
      batch.retain(this.#surroundings.budget);
      batch.receipt?.hold();
      const handed = new Handed(batch.receipt, true, (error) => {
        this.#surroundings.left(items, error === undefined ? "taken" : "lost", error);
        batch.receipt?.settle();
        batch.release();
      });
      this.#add(batch, handed);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const handed = new Handed(batch.receipt, false, (error) => {
        this.#surroundings.left(items, error === undefined ? "taken" : "refused", error);
        if (error === undefined) resolve();
        else reject(error);
      });
      this.#add(batch, handed);
    });
  }

  #acknowledgesEarly(): boolean {
    return this.#surroundings.limits().timeoutMs > LONGEST_WAIT_MS;
  }

  #add(batch: OtlpBatch, handed: Handed): void {
    this.#pending.add(batch, handed);
    const { timeoutMs, size, maxSize } = this.#surroundings.limits();
    if (timeoutMs === 0 || size === 0 || this.#isStopping) {
      while (this.#pending.senders > 0) this.#send("size", maxSize);
      return;
    }
    while (this.#pending.items >= size) {
      this.#patience.filled();
      this.#send("size", maxSize);
    }
    if (this.#pending.senders === 0) return;
    if (!this.#acknowledgesEarly() && this.#patience.arrived(this.#pending.senders)) this.flush();
    else {
      this.#cancelTimer ??= this.#surroundings.clock.after(timeoutMs, () => this.flush());
      if (this.#patience.isVain) {
        this.#cancelSilence();
        this.#cancelSilence = this.#surroundings.clock.after(SILENCE_MS, () => this.flush());
      }
    }
  }

  /** Sends what waits. */
  flush(): void {
    const { maxSize, timeoutMs } = this.#surroundings.limits();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#patience.flushed(this.#pending.senders, timeoutMs);
    while (this.#pending.senders > 0) this.#send("timeout", maxSize);
  }

  /** Sends what waits, and what will still come at once; resolves when everything was taken, or at the deadline. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopping = true;
    if (deadline.aborted) this.#deadline.abort();
    else deadline.addEventListener("abort", () => this.#deadline.abort(), { once: true });
    this.flush();
    await this.drained();
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    while (this.#underway.size > 0) await Promise.allSettled([...this.#underway]);
  }

  #send(trigger: "size" | "timeout", maxSize: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#cancelSilence();
    const taken = this.#pending.take(maxSize);
    this.#surroundings.sent(trigger, taken.items, taken.bytes);
    const delivery = this.#deliver(taken).finally(() => {
      this.#underway.delete(delivery);
      this.#patience.answered();
    });
    this.#underway.add(delivery);
  }

  async #deliver(taken: Taken): Promise<void> {
    const receipts = taken.from.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]));
    const receipt = Receipt.join(receipts);
    const { chunks, items, sources: from } = taken;
    const batch = new OtlpBatch({ signal: this.#signal, chunks, items, client: this.#client, receipt, from });
    const error = taken.isAcknowledged ? await this.#insist(batch) : await this.#try(batch);
    receipt?.settle();
    batch.release();
    for (const handed of taken.from) handed.ended(error);
  }

  async #try(batch: OtlpBatch): Promise<DeliveryError | undefined> {
    try {
      await this.#surroundings.output.consume(batch);
      return undefined;
    } catch (thrown) {
      return deliveryErrorOf(thrown);
    }
  }

  /** For data whose sender has been told that we have it: tried again until it is taken, or refused for good, or time is up. */
  async #insist(batch: OtlpBatch): Promise<DeliveryError | undefined> {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
      const error = await this.#try(batch);
      if (error === undefined) {
        this.stuck = undefined;
        return undefined;
      }
      if (!error.retryable || this.#deadline.signal.aborted) {
        this.stuck = undefined;
        return error;
      }
      this.stuck = error;
      await this.#pause(error.retryAfterMs ?? waitMs);
    }
  }

  /** Waits, at most until the deadline of the stop. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#deadline;
      const end = () => {
        cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.#surroundings.clock.after(ms, end);
      signal.addEventListener("abort", end);
    });
  }
}
