import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { RetryArguments, SendingQueueArguments } from "../../../../delivery/otlp/arguments.ts";
import { OtlpExporter } from "../../../../delivery/otlp/exporter.ts";
import { grpcSender } from "../../../../delivery/otlp/grpc-send.ts";
import type { OtlpExporterOptions } from "../../../../delivery/otlp/options.ts";
import type { OtelConsumer } from "../../../../signals/otlp/batch.ts";
import type { GrpcClient } from "../../../../transport/grpc-client.ts";
import { type OtelcolGrpcClientArgs, otelcolGrpcClientOf } from "../../../../transport/otelcol/grpc-client-arguments.ts";

export interface OtlpArguments {
  readonly timeout: number;
  readonly client: OtelcolGrpcClientArgs;
  readonly sending_queue: SendingQueueArguments;
  readonly retry_on_failure: RetryArguments;
  readonly debug_metrics: { readonly disable_high_cardinality_metrics: boolean };
}

export function createOtlpExporter(
  context: ComponentContext,
  args: OtlpArguments,
): Component<OtlpArguments> & { readonly consumer: OtelConsumer } {
  let client = otelcolGrpcClientOf(args.client, context);
  const exporter = new OtlpExporter(context, optionsOf(context, args, client));
  return {
    consumer: exporter.consumer,
    start: () => exporter.start(),
    async update(next) {
      const old = client;
      client = otelcolGrpcClientOf(next.client, context);
      await exporter.update(optionsOf(context, next, client));
      // Lets its calls end on their own.
      void old.close(AbortSignal.timeout(Math.max(args.timeout, 1000)));
    },
    async stop(deadline) {
      await exporter.stop(deadline);
      await client.close(deadline);
    },
    debugInfo: () => exporter.debugInfo(),
  };
}

function optionsOf(context: ComponentContext, args: OtlpArguments, client: GrpcClient): OtlpExporterOptions {
  const send = grpcSender(context, !args.debug_metrics.disable_high_cardinality_metrics);
  return {
    kind: "otlp",
    queue: args.sending_queue,
    retry: args.retry_on_failure,
    timeoutMs: args.timeout,
    senderKeys: () => args.client.auth?.client?.senderKeys?.(),
    endpoint: () => args.client.endpoint,
    send: send(client, args.timeout, args.client.endpoint),
  };
}
