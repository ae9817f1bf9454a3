import { MalformedInput } from "../../../bytes/malformed-input.ts";
import type { Budget } from "../../../delivery/budget.ts";
import type { DeliveryError } from "../../../signals/delivery-error.ts";
import { CompressionError } from "../../../transport/compression/error.ts";
import { decompress, snappyLength } from "../../../transport/compression.ts";
import type { HttpAnswer, HttpRefusal, HttpRequest, HttpRoute } from "../../../transport/http-server.ts";
import { MESSAGE_V2, messageOf } from "./content-type.ts";
import type { Intake, Taken } from "./intake.ts";

/** Of a request, packed and unpacked. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Takes requests of remote write. What can't be taken now is answered with 503: senders drop what is answered with 429 unless told otherwise. */
export function writeRoute(intake: Intake, budget: Budget): HttpRoute {
  return {
    methods: ["POST"],
    pressure() {
      const pressure = intake.pressure();
      return pressure === undefined ? undefined : pushedBack(pressure);
    },
    async handle(request) {
      const encoding = request.client.metadata.get("content-encoding") ?? "";
      if (encoding !== "" && encoding !== "snappy")
        return text(415, `${encoding} encoding (compression) is not accepted by this server; only snappy is acceptable`);
      const message = messageOf(request.client.metadata.get("content-type"));
      if ("finding" in message) return text(415, message.finding);
      if (!intake.accepted.includes(message.name))
        return text(415, `${message.name} protobuf message is not accepted by this server; only accepts ${intake.accepted.join(", ")}`);
      let unpackedBytes = 0;
      try {
        const packed = whole(request);
        const length = snappyLength(packed, MAX_BODY_BYTES);
        if (!budget.reserve(length)) return text(503, "the memory for data in flight is used up, try again later", { "retry-after": "1" });
        unpackedBytes = length;
        const taken = await intake.take(message.name, await decompress("snappy", [packed], MAX_BODY_BYTES));
        return answerTo(taken, message.name === MESSAGE_V2);
      } catch (error) {
        if (error instanceof MalformedInput || error instanceof CompressionError) return text(400, error.message);
        throw error;
      } finally {
        budget.release(unpackedBytes);
      }
    },
  };
}

/** How this server says what the HTTP server refuses by itself. */
export function refusal({ status, message }: HttpRefusal): HttpAnswer {
  return text(status === 429 ? 503 : status, message);
}

function answerTo(taken: Taken, tellsCounts: boolean): HttpAnswer {
  const counts = tellsCounts ? countsOf(taken) : {};
  if (taken.refusal !== undefined) return pushedBack(taken.refusal, counts);
  // In version 1 what is left out is counted and logged only: senders would drop the rest with it.
  if (taken.problems.length > 0 && tellsCounts) return text(400, taken.problems.join("\n"), counts);
  return { status: 204, headers: counts };
}

function countsOf({ samples, histograms, exemplars }: Taken): Record<string, string> {
  return {
    "X-Prometheus-Remote-Write-Samples-Written": String(samples),
    "X-Prometheus-Remote-Write-Histograms-Written": String(histograms),
    "X-Prometheus-Remote-Write-Exemplars-Written": String(exemplars),
  };
}

function pushedBack(error: DeliveryError, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  if (error.retryable) {
    const seconds = Math.max(1, Math.ceil((error.retryAfterMs ?? 1000) / 1000));
    return text(503, error.message, { ...headers, "retry-after": String(seconds) });
  }
  return text(error.reason === "internal_error" ? 500 : 400, error.message, headers);
}

function text(status: number, message: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: `${message}\n` };
}

function whole({ body }: HttpRequest): Uint8Array {
  return body.length === 1 ? (body[0] as Uint8Array) : Buffer.concat(body);
}
