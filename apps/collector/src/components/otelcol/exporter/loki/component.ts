import { Capsule } from "@invar/alloy-syntax";
import { type Decoded, list, required } from "../../../../component/arguments.ts";
import { lokiReceiver, otelConsumer } from "../../../../component/capsules.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { type Component, defineComponent, type MetricDoc } from "../../../../component/definition.ts";
import type { Counter } from "../../../../component/metrics.ts";
import type { Consumer } from "../../../../signals/consumer.ts";
import { OtlpToLines } from "../../../../signals/convert/otlp-to-lines.ts";
import { DeliveryError } from "../../../../signals/delivery-error.ts";
import { fanout } from "../../../../signals/fanout.ts";
import type { LogBatch } from "../../../../signals/loki/log-batch.ts";
import { describeLine, lineAt } from "../../../../signals/loki/log-lines.ts";
import type { OtelConsumer, OtlpBatch, Signal } from "../../../../signals/otlp/batch.ts";
import { droppedItems, droppedItemsDoc } from "../../../../signals/otlp/exporter-metrics.ts";

const schema = { arguments: { forward_to: required(list(lokiReceiver), "Where the lines go.") } } as const;

type Args = Decoded<typeof schema>;

const docs = {
  total: ["otelcol_exporter_loki_entries_total", "Total number of log entries passed through the converter"],
  failed: ["otelcol_exporter_loki_entries_failed", "Total number of log entries failed to convert"],
  processed: ["otelcol_exporter_loki_entries_processed", "Total number of log entries successfully converted"],
} as const;

/** Turns logs in OTLP into lines. */
export const component = defineComponent({
  name: "otelcol.exporter.loki",
  stability: "generally-available",
  summary: "Converts OpenTelemetry logs to Loki's lines and hands them on.",
  arguments: schema.arguments,
  exports: { input: { type: otelConsumer, doc: "Takes logs; other signals are dropped and counted." } },
  metrics: [...Object.values(docs).map(([name, doc]): MetricDoc => ({ name, kind: "counter", doc })), droppedItemsDoc],
  needs: {},
  create(context, args) {
    const exporter = new LokiExporter(context, args);
    context.export({ input: new Capsule("otelcol.Consumer", exporter) });
    return exporter;
  },
});

class LokiExporter implements Component<Args>, OtelConsumer {
  readonly #context: ComponentContext;
  readonly #converter = new OtlpToLines();
  #next: Consumer<LogBatch>;
  readonly #counters: Readonly<Record<keyof typeof docs, Counter>>;
  #isStopped = false;

  constructor(context: ComponentContext, args: Args) {
    this.#context = context;
    this.#next = fanout(args.forward_to);
    const counter = ([name, help]: readonly [string, string]) => context.metrics.counter(name, { help }).of();
    this.#counters = { total: counter(docs.total), failed: counter(docs.failed), processed: counter(docs.processed) };
  }

  start(): void {}

  update(args: Args): void {
    this.#next = fanout(args.forward_to);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async consume(batch: OtlpBatch): Promise<void> {
    const refusal = this.pressure(batch.signal);
    if (refusal !== undefined) throw refusal;
    if (batch.signal !== "logs") {
      droppedItems(this.#context.metrics).of(batch.signal, "unsupported_signal").add(batch.items);
      return;
    }
    const lines = this.#converter.convert(batch, this.#context.clock.now());
    const { failed } = this.#converter;
    if (lines !== undefined) {
      const { debugStream } = this.#context;
      if (debugStream.watched) debugStream.publish("loki_log", lines.rows, () => describe(lines));
      await this.#next.consume(lines).finally(() => lines.release());
    }
    this.#counters.total.add(batch.items);
    this.#counters.failed.add(failed);
    this.#counters.processed.add(batch.items - failed);
  }

  pressure(signal?: Signal): DeliveryError | undefined {
    if (this.#isStopped) return new DeliveryError(`${this.#context.id} has exited`, { retryable: true, reason: "stopping" });
    return signal === undefined || signal === "logs" ? this.#next.pressure() : undefined;
  }
}

function describe(lines: LogBatch): string {
  return Array.from({ length: Math.min(lines.rows, 20) }, (_, row) => describeLine(lineAt(lines, row))).join("\n");
}
