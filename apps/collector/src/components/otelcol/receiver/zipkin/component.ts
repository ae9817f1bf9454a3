import { assumed, bool, type Decoded, defaulted } from "../../../../component/arguments.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { type Component, defineComponent } from "../../../../component/definition.ts";
import { httpMeter, httpMetricDocs } from "../../../../signals/otlp/exchange-metrics.ts";
import { Intake } from "../../../../signals/otlp/intake.ts";
import { debugMetrics, debugMetricsDoc, Output, outputBlock } from "../../../../signals/otlp/output.ts";
import { ReceiverMetrics, receiverMetrics } from "../../../../signals/otlp/receiver-metrics.ts";
import { type HttpServer, startHttpServer } from "../../../../transport/http-server.ts";
import { ListenerSet } from "../../../../transport/listener-set.ts";
import {
  checkOtelcolHttpServer,
  otelcolHttpServer,
  otelcolHttpServerOptions,
} from "../../../../transport/otelcol/http-server-arguments.ts";
import { refuseZipkin, zipkinRoute } from "./route.ts";

const httpServer = otelcolHttpServer("0.0.0.0:9411");

const schema = {
  arguments: {
    ...httpServer.arguments,
    parse_string_tags: defaulted(bool, "Whether tags that are numbers or booleans in text become such.", false),
  },
  blocks: {
    ...httpServer.blocks,
    output: outputBlock,
    debug_metrics: assumed(debugMetricsDoc, debugMetrics),
  },
} as const;

type Args = Decoded<typeof schema>;

/** Takes in traces in the formats of Zipkin. */
export const component = defineComponent({
  name: "otelcol.receiver.zipkin",
  stability: "generally-available",
  summary: "Receives traces in Zipkin's formats over HTTP: versions 1 (JSON, Thrift) and 2 (JSON, protobuf).",
  ...schema,
  exports: {},
  metrics: [...receiverMetrics(["traces"]), ...httpMetricDocs("server")],
  needs: { listens: ["endpoint"] },
  check: checkOtelcolHttpServer,
  create: (context, args) => createReceiver(context, args),
});

function createReceiver(context: ComponentContext, args: Args): Component<Args> {
  const { clock, log, metrics, budget, peers } = context;
  const output = new Output(args.output, context.debugStream);
  const intake = new Intake("traces", output, new ReceiverMetrics(context, "zipkin"));
  const listeners = new ListenerSet<HttpServer>();

  const listen = (given: Args) => {
    const { output: _, ...settings } = given;
    return listeners.change({
      http: {
        settings,
        open: () =>
          startHttpServer({
            ...otelcolHttpServerOptions(given),
            routes: {},
            otherwise: zipkinRoute(intake, { parseTags: given.parse_string_tags, includeMetadata: given.include_metadata, clock }),
            refuse: refuseZipkin,
            observe: httpMeter(metrics, "server", !given.debug_metrics.disable_high_cardinality_metrics),
            tracer: peers.tracer,
            budget,
            clock,
            log,
          }),
      },
    });
  };

  return {
    start: () => listen(args),
    async update(next) {
      await listen(next);
      output.update(next.output);
    },
    stop: (deadline) => listeners.close(deadline),
    debugInfo() {
      const server = listeners.get("http");
      return server === undefined ? {} : { host: server.host, port: server.port, connections: server.connections };
    },
  };
}
