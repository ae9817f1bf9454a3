import { bool, type Decoded, defaulted, list, required, string } from "../../../component/arguments.ts";
import { prometheusReceiver } from "../../../component/capsules.ts";
import type { ComponentContext } from "../../../component/context.ts";
import { type Component, defineComponent } from "../../../component/definition.ts";
import { sameSettings } from "../../../component/same-settings.ts";
import { Forward, forwardMetricDocs } from "../../../signals/prometheus/forward.ts";
import { RECENT_TURN_MS, RecentSeries } from "../../../signals/prometheus/recent-series.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { type HttpServer, startHttpServer } from "../../../transport/http-server.ts";
import { httpListenBlock, httpListenOptions } from "../../../transport/listen-arguments.ts";
import { requestMetricDocs, requestMetrics } from "../../../transport/request-metrics.ts";
import { isMessageName, MESSAGE_V1, MESSAGE_V2, messageNames } from "./content-type.ts";
import { Intake } from "./intake.ts";
import { intakeMetricDocs } from "./metrics.ts";
import { MAX_BODY_BYTES, refusal, writeRoute } from "./route.ts";

const schema = {
  arguments: {
    forward_to: required(list(prometheusReceiver), "Where samples go."),
    accepted_remote_write_protobuf_messages: defaulted(list(string), "The messages that clients may send, by their names.", [MESSAGE_V1], {
      check: checkMessages,
      stabilityOf: (names) => (names.includes(MESSAGE_V2) ? "experimental" : undefined),
    }),
    append_metadata: defaulted(bool, "Whether metadata that come with series of version 2 go on with them.", false, {
      stabilityOf: (on) => (on ? "experimental" : undefined),
    }),
    enable_type_and_unit_labels: defaulted(bool, "Whether the type and unit of series of version 2 become labels.", false, {
      stabilityOf: (on) => (on ? "experimental" : undefined),
    }),
  },
  blocks: { http: httpListenBlock },
} as const;

type Args = Decoded<typeof schema>;

const PREFIX = "prometheus_receive_http";
/** How long the old listener may take to answer its last requests when the new one has other settings. */
const HAND_OVER_MS = 5000;

/** Receives samples that others push. */
export const component = defineComponent({
  name: "prometheus.receive_http",
  stability: "generally-available",
  summary: "Receives metrics over Prometheus's remote write, versions 1 and 2.",
  arguments: schema.arguments,
  blocks: schema.blocks,
  exports: {},
  metrics: [...forwardMetricDocs, ...requestMetricDocs(PREFIX), ...intakeMetricDocs],
  needs: { listens: ["http.listen_port"] },
  create: (context, args) => createReceiver(context, args),
});

function checkMessages(names: readonly string[]): string | undefined {
  if (names.length === 0) return "accepted_remote_write_protobuf_messages must not be empty";
  const unknown = names.find((name) => !isMessageName(name));
  if (unknown === undefined) return undefined;
  return `unsupported protocol version ${JSON.stringify(unknown)}: valid values are ${messageNames.map((name) => JSON.stringify(name)).join(" and ")}`;
}

function createReceiver(context: ComponentContext, args: Args): Component<Args> {
  const { clock, log, budget, metrics } = context;
  const forward = new Forward(args.forward_to, metrics, clock);
  const recent = new RecentSeries(processSeries, budget);
  const intake = new Intake(context, recent, forward);
  intake.update(args);
  const counted = requestMetrics(metrics, PREFIX);
  let current = args;
  let server: HttpServer | undefined;
  let cancelTurn = () => {};

  const open = async ({ http }: Args): Promise<void> => {
    server = await startHttpServer({
      ...httpListenOptions(http, MAX_BODY_BYTES),
      routes: { "/api/v1/metrics/write": writeRoute(intake, budget) },
      encodings: [],
      refuse: refusal,
      budget,
      observe: counted.observeHttp,
      tracer: context.peers.tracer,
      clock,
      log,
    });
    counted.follow(server);
  };
  const close = async (deadline: AbortSignal): Promise<void> => {
    const closing = server;
    server = undefined;
    counted.follow(undefined);
    await closing?.close(deadline);
  };
  const turn = () => {
    recent.turn();
    cancelTurn = clock.after(RECENT_TURN_MS, turn);
  };

  return {
    async start() {
      await open(current);
      cancelTurn = clock.after(RECENT_TURN_MS, turn);
    },
    async update(next) {
      if (!sameSettings(current.http, next.http) && server !== undefined) {
        await close(AbortSignal.timeout(HAND_OVER_MS));
        try {
          await open(next);
        } catch (error) {
          await open(current);
          throw error;
        }
      }
      current = next;
      forward.update(next.forward_to);
      intake.update(next);
    },
    async stop(deadline) {
      cancelTurn();
      await close(deadline);
      recent.clear();
    },
    debugInfo: () => ({ http: server === undefined ? undefined : `${server.host}:${server.port}`, known_series: recent.size }),
  };
}
