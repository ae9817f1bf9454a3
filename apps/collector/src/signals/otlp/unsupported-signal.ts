import { DeliveryError } from "../delivery-error.ts";
import { itemNames, type OtelConsumer, type Signal } from "./batch.ts";

/** An input that takes some signals only; others are refused for good, with a message that says what to change. */
export function onlySignals(taken: readonly Signal[], input: OtelConsumer): OtelConsumer {
  const refusal = (signal: Signal) =>
    new DeliveryError(
      `telemetry type is not supported: this component takes ${taken.join(" and ")}, not ${signal} (${itemNames[signal]})`,
      {
        retryable: false,
        reason: "unsupported_signal",
      },
    );
  return {
    async consume(batch) {
      if (!taken.includes(batch.signal)) throw refusal(batch.signal);
      await input.consume(batch);
    },
    pressure: (signal) => (signal !== undefined && !taken.includes(signal) ? refusal(signal) : input.pressure(signal)),
  };
}
