import { visibleClient } from "../../../../signals/client-info.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { exportResponse } from "../../../../signals/otlp/export-response.ts";
import type { GrpcMethod } from "../../../../transport/grpc-server.ts";
import { type GrpcStatus, grpcStatus } from "../../../../transport/grpc-status.ts";
import type { Ingest, Refusal } from "./ingest.ts";

/** The services by which signals come. */
export const grpcPaths: Readonly<Record<Signal, string>> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};

export function grpcMethod(signal: Signal, ingest: Ingest, maxMessageBytes: number, includeMetadata: boolean): GrpcMethod {
  const success = exportResponse();
  return {
    maxMessageBytes,
    pressure() {
      const refusal = ingest.pressure(signal, "grpc");
      return refusal === undefined ? undefined : statusOf(refusal);
    },
    memory: ingest.memory,
    async handle(message, client, recycle) {
      const refusal = await ingest.message(signal, "grpc", message, visibleClient(client, includeMetadata), recycle);
      return refusal === undefined ? success : statusOf(refusal);
    },
  };
}

function statusOf({ code, message, retryAfterMs }: Refusal): GrpcStatus {
  return grpcStatus(code, message, retryAfterMs);
}
