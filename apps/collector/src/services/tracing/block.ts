import { bool, type Decoded, defaulted, duration, float, int, list, maybe, type Schema, string } from "../../component/arguments.ts";
import { otelConsumer } from "../../component/capsules.ts";
import { systemClock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import { fanout } from "../../signals/fanout.ts";
import { JaegerRemoteSampler } from "./jaeger-remote.ts";
import type { ProcessTracer } from "./process-tracer.ts";
import { fractionSampler } from "./sampler.ts";

const schema = {
  arguments: {
    sampling_fraction: defaulted(float, "The fraction of traces that is kept; a trace that others began is kept where they keep it.", 0.1),
    send_traceparent: defaulted(bool, "Whether requests to other services carry the header traceparent.", false),
    write_to: defaulted(list(otelConsumer), "Inputs of otelcol components that get the traces; with none, nothing is traced.", []),
  },
  blocks: {
    sampler: maybe("What decides which traces are kept, in place of the fraction.", {
      blocks: {
        jaeger_remote: maybe("Asks a server for Jaeger's sampling strategies; until it answers, the fraction before holds.", {
          arguments: {
            url: defaulted(string, "Where the strategies are.", "http://127.0.0.1:5778/sampling", {
              check: (url) => (URL.canParse(url) ? undefined : `${JSON.stringify(url)} is not a URL`),
            }),
            max_operations: defaulted(int, "Operations beyond so many share the default strategy.", 256),
            refresh_interval: defaulted(duration, "How often the server is asked.", "1m", {
              check: (ms) => (ms > 0 ? undefined : "refresh_interval must be greater than 0"),
            }),
          },
        }),
      },
    }),
  },
} as const satisfies Schema;

/** The `tracing` block. */
export function tracingBlock(tracer: ProcessTracer, log: Logger) {
  let remote: JaegerRemoteSampler | undefined;
  return {
    name: "tracing",
    stability: "generally-available" as const,
    schema,
    defaults: { sampling_fraction: 0.1, send_traceparent: false, write_to: [], sampler: undefined },
    async apply(args: Readonly<Record<string, unknown>>) {
      const { sampling_fraction, send_traceparent, write_to, sampler } = args as Decoded<typeof schema>;
      const previous = remote;
      const seed = previous?.sampler ?? fractionSampler(sampling_fraction);
      const isOn = write_to.length > 0 || send_traceparent;
      const jaeger = isOn ? sampler?.jaeger_remote : undefined;
      remote = jaeger && new JaegerRemoteSampler(jaeger, seed, systemClock, log);
      const current = remote;
      const byFraction = fractionSampler(sampling_fraction);
      tracer.configure(
        isOn
          ? {
              sampler: current === undefined ? byFraction : (traceId, name) => current.sampler(traceId, name),
              sendsTraceparent: send_traceparent,
              consumer: write_to.length > 0 ? fanout(write_to) : undefined,
            }
          : undefined,
      );
      await previous?.close();
    },
  };
}
