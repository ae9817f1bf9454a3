import { Capsule } from "@invar/alloy-syntax";
import type { Decoded } from "../../../../component/arguments.ts";
import { lokiReceiver } from "../../../../component/capsules.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { type Component, defineComponent, type MetricDoc } from "../../../../component/definition.ts";
import type { Counter } from "../../../../component/metrics.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { LinesToOtlp } from "../../../../signals/convert/lines-to-otlp.ts";
import { DeliveryError, deliveryErrorOf } from "../../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { Output, outputBlock } from "../../../../signals/otlp/output.ts";

const schema = { blocks: { output: outputBlock } } as const;

type Args = Decoded<typeof schema>;

const docs = {
  accepted: ["otelcol_receiver_accepted_log_records_total", "Log records that the next components took."],
  refused: ["otelcol_receiver_refused_log_records_total", "Log records that were handed back to their sender."],
} as const;

/** Turns lines into logs in OTLP. */
export const component = defineComponent({
  name: "otelcol.receiver.loki",
  stability: "generally-available",
  summary: "Converts Loki's lines to OpenTelemetry logs and hands them on.",
  blocks: schema.blocks,
  exports: { receiver: { type: lokiReceiver, doc: "Takes lines." } },
  metrics: Object.values(docs).map(([name, doc]): MetricDoc => ({ name, kind: "counter", doc })),
  needs: {},
  create(context, args) {
    const receiver = new LokiReceiver(context, args);
    context.export({ receiver: new Capsule<Consumer<LogBatch>>("loki.LogsReceiver", receiver) });
    return receiver;
  },
});

class LokiReceiver implements Component<Args>, Consumer<LogBatch> {
  readonly #context: ComponentContext;
  readonly #output: Output;
  readonly #converter = new LinesToOtlp();
  readonly #accepted: Counter;
  readonly #refused: Counter;
  #isStopped = false;

  constructor(context: ComponentContext, args: Args) {
    this.#context = context;
    this.#output = new Output(args.output, context.debugStream);
    const counter = ([name, help]: readonly [string, string]) =>
      context.metrics.counter(name, { help, labels: ["receiver", "transport"] }).of(`loki/${context.id}`, "");
    this.#accepted = counter(docs.accepted);
    this.#refused = counter(docs.refused);
  }

  start(): void {}

  update(args: Args): void {
    this.#output.update(args.output);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async consume(lines: LogBatch): Promise<void> {
    const refusal = this.pressure();
    if (refusal !== undefined) throw refusal;
    if (lines.rows === 0) return;
    const batch = this.#converter.convert(lines, this.#context.clock.now());
    try {
      await this.#output.consume(batch);
    } catch (thrown) {
      this.#refused.add(batch.items);
      throw deliveryErrorOf(thrown);
    } finally {
      batch.release();
    }
    this.#accepted.add(lines.rows);
  }

  pressure(): DeliveryError | undefined {
    if (this.#isStopped) return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
    return this.#output.pressure("logs");
  }
}
