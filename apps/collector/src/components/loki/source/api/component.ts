import { bool, bytes, defaulted, duration, labels, list, optional, required } from "../../../../component/arguments.ts";
import { lokiReceiver, relabelRules } from "../../../../component/capsules.ts";
import { defineComponent } from "../../../../component/definition.ts";
import { noRules } from "../../../../relabel/rules.ts";
import { fanout } from "../../../../signals/fanout.ts";
import { grpcListenBlock, httpListenBlock } from "../../../../transport/listen-arguments.ts";
import { PushIntake } from "./intake.ts";
import { apiMetricDocs, apiMetrics } from "./metrics.ts";
import { type Listeners, listen } from "./server.ts";

/** Receives log lines that others push. */
export const component = defineComponent({
  name: "loki.source.api",
  stability: "generally-available",
  summary: "Receives log lines over Loki's push API.",
  arguments: {
    forward_to: required(list(lokiReceiver), "Where lines go."),
    labels: defaulted(labels, "Labels that every line gets.", {}),
    relabel_rules: optional(relabelRules, "Rules for the labels, from a component that relabels."),
    use_incoming_timestamp: defaulted(
      bool,
      "Whether lines keep the times that clients gave them; otherwise they get the time of now.",
      false,
    ),
    max_send_message_size: defaulted(bytes, "The most bytes of a request, packed and unpacked.", "100MiB"),
    graceful_shutdown_timeout: defaulted(duration, "How long requests under way may take when the component stops.", "30s", {
      check: (ms) => (ms > 0 ? undefined : "graceful_shutdown_timeout must be greater than 0"),
    }),
  },
  blocks: { http: httpListenBlock, grpc: grpcListenBlock },
  exports: {},
  metrics: [
    ...apiMetricDocs,
    { name: "loki_source_api_entries_written", kind: "counter", doc: "Lines handed on." },
    { name: "loki_source_api_streams_dropped_total", kind: "counter", doc: "Streams of requests that relabelling dropped." },
  ],
  needs: { listens: ["http.listen_port", "grpc.listen_port"] },
  create(context, args) {
    const metrics = apiMetrics(context.metrics);
    let current = args;
    let next = fanout(args.forward_to);
    let intake = intakeOf(args);
    let listeners: Listeners | undefined;
    const open = (from: typeof args) => listen(from, { context, metrics, intake: () => intake, next: () => next });
    const close = async (deadline: AbortSignal) => {
      const own = AbortSignal.timeout(current.graceful_shutdown_timeout);
      await listeners?.close(AbortSignal.any([deadline, own]));
      listeners = undefined;
    };
    return {
      async start() {
        listeners = await open(current);
      },
      async update(newArgs) {
        const mustListenAnew = listenKey(newArgs) !== listenKey(current);
        if (mustListenAnew && listeners !== undefined) {
          await close(new AbortController().signal);
          try {
            listeners = await open(newArgs);
          } catch (error) {
            listeners = await open(current);
            throw error;
          }
        }
        current = newArgs;
        next = fanout(newArgs.forward_to);
        intake = intakeOf(newArgs);
      },
      stop: close,
      debugInfo: () => ({ http: listeners?.http, grpc: listeners?.grpc }),
    };
  },
});

interface IntakeArgs {
  readonly labels: Readonly<Record<string, string>>;
  readonly relabel_rules: typeof noRules | undefined;
  readonly use_incoming_timestamp: boolean;
  readonly max_send_message_size: number;
}

function intakeOf(args: IntakeArgs): PushIntake {
  return new PushIntake({
    labels: args.labels,
    rules: args.relabel_rules ?? noRules,
    usesIncomingTime: args.use_incoming_timestamp,
    maxBytes: args.max_send_message_size,
  });
}

/** Two texts that differ where the servers must be started anew. */
function listenKey(args: { http?: unknown; grpc?: unknown; max_send_message_size: number }): string {
  const reveal = (_: string, value: unknown) =>
    value instanceof Object && "reveal" in value ? (value as { reveal(): string }).reveal() : value;
  return JSON.stringify([args.http, args.grpc, args.max_send_message_size], reveal);
}
