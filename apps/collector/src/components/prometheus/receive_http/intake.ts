import type { ComponentContext } from "../../../component/context.ts";
import { type DeliveryError, deliveryErrorOf } from "../../../signals/delivery-error.ts";
import { describeSamples } from "../../../signals/prometheus/describe-samples.ts";
import type { Forward } from "../../../signals/prometheus/forward.ts";
import type { RecentSeries } from "../../../signals/prometheus/recent-series.ts";
import { RequestDecoder } from "../../../signals/prometheus/remote-write/decode.ts";
import { Version2Decoder } from "../../../signals/prometheus/remote-write/decode-v2.ts";
import type { Received } from "../../../signals/prometheus/remote-write/received.ts";
import type { SampleBatch } from "../../../signals/prometheus/sample-batch.ts";
import { processSeries } from "../../../signals/prometheus/series-table.ts";
import { MESSAGE_V2, type MessageName } from "./content-type.ts";
import { type IntakeMetrics, intakeMetrics } from "./metrics.ts";

export interface IntakeSettings {
  readonly accepted_remote_write_protobuf_messages: readonly string[];
  readonly append_metadata: boolean;
  readonly enable_type_and_unit_labels: boolean;
}

/** What became of a request. */
export interface Taken {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  /** Why some of it was not taken. */
  readonly problems: readonly string[];
  /** Why all of it was not. */
  readonly refusal?: DeliveryError;
}

/** Samples further in the future have a wrong clock behind them. */
const MAX_AHEAD_MS = 10 * 60_000;
const WARN_EVERY_MS = 10_000;

/** Decodes requests and hands their samples on. */
export class Intake {
  readonly #context: ComponentContext;
  readonly #recent: RecentSeries;
  readonly #forward: Forward;
  readonly #metrics: IntakeMetrics;
  readonly #version1 = new RequestDecoder(processSeries);
  #version2 = new Version2Decoder(processSeries, { appendsMetadata: false, typeAndUnitLabels: false });
  #accepted: readonly string[] = [];
  #nextWarningMs = 0;

  constructor(context: ComponentContext, recent: RecentSeries, forward: Forward) {
    this.#context = context;
    this.#recent = recent;
    this.#forward = forward;
    this.#metrics = intakeMetrics(context.metrics);
  }

  update(settings: IntakeSettings): void {
    this.#accepted = settings.accepted_remote_write_protobuf_messages;
    this.#version2 = new Version2Decoder(processSeries, {
      appendsMetadata: settings.append_metadata,
      typeAndUnitLabels: settings.enable_type_and_unit_labels,
    });
  }

  get accepted(): readonly string[] {
    return this.#accepted;
  }

  pressure(): DeliveryError | undefined {
    return this.#forward.pressure();
  }

  /** Throws `MalformedInput` where the body is not such a message, or, in version 1, where one sample of it can't be taken. */
  async take(message: MessageName, body: Uint8Array): Promise<Taken> {
    const maxTimeMs = this.#context.clock.now() + MAX_AHEAD_MS;
    const decoder = message === MESSAGE_V2 ? this.#version2 : this.#version1;
    const received = decoder.decode(body, maxTimeMs);
    const { batch } = received;
    this.#count(received);
    try {
      if (batch.items > 0 || batch.exemplars !== undefined) await this.#handOn(batch);
      return received;
    } catch (error) {
      return { samples: 0, histograms: 0, exemplars: 0, problems: [], refusal: deliveryErrorOf(error) };
    } finally {
      batch.release();
    }
  }

  async #handOn(batch: SampleBatch): Promise<void> {
    const recent = this.#recent;
    // Several samples of a series mostly stand together.
    for (let row = 0, last = 0; row < batch.count; row++) {
      const series = batch.series[row] as number;
      if (series !== last) recent.see(series);
      last = series;
    }
    const { histograms } = batch;
    if (histograms !== undefined) for (let row = 0; row < histograms.count; row++) recent.see(histograms.series[row] as number);
    const { debugStream } = this.#context;
    if (debugStream.watched) debugStream.publish("prometheus_metric", batch.items, () => describeSamples(batch));
    await this.#forward.consume(batch);
  }

  #count({ invalidLabels, exemplarsDropped, problems }: Received): void {
    this.#metrics.invalidLabels.add(invalidLabels);
    this.#metrics.exemplarsDropped.add(exemplarsDropped);
    const [first] = problems;
    if (first === undefined) return;
    const now = this.#context.clock.monotonic();
    if (now < this.#nextWarningMs) return;
    this.#nextWarningMs = now + WARN_EVERY_MS;
    this.#context.log.warn("some of a remote write request was not valid and is left out", { problem: first, problems: problems.length });
  }
}
