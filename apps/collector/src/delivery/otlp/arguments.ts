import {
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  float,
  maybe,
  oneOf,
  optional,
  string,
  uint,
} from "../../component/arguments.ts";
import { storageHandler } from "../../component/capsules.ts";

const sizers = ["requests", "items", "bytes"] as const;

/** The block of exporters that says how data waits until the destination takes it. */
export const sendingQueueBlock = assumed(
  "How data waits until the destination takes it. The queue is on disk where the storage path can be written, and data is acknowledged once it is there.",
  {
    arguments: {
      enabled: defaulted(bool, "Whether there is a queue; without one a sender waits until the destination has taken its data.", true),
      queue_size: optional(uint, "How much the queue holds at most, counted by `sizer`. 1 GiB where absent."),
      sizer: defaulted(
        oneOf(...sizers),
        "What `queue_size` counts: requests, items (spans, data points, log records) or bytes.",
        "requests",
      ),
      num_consumers: defaulted(uint, "How many requests are under way at the same time.", 10),
      block_on_overflow: defaulted(
        bool,
        "Whether a sender waits while the queue is full; otherwise the oldest data in it is dropped and counted, and other destinations notice nothing.",
        false,
      ),
      blocking: optional(bool, "The former name of `block_on_overflow`.", { deprecated: "write block_on_overflow instead" }),
      wait_for_result: defaulted(bool, "Whether a sender waits until the destination has taken its data.", false),
      storage: optional(storageHandler, "The folder that the queue is kept in; one within the storage path where absent."),
    },
    blocks: {
      batch: maybe("Puts data together into larger requests.", {
        arguments: {
          flush_timeout: defaulted(duration, "How long data waits for its request to fill.", "200ms"),
          min_size: defaulted(uint, "The size at which a request is sent.", 2000),
          max_size: defaulted(uint, "The size that a request has at most; larger ones are divided; 0 divides none.", 3000),
          sizer: defaulted(string, "What sizes count: items or bytes.", "items"),
        },
      }),
    },
  },
  {
    check(args, report) {
      if (!args.enabled) return;
      const { queue_size, batch } = args;
      if (queue_size !== undefined && queue_size <= 0) report("queue_size must be greater than zero", "queue_size");
      if (args.num_consumers <= 0) report("num_consumers must be greater than zero", "num_consumers");
      if (args.wait_for_result && args.storage !== undefined)
        report("`wait_for_result` is not supported with a persistent queue configured with `storage`", "wait_for_result");
      if (batch === undefined) return;
      if (batch.sizer !== "items" && batch.sizer !== "bytes") report("`batch` supports only `items` or `bytes` sizer", "batch");
      if (batch.flush_timeout <= 0) report("`flush_timeout` must be positive", "batch");
      if (batch.max_size > 0 && batch.max_size < batch.min_size) report("`max_size` must be greater or equal to `min_size`", "batch");
      if (queue_size !== undefined && batch.sizer === args.sizer && batch.min_size > queue_size)
        report("`min_size` must be less than or equal to `queue_size`", "batch");
    },
  },
);

export type SendingQueueArguments = Decoded<typeof sendingQueueBlock>;

/** The block of exporters that says how often and how long a failed request is tried again. */
export const retryBlock = assumed(
  "How a failed request is tried again.",
  {
    arguments: {
      enabled: defaulted(bool, "Whether it is tried again at all.", true),
      initial_interval: defaulted(duration, "How long to wait before the second attempt.", "5s"),
      max_interval: defaulted(duration, "How long to wait at most between two attempts.", "30s"),
      multiplier: defaulted(float, "By how much the wait grows with each attempt.", 1.5),
      randomization_factor: defaulted(float, "By which share of it the wait is varied at random.", 0.5),
      max_elapsed_time: optional(
        duration,
        "After how long a request is given up, and its data dropped; 0 is never. Where absent, data is kept for as long as the queue keeps it: 8 hours.",
      ),
    },
  },
  {
    check(args, report) {
      if (!(args.multiplier > 1)) report("multiplier must be greater than 1.0", "multiplier");
      if (!(args.randomization_factor >= 0)) report("randomization_factor must be greater or equal to 0", "randomization_factor");
      else if (args.randomization_factor > 1) report("randomization_factor must be within [0, 1]", "randomization_factor");
    },
  },
);

export type RetryArguments = Decoded<typeof retryBlock>;
