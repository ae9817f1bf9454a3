import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import { visibleClient } from "../../../../signals/client-info.ts";
import { asksForPause, type DeliveryError } from "../../../../signals/delivery-error.ts";
import { JaegerProtoConverter } from "../../../../signals/jaeger/proto-to-otlp.ts";
import type { Converted } from "../../../../signals/jaeger/thrift-to-otlp.ts";
import type { Intake } from "../../../../signals/otlp/intake.ts";
import type { GrpcMethod } from "../../../../transport/grpc-server.ts";
import { type GrpcStatus, grpcStatus } from "../../../../transport/grpc-status.ts";

export const POST_SPANS = "/jaeger.api_v2.CollectorService/PostSpans";

const TRANSPORT = "grpc";
const RETRY_MS = 1000;
const success = new Uint8Array(0);

/** The method by which Jaeger's agents and collectors send spans. */
export function postSpans(intake: Intake, maxMessageBytes: number, includeMetadata: boolean): GrpcMethod {
  const converter = new JaegerProtoConverter();
  return {
    maxMessageBytes,
    pressure() {
      const error = intake.pressure(TRANSPORT);
      return error === undefined ? undefined : statusOf(error);
    },
    async handle(message, client) {
      let converted: Converted;
      try {
        converted = converter.convert(message);
      } catch (error) {
        if (!(error instanceof MalformedInput)) throw error;
        intake.malformed(TRANSPORT);
        return grpcStatus("INTERNAL", `grpc: error unmarshalling request: ${error.message}`);
      }
      const error = await intake.take(TRANSPORT, converted.request, converted.spans, visibleClient(client, includeMetadata));
      return error === undefined ? success : statusOf(error);
    },
  };
}

function statusOf(error: DeliveryError): GrpcStatus {
  if (!error.retryable) return grpcStatus("UNKNOWN", error.message);
  return grpcStatus(asksForPause(error) ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE", error.message, error.retryAfterMs ?? RETRY_MS);
}
