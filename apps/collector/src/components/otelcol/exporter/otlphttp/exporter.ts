import type { ComponentContext } from "../../../../component/context.ts";
import type { Component } from "../../../../component/definition.ts";
import type { RetryArguments, SendingQueueArguments } from "../../../../delivery/otlp/arguments.ts";
import { OtlpExporter } from "../../../../delivery/otlp/exporter.ts";
import type { OtlpExporterOptions } from "../../../../delivery/otlp/options.ts";
import type { OtelConsumer, Signal } from "../../../../signals/otlp/batch.ts";
import type { HttpClient } from "../../../../transport/http/client.ts";
import { compressionChoice } from "../../../../transport/otelcol/compression-arguments.ts";
import { type OtelcolHttpClientArgs, otelcolHttpClientOf } from "../../../../transport/otelcol/http-client-arguments.ts";
import { httpSender } from "./send.ts";

export interface OtlpHttpArguments {
  readonly client: OtelcolHttpClientArgs;
  readonly encoding: string;
  readonly traces_endpoint: string | undefined;
  readonly metrics_endpoint: string | undefined;
  readonly logs_endpoint: string | undefined;
  readonly sending_queue: SendingQueueArguments;
  readonly retry_on_failure: RetryArguments;
  readonly debug_metrics: { readonly disable_high_cardinality_metrics: boolean };
}

export function createOtlpHttpExporter(
  context: ComponentContext,
  args: OtlpHttpArguments,
): Component<OtlpHttpArguments> & { readonly consumer: OtelConsumer } {
  let client = otelcolHttpClientOf(args.client, context);
  const exporter = new OtlpExporter(context, optionsOf(context, args, client));
  return {
    consumer: exporter.consumer,
    start: () => exporter.start(),
    async update(next) {
      const old = client;
      client = otelcolHttpClientOf(next.client, context);
      await exporter.update(optionsOf(context, next, client));
      // Lets its requests end on their own.
      void old.close();
    },
    async stop(deadline) {
      await exporter.stop(deadline);
      await client.close();
    },
    debugInfo: () => exporter.debugInfo(),
  };
}

function optionsOf(context: ComponentContext, args: OtlpHttpArguments, client: HttpClient): OtlpExporterOptions {
  const endpoint = (signal: Signal) => urlOf(args, signal);
  const { encoding: compression, level } = compressionChoice(args.client.compression, args.client.compression_params?.level);
  const send = httpSender(context, !args.debug_metrics.disable_high_cardinality_metrics);
  return {
    kind: "otlphttp",
    queue: args.sending_queue,
    retry: args.retry_on_failure,
    timeoutMs: args.client.timeout,
    senderKeys: () => args.client.auth?.client?.senderKeys?.(),
    endpoint,
    send: send({
      client,
      url: endpoint,
      encoding: args.encoding === "json" ? "json" : "proto",
      compression,
      level,
      headers: {},
      timeoutMs: args.client.timeout,
    }),
  };
}

/** A signal's own endpoint is taken as it is; the client's gets the signal's path. */
function urlOf(args: OtlpHttpArguments, signal: Signal): string {
  const own = args[`${signal}_endpoint`];
  if (own !== undefined && own !== "") return own;
  const { endpoint } = args.client;
  return endpoint === "" ? "" : `${endpoint}${endpoint.endsWith("/") ? "" : "/"}v1/${signal}`;
}
