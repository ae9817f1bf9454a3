import type { Decoded } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import type { Component, MetricDoc } from "../../../../component/definition.ts";
import type { OtelConsumer } from "../../../../signals/otlp/batch.ts";
import { ConnectorMetrics } from "../../../../signals/otlp/connector-metrics.ts";
import { Output, type outputBlock } from "../../../../signals/otlp/output.ts";
import { PeriodicFlush } from "../../../../signals/otlp/periodic-flush.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { type Edge, EdgeStore } from "./edge-store.ts";
import { GraphMetrics, type GraphShape } from "./graph-metrics.ts";
import { type PairingArguments, SpanPairing } from "./span-pairing.ts";

/** What an edge that waits takes, and what a series takes. */
const EDGE_BYTES = 512;
const SERIES_BYTES = 2048;

export interface ServiceGraphArguments extends PairingArguments {
  readonly cache_loop: number;
  readonly exponential_histogram_max_size: number;
  readonly latency_histogram_buckets: readonly number[];
  readonly metrics_flush_interval: number;
  readonly store_expiration_loop: number;
  readonly virtual_node_extra_label: boolean;
  readonly store: { readonly max_items: number; readonly ttl: number };
  readonly output: Decoded<typeof outputBlock>;
}

export const graphMetricDocs: readonly MetricDoc[] = [
  {
    name: "otelcol_connector_servicegraph_dropped_spans_total",
    kind: "counter",
    doc: "Spans for which there was no room to wait for their other side.",
  },
  { name: "otelcol_connector_servicegraph_total_edges_total", kind: "counter", doc: "Requests between services of which a side was seen." },
  { name: "otelcol_connector_servicegraph_expired_edges_total", kind: "counter", doc: "Requests whose other side did not come in time." },
];

export function createServiceGraph(
  context: ComponentContext,
  args: ServiceGraphArguments,
): Component<ServiceGraphArguments> & { readonly consumer: OtelConsumer } {
  const { clock, budget } = context;
  const output = new Output(args.output, context.debugStream);
  const flow = new ConnectorMetrics(context.metrics, "servicegraph", context.id);
  const [dropped, total, expired] = graphMetricDocs.map(({ name, doc }) => context.metrics.counter(name, { help: doc }).of());
  const store = new EdgeStore();
  let current = args;
  let pairing = new SpanPairing(args);
  let graph = new GraphMetrics(shapeOf(args), clock.now());
  /** Of earlier arguments, until what they counted is sent. */
  let retired: GraphMetrics | undefined;
  let cancelLoops: (() => void)[] = [];

  const flush = new PeriodicFlush(
    context,
    output,
    {
      gather() {
        const old = retired;
        retired = undefined;
        return (old ?? graph).report(clock.now());
      },
      ended: (batch, error) => flow.ended(batch, error),
    },
    args.metrics_flush_interval,
  );

  const complete = (edge: Edge): void => {
    if (graph.isNew(edge) && !budget.reserve(SERIES_BYTES)) flow.ignored(1, "memory_budget");
    else graph.add(edge, current.virtual_node_extra_label, clock.now());
  };
  const forget = (series: number): void => budget.release(series * SERIES_BYTES);

  const expire = (): void =>
    store.expire(clock.now(), (edge) => {
      budget.release(EDGE_BYTES);
      expired?.add(1);
      if (current.virtual_node_peer_attributes.length === 0) return;
      edge.connectionType = "virtual_node";
      if (edge.client === "" && edge.isRoot) {
        edge.client = "user";
        edge.virtualNode = "client";
        complete(edge);
      }
      if (edge.server === "") {
        edge.server = edge.peer ?? "unknown";
        edge.virtualNode = "server";
        complete(edge);
      }
    });

  const edgeOf = (key: string, isRoot: boolean): Edge =>
    store.get(key) ?? {
      key,
      isRoot,
      expiresMs: clock.now() + current.store.ttl,
      connectionType: "",
      client: "",
      server: "",
      clientSeconds: 0,
      serverSeconds: 0,
      isFailed: false,
      dimensions: new Map(),
      peer: undefined,
      virtualNode: "",
    };
  const changed = (edge: Edge): void => {
    const isWaiting = store.get(edge.key) === edge;
    const isComplete = edge.client !== "" && edge.server !== "";
    if (isComplete) {
      complete(edge);
      if (isWaiting) {
        store.remove(edge);
        budget.release(EDGE_BYTES);
      }
    } else if (!isWaiting) {
      if (store.size >= current.store.max_items || !budget.reserve(EDGE_BYTES)) {
        dropped?.add(1);
        flow.ignored(1, "store_full");
        return;
      }
      store.add(edge);
    }
    if (!isWaiting) total?.add(1);
  };

  const loop = (everyMs: () => number, work: () => void): void => {
    let cancel = () => {};
    const next = () => {
      cancel = clock.after(everyMs(), () => {
        work();
        next();
      });
    };
    next();
    cancelLoops.push(() => cancel());
  };
  const begin = () => {
    loop(() => current.store_expiration_loop, expire);
    loop(
      () => current.cache_loop,
      () => forget(graph.clean(clock.now())),
    );
  };
  const end = () => {
    for (const cancel of cancelLoops) cancel();
    cancelLoops = [];
  };

  const consumer = onlySignals(["traces"], {
    async consume(batch) {
      flow.incoming(batch.items);
      for (const chunk of batch.chunks) {
        const { nameless } = pairing.read(chunk, edgeOf, changed);
        if (nameless > 0) flow.ignored(nameless, "no_service_name");
      }
      if (current.metrics_flush_interval <= 0) flush.flush();
    },
    pressure: () => undefined,
  });

  return {
    consumer,
    start() {
      begin();
      if (current.metrics_flush_interval > 0) flush.start();
    },
    update(next) {
      const isSameShape = JSON.stringify(shapeOf(next)) === JSON.stringify(graph.shape);
      const hadInterval = current.metrics_flush_interval > 0;
      current = next;
      pairing = new SpanPairing(next);
      output.update(next.output);
      if (next.metrics_flush_interval > 0) {
        flush.update(next.metrics_flush_interval);
        if (!hadInterval) flush.start();
      } else flush.pause();
      end();
      begin();
      if (isSameShape) return;
      forget(graph.size);
      retired = graph;
      graph = new GraphMetrics(shapeOf(next), clock.now());
      flush.flush();
    },
    async stop(deadline) {
      end();
      // Nobody will come for what still waits.
      store.expire(Number.POSITIVE_INFINITY, () => {
        budget.release(EDGE_BYTES);
        expired?.add(1);
        flow.ignored(1, "stopping");
      });
      for (let rounds = retired === undefined ? 1 : 2; rounds > 0; rounds--) await flush.stop(deadline);
      forget(graph.size);
      graph = new GraphMetrics(graph.shape, clock.now());
    },
    debugInfo: () => ({ waiting: store.size, series: graph.size }),
  };
}

function shapeOf(args: ServiceGraphArguments): GraphShape {
  return {
    bounds: args.latency_histogram_buckets.map((ms) => Math.round(ms * 1e6) / 1e9),
    maxSize: args.exponential_histogram_max_size,
  };
}
