import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import { ReadSlot } from "./read-slot.ts";
import { SleepWatch } from "./sleep-watch.ts";

/** What the loop drives: one name whose file is read. */
export interface Tailed {
  readonly path: string;
  readonly isOpen: boolean;
  looksUnchanged(): boolean;
  step(slot: ReadSlot): Promise<boolean>;
}

/** Files are read by so many at the same time. */
const SLOTS = 4;
/** A file that was silent so long is watched rather than polled. */
const SLEEP_AFTER_MS = 5_000;
/** Sleeping files are looked at all the same, since an event may be lost. */
const SLEEPING_POLL_MS = 2_000;
const ABSENT_POLL_MS = 10_000;

interface Entry {
  readonly tail: Tailed;
  state: "waiting" | "queued" | "running" | "rerun";
  delayMs: number;
  nextPollMs: number;
  lastChangeMs: number;
  isAsleep: boolean;
  /** Its writes give no events. */
  isDeaf: boolean;
  whenIdle: (() => void)[];
}

/**
 * Decides which file is read next. All files share one timer and a few slots; a file that has more to read goes to the end of the queue after each chunk, so
 * that a large one does not hold up the others.
 */
export class TailLoop {
  readonly #entries = new Map<Tailed, Entry>();
  readonly #queue: Entry[] = [];
  readonly #idleSlots: ReadSlot[] = Array.from({ length: SLOTS }, () => new ReadSlot());
  readonly #watch = new SleepWatch();
  readonly #clock: Clock;
  readonly #log: Logger;
  #minPollMs: number;
  #maxPollMs: number;
  #cancelTimer: () => void = () => {};
  /** When the timer goes off; Infinity while there is none. */
  #wakesMs = Number.POSITIVE_INFINITY;
  #startedMs: number | undefined;
  #isStopped = false;

  constructor(options: { clock: Clock; log: Logger; minPollMs: number; maxPollMs: number }) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#maxPollMs = options.maxPollMs;
    this.#minPollMs = Math.min(options.minPollMs, options.maxPollMs);
  }

  start(): void {
    this.#startedMs = this.#clock.monotonic();
    this.#poll();
  }

  update(minPollMs: number, maxPollMs: number): void {
    this.#maxPollMs = maxPollMs;
    this.#minPollMs = Math.min(minPollMs, maxPollMs);
  }

  add(tail: Tailed): void {
    const now = this.#clock.monotonic();
    const entry: Entry = {
      tail,
      state: "waiting",
      delayMs: this.#minPollMs,
      nextPollMs: now,
      lastChangeMs: now,
      isAsleep: false,
      isDeaf: false,
      whenIdle: [],
    };
    this.#entries.set(tail, entry);
    this.#enqueue(entry);
  }

  /** Resolves when the tail is not being read any more. */
  async remove(tail: Tailed): Promise<void> {
    const entry = this.#entries.get(tail);
    if (entry === undefined) return;
    this.#entries.delete(tail);
    this.#watch.awake(tail.path);
    if (entry.state === "running" || entry.state === "rerun") await new Promise<void>((resolve) => entry.whenIdle.push(resolve));
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#watch.close();
    this.#queue.length = 0;
    await Promise.all([...this.#entries.keys()].map((tail) => this.remove(tail)));
  }

  #poll(): void {
    if (this.#isStopped) return;
    this.#cancelTimer();
    this.#wakesMs = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    for (const entry of this.#entries.values()) {
      if (entry.state !== "waiting") continue;
      if (entry.nextPollMs > now + this.#minPollMs / 2) this.#wakeAbout(entry.nextPollMs);
      else if (this.#looksUnchanged(entry.tail)) this.#settle(entry, false);
      else {
        if (entry.isAsleep) {
          entry.isDeaf = true;
          this.#wake(entry);
        }
        this.#enqueue(entry);
      }
    }
  }

  /**
   * Sees to it that the timer goes off about then; until then the loop sleeps. Polls are multiples of the shortest wait after the start, so that
   * many files are looked at in one go.
   */
  #wakeAbout(timeMs: number): void {
    if (this.#isStopped || this.#startedMs === undefined) return;
    const wakesMs = this.#startedMs + Math.round((timeMs - this.#startedMs) / this.#minPollMs) * this.#minPollMs;
    if (wakesMs >= this.#wakesMs) return;
    this.#cancelTimer();
    this.#wakesMs = wakesMs;
    this.#cancelTimer = this.#clock.after(wakesMs - this.#clock.monotonic(), () => this.#poll());
  }

  #looksUnchanged(tail: Tailed): boolean {
    try {
      return tail.looksUnchanged();
    } catch {
      // The step meets the same error and reports it.
      return false;
    }
  }

  #enqueue(entry: Entry): void {
    if (this.#isStopped) return;
    if (entry.state === "running") entry.state = "rerun";
    if (entry.state !== "waiting") return;
    entry.state = "queued";
    this.#queue.push(entry);
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#idleSlots.pop();
      if (slot === undefined) return;
      const entry = this.#queue.shift() as Entry;
      if (!this.#entries.has(entry.tail)) {
        this.#idleSlots.push(slot);
        continue;
      }
      entry.state = "running";
      void this.#run(entry, slot);
    }
  }

  async #run(entry: Entry, slot: ReadSlot): Promise<void> {
    let hasMore = false;
    try {
      hasMore = await entry.tail.step(slot);
    } catch (error) {
      if (!this.#isStopped) this.#log.error("failed to tail file", { path: entry.tail.path, err: String(error) });
    }
    this.#idleSlots.push(slot);
    const isWanted = hasMore || entry.state === "rerun";
    entry.state = "waiting";
    for (const resolve of entry.whenIdle.splice(0)) resolve();
    if (this.#entries.has(entry.tail)) {
      this.#settle(entry, hasMore);
      if (isWanted) this.#enqueue(entry);
    }
    this.#dispatch();
  }

  /** Decides when the file is looked at next. */
  #settle(entry: Entry, hasChanged: boolean): void {
    const now = this.#clock.monotonic();
    if (hasChanged) {
      entry.lastChangeMs = now;
      entry.delayMs = this.#minPollMs;
    } else {
      const most = entry.tail.isOpen ? this.#maxPollMs : Math.max(this.#maxPollMs, ABSENT_POLL_MS);
      entry.delayMs = Math.min(entry.delayMs * 2, most);
    }
    if (!hasChanged && entry.tail.isOpen && !entry.isAsleep && !entry.isDeaf && now - entry.lastChangeMs >= SLEEP_AFTER_MS)
      entry.isAsleep = this.#watch.sleep(entry.tail.path, () => {
        this.#wake(entry);
        this.#enqueue(entry);
      });
    entry.nextPollMs = now + (entry.isAsleep ? Math.max(entry.delayMs, SLEEPING_POLL_MS) : entry.delayMs);
    this.#wakeAbout(entry.nextPollMs);
  }

  #wake(entry: Entry): void {
    entry.isAsleep = false;
    entry.lastChangeMs = this.#clock.monotonic();
    this.#watch.awake(entry.tail.path);
  }
}
