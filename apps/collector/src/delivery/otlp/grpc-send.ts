import { MalformedInput } from "../../bytes/malformed-input.ts";
import type { ComponentContext } from "../../component/context.ts";
import type { Signal } from "../../signals/otlp/batch.ts";
import { grpcMeter } from "../../signals/otlp/exchange-metrics.ts";
import { type PartialSuccess, readExportResponse } from "../../signals/otlp/export-response.ts";
import type { GrpcClient } from "../../transport/grpc-client.ts";
import { type GrpcStatus, grpcCodeName, grpcCodes, retryAfterMsOf } from "../../transport/grpc-status.ts";
import type { SendOutcome } from "../destination.ts";
import type { OtlpRequest } from "./options.ts";

export const exportMethods: Readonly<Record<Signal, string>> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};

/** May be tried again, says the protocol. RESOURCE_EXHAUSTED may where the destination says when. */
const retryableCodes: ReadonlySet<number> = new Set([
  grpcCodes.CANCELLED,
  grpcCodes.DEADLINE_EXCEEDED,
  grpcCodes.ABORTED,
  grpcCodes.OUT_OF_RANGE,
  grpcCodes.UNAVAILABLE,
  grpcCodes.DATA_LOSS,
]);

/** Sends export requests by gRPC. */
export function grpcSender(
  context: ComponentContext,
  withPeers: boolean,
): (client: GrpcClient, timeoutMs: number, endpoint: string) => (request: OtlpRequest, abort: AbortSignal) => Promise<SendOutcome> {
  const measure = grpcMeter(context.metrics, "client", withPeers);
  return (client, timeoutMs, endpoint) => async (request, abort) => {
    const method = exportMethods[request.signal];
    const startedMs = context.clock.monotonic();
    const { status, body } = await client.unary(method, request.payload, {
      timeoutMs,
      signal: abort,
      ...(request.client !== undefined && { client: request.client }),
    });
    measure({
      method,
      code: status.code,
      seconds: (context.clock.monotonic() - startedMs) / 1000,
      requestBytes: request.bytes,
      responseBytes: body?.length ?? 0,
      peerAddress: endpoint,
    });
    if (status.code !== grpcCodes.OK) return failed(status);
    const { rejected, message } = partialSuccess(body);
    if (rejected === 0 && message === "") return { kind: "delivered" };
    context.log.warn("Partial success response", { signal: request.signal, message, rejected_items: rejected });
    return { kind: "delivered", rejectedItems: rejected, message: `the destination rejected a part: ${message}` };
  };
}

function failed(status: GrpcStatus): SendOutcome {
  const message = `rpc error: code = ${codeText(status.code)} desc = ${status.message}`;
  const retryAfterMs = retryAfterMsOf(status);
  const isRetryable = retryableCodes.has(status.code) || (status.code === grpcCodes.RESOURCE_EXHAUSTED && retryAfterMs !== undefined);
  if (!isRetryable) return { kind: "refused", reason: `grpc_${grpcCodeName(status.code).toLowerCase()}`, message };
  return { kind: "retry", message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** A response that can't be read says nothing of a part that was rejected. */
function partialSuccess(body: Uint8Array | undefined): PartialSuccess {
  try {
    return readExportResponse(body ?? new Uint8Array(0));
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    return { rejected: 0, message: "" };
  }
}

/** `Unavailable`, as Go spells codes. */
function codeText(code: number): string {
  const name = grpcCodeName(code);
  if (name === "OK" || name.startsWith("CODE(")) return name;
  return name
    .split("_")
    .map((word) => word.slice(0, 1) + word.slice(1).toLowerCase())
    .join("");
}
