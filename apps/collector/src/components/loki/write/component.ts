import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, duration, int, map, string } from "../../../component/arguments.ts";
import { lokiReceiver } from "../../../component/capsules.ts";
import { defineComponent } from "../../../component/definition.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { fanout } from "../../../signals/fanout.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { Endpoint, type EndpointSettings } from "./endpoint.ts";
import { endpointBlock, identityOf } from "./endpoint-arguments.ts";
import { writeMetrics } from "./metrics.ts";

/** Loki rejects older lines by default after a week; a queue that keeps them longer than a working day fills the disk. */
const DEFAULT_MAX_AGE_MS = 8 * 3600_000;

const withoutEffect = "the queue is read as soon as it is written";

/** Sends log lines to Loki. */
export const component = defineComponent({
  name: "loki.write",
  stability: "generally-available",
  summary: "Sends log lines to Loki.",
  arguments: {
    external_labels: defaulted(map(string), "Labels added to each line that does not have them itself.", {}),
    max_streams: defaulted(int, "How many streams a tenant may have in a request; lines of more are dropped. 0: any number.", 0),
  },
  blocks: {
    endpoint: endpointBlock,
    wal: assumed(
      "The write-ahead log. Lines are always queued on disk where the storage path can be written; the block sets its limits.",
      {
        arguments: {
          enabled: defaulted(bool, "Whether `max_segment_age` limits the queue; the queue on disk is there without it.", false),
          max_segment_age: defaulted(duration, "How long lines are kept for a destination that does not take them.", "1h"),
          min_read_frequency: defaulted(duration, "How soon the incumbent looks for new lines again.", "250ms", { withoutEffect }),
          max_read_frequency: defaulted(duration, "How long the incumbent waits at most between two looks.", "1s", { withoutEffect }),
          drain_timeout: defaulted(duration, "How long the queue is emptied when the component stops, with `enabled`.", "15s"),
        },
      },
      {
        stability: "experimental",
        check: (wal, report) => {
          if (wal.min_read_frequency >= wal.max_read_frequency)
            report("WAL min read frequency should be lower than max read frequency", "min_read_frequency");
        },
      },
    ),
  },
  exports: { receiver: { type: lokiReceiver, doc: "Takes the lines to be sent." } },
  metrics: [
    { name: "loki_write_sent_bytes_total", kind: "counter", doc: "Bytes sent, compressed." },
    { name: "loki_write_sent_entries_total", kind: "counter", doc: "Lines sent." },
    { name: "loki_write_dropped_bytes_total", kind: "counter", doc: "Bytes dropped, by reason." },
    { name: "loki_write_dropped_entries_total", kind: "counter", doc: "Lines dropped, by reason." },
    { name: "loki_write_batch_retries_total", kind: "counter", doc: "Requests that had to be sent again." },
    { name: "loki_write_request_size_bytes", kind: "histogram", doc: "Size of requests, compressed." },
    { name: "loki_write_request_duration_seconds", kind: "histogram", doc: "How long requests took, by status." },
    {
      name: "loki_write_entry_propagation_latency_seconds",
      kind: "histogram",
      doc: "How long the oldest line of a request had been queued.",
    },
  ],
  needs: { storage: true },
  check(args, report) {
    if (args.endpoint.length === 0) report("at least one endpoint config must be provided");
    const seen = new Set<string>();
    for (const endpoint of args.endpoint) {
      const identity = identityOf(endpoint);
      if (seen.has(identity))
        report(`duplicate endpoint configs are not allowed, found duplicate for name: ${endpoint.name ?? ""}`, "endpoint");
      seen.add(identity);
    }
  },
  async create(context, args) {
    const metrics = writeMetrics(context.metrics);
    let endpoints: Endpoint[] = [];
    let consumer: Consumer<LogBatch> = fanout([]);
    const unhealthy = new Map<string, string>();

    const settingsOf = (from: typeof args): EndpointSettings[] =>
      from.endpoint.map((endpoint) => ({
        endpoint: from.wal.enabled
          ? { ...endpoint, queue_config: { ...endpoint.queue_config, drain_timeout: from.wal.drain_timeout } }
          : endpoint,
        externalLabels: from.external_labels,
        maxStreams: from.max_streams,
        maxAgeMs: from.wal.enabled ? from.wal.max_segment_age : DEFAULT_MAX_AGE_MS,
      }));
    const healthOf = (identity: string) => (state: "healthy" | "unhealthy", message: string) => {
      if (state === "unhealthy") unhealthy.set(identity, message);
      else unhealthy.delete(identity);
      if (unhealthy.size === 0) context.health("healthy", message);
      else context.health("unhealthy", [...unhealthy].map(([name, reason]) => `${name}: ${reason}`).join("; "));
    };
    const apply = async (from: typeof args) => {
      const next: Endpoint[] = [];
      for (const settings of settingsOf(from)) {
        const identity = identityOf(settings.endpoint);
        const known = endpoints.find((endpoint) => endpoint.identity === identity);
        await known?.update(settings);
        next.push(known ?? (await Endpoint.open(context, metrics, settings, healthOf(identity))));
      }
      const gone = endpoints.filter((endpoint) => !next.includes(endpoint));
      endpoints = next;
      consumer = fanout(next);
      // What they still have stays on disk.
      await Promise.all(gone.map((endpoint) => endpoint.close(AbortSignal.abort())));
    };

    await apply(args);
    context.export({
      receiver: new Capsule<Consumer<LogBatch>>("loki.LogsReceiver", {
        consume: (batch) => consumer.consume(batch),
        pressure: () => consumer.pressure(),
      }),
    });
    return {
      start() {},
      update: apply,
      async stop(deadline) {
        await Promise.all(endpoints.map((endpoint) => endpoint.close(deadline)));
      },
      debugInfo: () => ({ endpoints: endpoints.map((endpoint) => endpoint.debugInfo()) }),
    };
  },
});
