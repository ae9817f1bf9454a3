import { block, bool, type Decoded, defaulted, list, oneOf, optional } from "../../component/arguments.ts";
import { otelConsumer } from "../../component/capsules.ts";
import type { DebugStream } from "../../component/context.ts";
import type { Consumer } from "../consumer.ts";
import type { DeliveryError } from "../delivery-error.ts";
import { fanout } from "../fanout.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "./batch.ts";
import { jsonFromProtobuf } from "./protobuf-to-json.ts";
import { requests } from "./schema.ts";

/** The block that says where a component's data goes. */
export const outputBlock = block("Where the data goes on to.", {
  arguments: {
    traces: defaulted(list(otelConsumer), "Inputs that traces are sent to.", []),
    metrics: defaulted(list(otelConsumer), "Inputs that metrics are sent to.", []),
    logs: defaulted(list(otelConsumer), "Inputs that logs are sent to.", []),
  },
});

/** The arguments of the `debug_metrics` block, for `assumed(doc, debugMetrics)`. */
export const debugMetrics = {
  arguments: {
    disable_high_cardinality_metrics: defaulted(bool, "Leaves the addresses of peers out of the component's own metrics.", true),
    level: optional(oneOf("none", "basic", "normal", "detailed"), "Without effect.", {
      deprecated: "the level of metrics is no longer set on a component: remove the argument",
    }),
  },
} as const;

export const debugMetricsDoc = "Which of the component's own metrics there are.";

const debugKinds = { traces: "otel_trace", metrics: "otel_metric", logs: "otel_log" } as const;
const allSignals = ["traces", "metrics", "logs"] as const;

/** The consumers behind an `output` block as one. The identity stays while `update` changes where it leads. */
export class Output implements OtelConsumer {
  #bySignal: Readonly<Record<Signal, Consumer<OtlpBatch>>>;
  readonly #stream: DebugStream;

  constructor(args: Decoded<typeof outputBlock>, stream: DebugStream) {
    this.#bySignal = consumersOf(args);
    this.#stream = stream;
  }

  update(args: Decoded<typeof outputBlock>): void {
    this.#bySignal = consumersOf(args);
  }

  consume(batch: OtlpBatch): Promise<void> {
    if (this.#stream.watched)
      this.#stream.publish(debugKinds[batch.signal], batch.items, () => jsonFromProtobuf(requests[batch.signal], batch.chunks));
    return this.#bySignal[batch.signal].consume(batch);
  }

  pressure(signal?: Signal): DeliveryError | undefined {
    if (signal !== undefined) return this.#bySignal[signal].pressure();
    let refusal: DeliveryError | undefined;
    for (const each of allSignals) {
      refusal = this.#bySignal[each].pressure();
      if (refusal === undefined) return undefined;
    }
    return refusal;
  }
}

function consumersOf(args: Decoded<typeof outputBlock>): Readonly<Record<Signal, Consumer<OtlpBatch>>> {
  return { traces: ofSignal("traces", args.traces), metrics: ofSignal("metrics", args.metrics), logs: ofSignal("logs", args.logs) };
}

function ofSignal(signal: Signal, consumers: readonly OtelConsumer[]): Consumer<OtlpBatch> {
  return fanout(consumers.map((consumer) => ({ consume: (batch) => consumer.consume(batch), pressure: () => consumer.pressure(signal) })));
}
