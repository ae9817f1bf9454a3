import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import type { Clock } from "../../../../component/clock.ts";
import { type Converted, JaegerThriftConverter } from "../../../../signals/jaeger/thrift-to-otlp.ts";
import type { Intake } from "../../../../signals/otlp/intake.ts";
import { STRUCT, skip, type ThriftReader } from "../../../../signals/thrift/reader.ts";

/** How often it is asked whether the next components take data again. */
const ASK_AGAIN_MS = 250;

/** What Jaeger's agent offers over UDP: calls of `emitBatch`, one a packet, without an answer. */
export class Agent {
  readonly #intake: Intake;
  readonly #reader: ThriftReader;
  readonly #transport: string;
  readonly #clock: Clock;
  readonly #converter = new JaegerThriftConverter();

  constructor({ intake, reader, transport, clock }: { intake: Intake; reader: ThriftReader; transport: string; clock: Clock }) {
    this.#intake = intake;
    this.#reader = reader;
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Takes one packet, once the next components take data at all; false where `stopping` was aborted before. */
  async take(packet: Uint8Array, stopping: AbortSignal): Promise<boolean> {
    while (this.#intake.pressure(this.#transport) !== undefined) {
      if (stopping.aborted) return false;
      await this.#pause(stopping);
    }
    let converted: Converted;
    try {
      converted = this.#read(packet);
    } catch (error) {
      if (!(error instanceof MalformedInput)) throw error;
      this.#intake.malformed(this.#transport);
      return true;
    }
    // Counted where it is refused: a sender over UDP can't be told.
    await this.#intake.take(this.#transport, converted.request, converted.spans);
    return true;
  }

  #read(packet: Uint8Array): Converted {
    const reader = this.#reader.reset(packet);
    const method = reader.message();
    if (method !== "emitBatch") throw new MalformedInput(`thrift: Unknown function ${method.slice(0, 64)}`);
    let converted: Converted | undefined;
    reader.beginStruct();
    while (reader.nextField())
      if (reader.id === 1 && reader.type === STRUCT) converted = this.#converter.convert(reader);
      else skip(reader, reader.type);
    if (converted === undefined) throw new MalformedInput("thrift: emitBatch without a batch");
    return converted;
  }

  #pause(stopping: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ASK_AGAIN_MS, done);
      stopping.addEventListener("abort", done, { once: true });
      function done() {
        cancel();
        stopping.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}
