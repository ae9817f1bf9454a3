import type { ClientInfo } from "../client-info.ts";
import { type DeliveryError, deliveryErrorOf } from "../delivery-error.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "./batch.ts";
import type { ReceiverMetrics } from "./receiver-metrics.ts";

/** Where receivers of other formats hand on what they have turned into OTLP, counted as it goes. */
export class Intake {
  readonly #signal: Signal;
  readonly #output: OtelConsumer;
  readonly #metrics: ReceiverMetrics;

  constructor(signal: Signal, output: OtelConsumer, metrics: ReceiverMetrics) {
    this.#signal = signal;
    this.#output = output;
    this.#metrics = metrics;
  }

  /** The refusal that a request would get now, before its body is read. */
  pressure(transport: string): DeliveryError | undefined {
    const error = this.#output.pressure(this.#signal);
    if (error !== undefined) this.#metrics.pushedBack(this.#signal, transport);
    return error;
  }

  /** Hands on a serialized request; resolves with why it was refused, or undefined when everything below is responsible for it. */
  async take(transport: string, request: Uint8Array, items: number, client?: ClientInfo): Promise<DeliveryError | undefined> {
    if (items === 0) return undefined;
    const batch = new OtlpBatch({ signal: this.#signal, chunks: [request], items, client });
    try {
      await this.#output.consume(batch);
      this.#metrics.accepted(this.#signal, transport, items);
      return undefined;
    } catch (thrown) {
      this.#metrics.refused(this.#signal, transport, items);
      return deliveryErrorOf(thrown);
    } finally {
      batch.release();
    }
  }

  /** Counts a request that is not what its protocol demands. */
  malformed(transport: string): void {
    this.#metrics.malformed(this.#signal, transport);
  }
}
