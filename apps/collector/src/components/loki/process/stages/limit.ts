import { bool, defaulted, float, int, many, required, string } from "../../../../component/arguments.ts";
import type { Clock } from "../../../../component/clock.ts";
import type { Frame, Selection } from "../frame.ts";
import { defineStage, filtering, type Stage, type StageContext } from "../stage.ts";

/** With fewer, values would be forgotten so fast that nothing is limited. */
const LEAST_DISTINCT = 10_000;

export const limit = defineStage(
  many(
    "Lets so many lines a second through.",
    {
      arguments: {
        rate: required(float, "Lines a second."),
        burst: required(int, "Lines that may come at once."),
        by_label_name: defaulted(string, "Limits each value of this label by itself; lines without it pass.", ""),
        drop: defaulted(bool, "Whether lines beyond the rate are dropped; otherwise they wait, and so do the sources.", false),
        max_distinct_labels: defaulted(int, "How many values of `by_label_name` are told apart.", LEAST_DISTINCT),
      },
    },
    {
      check: (args, report) => {
        if (args.rate <= 0 || args.burst <= 0) report("limit stage failed to parse rate or burst");
        if (args.by_label_name !== "" && !args.drop) report("when ratelimiting by label, drop must be true", "by_label_name");
      },
    },
  ),
  (args, context) => {
    const { clock, counters } = context;
    const makeBucket = () => new Bucket(args.rate, args.burst, clock);
    if (args.by_label_name !== "") {
      const label = args.by_label_name;
      const dropped = counters.dropped.of("ratelimit_drop_stage");
      const buckets = new Generations(Math.max(args.max_distinct_labels, LEAST_DISTINCT), makeBucket);
      return filtering((frame, row) => {
        const value = frame.labels(row).get(label);
        if (value === undefined || buckets.of(value).take()) return true;
        dropped.add(1);
        counters.droppedByLabel.of(label, value).add(1);
        return false;
      });
    }
    const bucket = makeBucket();
    if (!args.drop) return new WaitingLimit(bucket, args.burst, context);
    const dropped = counters.dropped.of("ratelimit_drop_stage");
    return filtering(() => {
      if (bucket.take()) return true;
      dropped.add(1);
      return false;
    });
  },
);

class WaitingLimit implements Stage {
  readonly #bucket: Bucket;
  readonly #clock: Clock;
  readonly #wakers = new Set<() => void>();
  #isClosed = false;

  constructor(bucket: Bucket, burst: number, context: StageContext) {
    this.#bucket = bucket;
    this.#clock = context.clock;
    context.limitRows(burst);
  }

  run(_: Frame, selection: Selection): void | Promise<void> {
    const waitMs = this.#bucket.reserve(selection.count);
    if (waitMs <= 0 || this.#isClosed) return undefined;
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(waitMs, wake);
      this.#wakers.add(wake);
    });
  }

  /** Lines that wait go on at once: the component stops. */
  close(): void {
    this.#isClosed = true;
    for (const wake of this.#wakers) wake();
  }
}

/** A token bucket, full at first. */
class Bucket {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(rate: number, burst: number, clock: Clock) {
    this.#perMs = rate / 1000;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledAt = clock.monotonic();
  }

  take(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Takes tokens in advance; the milliseconds until they would be there. */
  reserve(count: number): number {
    this.#fill();
    this.#tokens -= count;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}

/** Values by key, of which those that were not used for long are forgotten. */
class Generations<Value> {
  readonly #most: number;
  readonly #make: () => Value;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(most: number, make: () => Value) {
    this.#most = most;
    this.#make = make;
  }

  of(key: string): Value {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? this.#make();
    this.#young.set(key, value);
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    return value;
  }
}
