import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import { sameSettings } from "../../../../component/same-settings.ts";
import type { SendOutcome } from "../../../../delivery/destination.ts";
import { OtlpExporter, queueMetricDocs } from "../../../../delivery/otlp/exporter.ts";
import type { OtlpExporterOptions } from "../../../../delivery/otlp/options.ts";
import { type OtelConsumer, OtlpBatch } from "../../../../signals/otlp/batch.ts";
import { onlySignals } from "../../../../signals/otlp/unsupported-signal.ts";
import { type Args, noQueue, noRetry } from "./arguments.ts";
import type { BackendArguments } from "./backend.ts";
import { Balancer } from "./balancer.ts";
import { BalancerMetrics } from "./metrics.ts";
import { createResolver } from "./resolver.ts";
import { routedSignals } from "./routing.ts";

const signals = ["traces", "metrics", "logs"] as const;

export function createLoadBalancer(context: ComponentContext, args: Args): Component<Args> & { readonly consumer: OtelConsumer } {
  const metrics = new BalancerMetrics(context.metrics);
  const balancer = new Balancer(context, args.routing_key, backendArguments(args), metrics);
  let current = args;
  let front = frontOf(context, args, balancer);
  let resolver = createResolver(args.resolver, context, metrics, (endpoints) => balancer.change(endpoints));
  // What stands before the balancer and what it takes may change: the identity of the consumer stays.
  let entry = entryOf();
  function entryOf(): OtelConsumer {
    return onlySignals(routedSignals[current.routing_key], front?.consumer ?? balancer);
  }
  exposeQueues(context, balancer);
  return {
    consumer: { consume: (batch) => entry.consume(batch), pressure: (signal) => entry.pressure(signal) },
    async start() {
      await resolver.start();
      await front?.start();
    },
    async update(next) {
      await balancer.update(next.routing_key, backendArguments(next));
      const old = front;
      if (sameSettings(frontSettings(current), frontSettings(next))) await old?.update(frontOptions(next, balancer));
      else front = frontOf(context, next, balancer);
      const isSameResolver = sameSettings(current.resolver, next.resolver);
      current = next;
      entry = entryOf();
      if (old !== front) {
        await old?.stop(AbortSignal.timeout(Math.max(next.timeout, 1000)));
        await front?.start();
      }
      if (isSameResolver) return;
      resolver.stop();
      resolver = createResolver(next.resolver, context, metrics, (endpoints) => balancer.change(endpoints));
      await resolver.start();
    },
    async stop(deadline) {
      resolver.stop();
      await front?.stop(deadline);
      await balancer.stop(deadline);
    },
    debugInfo: () => ({ backends: balancer.debugInfo(), ...(front !== undefined && { queue: front.debugInfo() }) }),
  };
}

function backendArguments({ protocol: { otlp }, debug_metrics }: Args): BackendArguments {
  return {
    timeout: otlp.timeout,
    client: otlp.client,
    queue: otlp.queue,
    retry: otlp.retry,
    withPeers: !debug_metrics.disable_high_cardinality_metrics,
  };
}

/** What makes the queue before the balancer another one. */
function frontSettings({ sending_queue: queue, retry_on_failure: retry, timeout }: Args): unknown {
  return { hasFront: hasFront(queue, retry, timeout), enabled: queue?.enabled, storage: queue?.storage };
}

function hasFront(queue: Args["sending_queue"], retry: Args["retry_on_failure"], timeout: number): boolean {
  return queue?.enabled === true || retry?.enabled === true || timeout > 0;
}

/** The queue before the balancer, where there is one: what waits in it is routed when it leaves it. */
function frontOf(context: ComponentContext, args: Args, balancer: Balancer): OtlpExporter | undefined {
  if (!hasFront(args.sending_queue, args.retry_on_failure, args.timeout)) return undefined;
  return new OtlpExporter(context, frontOptions(args, balancer), false);
}

function frontOptions(args: Args, balancer: Balancer): OtlpExporterOptions {
  return {
    kind: "loadbalancing",
    queue: args.sending_queue ?? noQueue,
    retry: args.retry_on_failure ?? noRetry,
    timeoutMs: args.timeout,
    senderKeys: () => args.protocol.otlp.client.auth?.client?.senderKeys?.(),
    endpoint: () => "loadbalancing",
    async send({ signal, payload, items, client }): Promise<SendOutcome> {
      const batch = new OtlpBatch({ signal, chunks: [Buffer.concat(payload)], items, client });
      try {
        await balancer.consume(batch);
        return { kind: "delivered", moved: true };
      } finally {
        batch.release();
      }
    },
  };
}

function exposeQueues({ metrics, id }: ComponentContext, balancer: Balancer): void {
  const size = metrics.gauge("otelcol_exporter_queue_size", { help: queueMetricDocs[0].doc, labels: ["exporter", "data_type"] });
  metrics.beforeScrape(() => {
    for (const signal of signals) {
      const { bytes, records } = balancer.buffered(signal);
      if (records > 0) size.of(`loadbalancing/${id}`, signal).set(bytes);
      else size.remove(`loadbalancing/${id}`, signal);
    }
  });
}
