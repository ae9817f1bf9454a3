import { Capsule } from "@invar/alloy-syntax";
import { assumed, bool, defaulted, duration, int, list, optional, string } from "../../../../component/arguments.ts";
import { otelConsumer } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { connectorMetricDocs } from "../../../../signals/otlp/connector-metrics.ts";
import { debugMetrics, debugMetricsDoc, outputBlock } from "../../../../signals/otlp/output.ts";
import { createServiceGraph, graphMetricDocs } from "./connector.ts";

const defaultBuckets = [
  "2ms",
  "4ms",
  "6ms",
  "8ms",
  "10ms",
  "50ms",
  "100ms",
  "200ms",
  "400ms",
  "800ms",
  "1s",
  "1400ms",
  "2s",
  "5s",
  "10s",
  "15s",
];
const positive = (name: string) => ({ check: (value: number) => (value > 0 ? undefined : `${name} must be greater than 0`) });

/** Makes metrics of requests between services. */
export const component = defineComponent({
  name: "otelcol.connector.servicegraph",
  stability: "generally-available",
  summary:
    "Pairs the spans of clients and servers, and counts the requests between services. Spans are acknowledged when they come in; what was counted is sent at intervals, and when the component stops.",
  arguments: {
    cache_loop: defaulted(duration, "How often series that were not updated for 15 minutes are forgotten.", "1m", positive("cache_loop")),
    database_name_attribute: optional(string, "Without effect.", {
      deprecated: "use database_name_attributes in place of database_name_attribute",
    }),
    database_name_attributes: defaulted(list(string), "Attributes that name a database; the first one found counts.", ["db.name"]),
    dimensions: defaulted(list(string), "Attributes that become labels with client_ or server_ before their names.", []),
    exponential_histogram_max_size: defaulted(int, "How many exponential buckets durations have; 0: the buckets given.", 0, {
      check: (size) => (size >= 0 ? undefined : "exponential_histogram_max_size must not be negative"),
    }),
    latency_histogram_buckets: defaulted(list(duration), "The upper ends of the buckets of durations.", defaultBuckets),
    metrics_flush_interval: defaulted(duration, "How often metrics are sent; 0: after every batch of spans.", "60s"),
    store_expiration_loop: defaulted(duration, "How often edges whose time is up are looked for.", "2s", positive("store_expiration_loop")),
    virtual_node_extra_label: defaulted(bool, "Adds a label that tells which side sent no spans.", false),
    virtual_node_peer_attributes: defaulted(
      list(string),
      "Attributes that name the other side of clients whose server sends no spans, the most telling first; none: such requests are not counted.",
      ["peer.service", "db.name", "db.system"],
    ),
  },
  blocks: {
    store: assumed("Where spans wait for their other side.", {
      arguments: {
        max_items: defaulted(int, "How many may wait.", 1000, positive("store.max_items")),
        ttl: defaulted(duration, "How long they wait.", "2s", positive("store.ttl")),
      },
    }),
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
  exports: { input: { type: otelConsumer, doc: "Takes the spans that are paired." } },
  metrics: [...graphMetricDocs, ...connectorMetricDocs],
  needs: {},
  create(context, args) {
    const names = args.database_name_attributes;
    const withDefault = { ...args, database_name_attributes: names.length === 0 ? ["db.name"] : names };
    const connector = createServiceGraph(context, withDefault);
    context.export({ input: new Capsule("otelcol.Consumer", connector.consumer) });
    return connector;
  },
});
