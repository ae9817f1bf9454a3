import { assumed, type Decoded, defaulted, duration, oneOf } from "../../../../component/arguments.ts";
import { retryBlock, sendingQueueBlock } from "../../../../delivery/otlp/arguments.ts";
import { debugMetrics, debugMetricsDoc } from "../../../../signals/otlp/output.ts";
import { checkOtelcolGrpcClient, otelcolGrpcClient } from "../../../../transport/otelcol/grpc-client-arguments.ts";
import { resolverBlock } from "./resolver-arguments.ts";
import { routingKeys } from "./routing.ts";

const { endpoint: _, ...clientArguments } = otelcolGrpcClient.arguments;

/** The inside of the component. */
export const schema = {
  arguments: {
    routing_key: defaulted(
      oneOf(...routingKeys),
      "What items are routed by: service, traceID, resource, metric or streamID. It decides which signals are taken.",
      "traceID",
    ),
    timeout: defaulted(duration, "How long it may take to hand a request on to the backends' queues; 0 is any time.", "0s"),
  },
  blocks: {
    resolver: resolverBlock,
    protocol: assumed("How data is sent to a backend.", {
      blocks: {
        otlp: assumed("OTLP over gRPC.", {
          arguments: { timeout: defaulted(duration, "How long a call may take; 0 is any time.", "5s") },
          blocks: {
            client: assumed(
              "The client; the endpoints are those of the resolver.",
              { arguments: clientArguments, blocks: otelcolGrpcClient.blocks },
              { check: (args, report) => checkOtelcolGrpcClient({ ...args, endpoint: "placeholder:4317" }, report) },
            ),
            queue: sendingQueueBlock,
            retry: retryBlock,
          },
        }),
      },
    }),
    sending_queue: {
      ...sendingQueueBlock,
      occurs: "maybe",
      doc: "Data waits here before it is routed; there is no such queue where the block is absent.",
    },
    retry_on_failure: {
      ...retryBlock,
      occurs: "maybe",
      doc: "How data is routed again where backends refuse it; it is not where the block is absent.",
    },
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
} as const;

export type Args = Decoded<typeof schema>;

/** What the queue before the balancer is where it has no block. */
export const noQueue: NonNullable<Args["sending_queue"]> = {
  enabled: false,
  queue_size: undefined,
  sizer: "requests",
  num_consumers: 10,
  block_on_overflow: false,
  blocking: undefined,
  wait_for_result: false,
  storage: undefined,
  batch: undefined,
};

export const noRetry: NonNullable<Args["retry_on_failure"]> = {
  enabled: false,
  initial_interval: 5000,
  max_interval: 30_000,
  multiplier: 1.5,
  randomization_factor: 0.5,
  max_elapsed_time: undefined,
};
