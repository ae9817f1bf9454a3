import type { Clock } from "../component/clock.ts";
import { DeliveryError } from "../signals/delivery-error.ts";
import type { Accounting } from "./accounting.ts";
import type { DeliveryRequest, DestinationOptions, SendOutcome } from "./destination.ts";
import type { Entry } from "./entry.ts";
import type { FailureWatch } from "./failure-watch.ts";
import { Pauses } from "./pauses.ts";
import type { Load, RecordQueue } from "./queue.ts";
import { dropMessages } from "./refusal.ts";
import { isExhausted, retryDelay } from "./retry.ts";

export interface SenderSurroundings {
  readonly queue: RecordQueue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly accounting: Accounting;
  readonly failures: FailureWatch;
  readonly steadyNow: () => number;
  readonly options: () => DestinationOptions;
}

/**
 * Empties a queue: as many senders as the destination has shards, each with one request at a time which it repeats until the destination takes
 * it or refuses it for good. A change of the number lets running requests end; their lanes stay closed to the new senders until then.
 */
export class Senders {
  readonly #surroundings: SenderSurroundings;
  readonly #idle = new Map<number, () => void>();
  readonly #loops = new Set<Promise<void>>();
  readonly #attempts = new Set<AbortController>();
  /** Between attempts; closing the destination ends them. */
  readonly #pauses: Pauses;
  /** Goes up with every change of the number of senders: loops of an older one end. */
  #generation = 0;
  #isDraining = false;
  #isStopped = false;
  requestsInFlight = 0;

  constructor(surroundings: SenderSurroundings) {
    this.#surroundings = surroundings;
    this.#pauses = new Pauses(surroundings.clock);
    const { backlog } = surroundings.queue;
    backlog.onReady = (sender) => this.#idle.get(sender)?.();
    this.#startLoops(backlog.senders);
  }

  resize(senders: number): void {
    const { backlog } = this.#surroundings.queue;
    if (senders === backlog.senders) return;
    this.#generation++;
    this.wake();
    backlog.resize(senders);
    this.#startLoops(senders);
  }

  /** Lets every idle sender look again. */
  wake(): void {
    for (const wake of [...this.#idle.values()]) wake();
  }

  /** Sends what there is, without waiting for more, until the queue is empty or the deadline comes; then ends what still runs. */
  async drain(deadline: AbortSignal): Promise<void> {
    await this.#surroundings.queue.flush();
    this.#isDraining = true;
    this.#interrupt();
    await new Promise<void>((resolve) => {
      if (deadline.aborted) return resolve();
      deadline.addEventListener("abort", () => resolve(), { once: true });
      void Promise.all(this.#loops).then(() => resolve());
    });
    this.#isStopped = true;
    for (const attempt of this.#attempts) attempt.abort(stopReason());
    this.#interrupt();
    await Promise.all(this.#loops);
  }

  #interrupt(): void {
    this.#pauses.endAll();
    this.wake();
  }

  #startLoops(senders: number): void {
    for (let sender = 0; sender < senders; sender++) {
      const loop = this.#run(sender, this.#generation).finally(() => this.#loops.delete(loop));
      this.#loops.add(loop);
    }
  }

  async #run(sender: number, generation: number): Promise<void> {
    const { queue, steadyNow } = this.#surroundings;
    while (generation === this.#generation && !this.#isStopped) {
      const taken = queue.backlog.take(sender, steadyNow(), this.#isDraining);
      if (typeof taken !== "number") {
        if (!(await this.#deliver(taken))) return;
        continue;
      }
      if (queue.hasMore) queue.fetchMore();
      if (this.#isDraining && taken === Number.POSITIVE_INFINITY && !queue.hasMore) return;
      await this.#sleep(sender, taken);
    }
  }

  /** Sends one request until its fate is decided. False: it is left to the queue, as the destination closes. */
  async #deliver(taken: readonly Entry[]): Promise<boolean> {
    const { queue } = this.#surroundings;
    this.requestsInFlight++;
    try {
      const decided = await this.#repeat(taken);
      if (decided !== undefined) await queue.settle(decided);
      return decided !== undefined;
    } finally {
      this.requestsInFlight--;
      queue.backlog.release(taken);
    }
  }

  /** Attempts until the fate of the entries is decided and counted; gives those that are to be settled. */
  async #repeat(taken: readonly Entry[]): Promise<readonly Entry[] | undefined> {
    const { queue, accounting, failures, clock, random, options } = this.#surroundings;
    const startedMs = clock.monotonic();
    let entries = taken;
    for (let attempt = 1; ; attempt++) {
      entries = this.#dropTooOld(entries);
      const load = await queue.load(entries);
      entries = load.entries;
      if (entries.length === 0) {
        load.release();
        return entries;
      }
      if (this.#isStopped) {
        load.release();
        return undefined;
      }
      const request = requestOf(load, attempt);
      const outcome = await this.#attempt(request, load);
      if (outcome.kind === "delivered") {
        const rejected = Math.min(outcome.rejectedItems ?? 0, request.items);
        accounting.delivered(request.items - rejected, request.bytes);
        if (rejected > 0) accounting.dropped("rejected", rejected, outcome.message ?? "the destination took only a part of a request");
        failures.succeeded();
        return entries;
      }
      failures.failed(outcome.message);
      if (outcome.kind === "refused") {
        accounting.dropped(outcome.reason, request.items, outcome.message);
        return entries;
      }
      const { retry } = options();
      if (!this.#mayRetry()) return undefined;
      if (isExhausted(retry, attempt, clock.monotonic() - startedMs)) {
        accounting.dropped("retries_exhausted", request.items, `given up after ${attempt} attempts: ${outcome.message}`);
        return entries;
      }
      accounting.retried();
      await this.#pauses.pause(retryDelay(retry, attempt, outcome.retryAfterMs, random));
      if (!this.#mayRetry()) return undefined;
    }
  }

  /** What is on disk is safe there: while the destination closes, one refusal is enough. */
  #mayRetry(): boolean {
    return !this.#isStopped && !(this.#isDraining && this.#surroundings.queue.isOnDisk);
  }

  #dropTooOld(entries: readonly Entry[]): readonly Entry[] {
    const { queue, accounting, options, steadyNow } = this.#surroundings;
    const { maxAgeMs } = options().limits;
    if (maxAgeMs <= 0) return entries;
    const tooOldMs = steadyNow() - maxAgeMs;
    // Only from the front: a lane is done up to a position, without gaps.
    const young = entries.findIndex((entry) => entry.timeMs >= tooOldMs);
    if (young === 0) return entries;
    const tooOld = young < 0 ? entries : entries.slice(0, young);
    for (const entry of tooOld) accounting.dropped("too_old", entry.items, dropMessages.too_old);
    void queue.settle(tooOld);
    return entries.slice(tooOld.length);
  }

  async #attempt(request: DeliveryRequest, load: Load): Promise<SendOutcome> {
    const { clock, options } = this.#surroundings;
    const { send, timeoutMs = defaultTimeoutMs } = options();
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    const cancelTimeout = clock.after(timeoutMs, () => attempt.abort(new Error(`no answer within ${timeoutMs / 1000} s`)));
    let hasEnded = false;
    const outcome = await new Promise<SendOutcome>((resolve) => {
      const abandon = () =>
        clock.after(abortGraceMs, () =>
          resolve({ kind: "retry", message: `${messageOf(attempt.signal.reason)}, and sending did not end` }),
        );
      attempt.signal.addEventListener("abort", abandon, { once: true });
      void startSend(send, request, attempt.signal).then((ended) => {
        hasEnded = true;
        resolve(ended);
      });
    });
    cancelTimeout();
    this.#attempts.delete(attempt);
    load.release(!hasEnded || outcome.kind !== "delivered");
    return outcome;
  }

  /** Waits until the sender is woken, or `ms` have passed. */
  #sleep(sender: number, ms: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel = () => {};
      const end = () => {
        cancel();
        this.#idle.delete(sender);
        resolve();
      };
      if (ms !== Number.POSITIVE_INFINITY) cancel = this.#surroundings.clock.after(ms, end);
      this.#idle.set(sender, end);
    });
  }
}

/** Exporters bring timeouts of their own; this one keeps a fault of theirs from stopping a shard for ever. */
const defaultTimeoutMs = 5 * 60_000;
/** How long an aborted send may take to end. */
const abortGraceMs = 1000;

function stopReason(): Error {
  return new Error("the destination was closed");
}

function requestOf(load: Load, attempt: number): DeliveryRequest {
  let bytes = 0;
  let items = 0;
  for (const entry of load.entries) {
    bytes += entry.bytes;
    items += entry.items;
  }
  return { payload: load.payload, bytes, items, group: load.entries[0]?.group ?? "", attempt };
}

async function startSend(send: DestinationOptions["send"], request: DeliveryRequest, signal: AbortSignal): Promise<SendOutcome> {
  try {
    return await send(request, signal);
  } catch (thrown) {
    if (signal.aborted) return { kind: "retry", message: messageOf(signal.reason) };
    if (!(thrown instanceof DeliveryError)) return { kind: "retry", message: messageOf(thrown) };
    const { message, reason, retryAfterMs } = thrown;
    if (!thrown.retryable) return { kind: "refused", reason, message };
    return retryAfterMs === undefined ? { kind: "retry", message } : { kind: "retry", message, retryAfterMs };
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
