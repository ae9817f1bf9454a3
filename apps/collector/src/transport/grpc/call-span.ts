import type { Span, SpanKind, Tracer } from "../../component/tracing.ts";
import { grpcCodeName, grpcCodes } from "../grpc-status.ts";

/** Begins the span of a call; `path` is that of its method. */
export function callSpan(tracer: Tracer, kind: SpanKind, path: string, parent?: string): Span {
  const [, service = "", method = ""] = /^\/?(.*)\/([^/]*)$/.exec(path) ?? [];
  const span = tracer.start(path.replace(/^\//, ""), kind, parent);
  span.set("rpc.system", "grpc");
  span.set("rpc.service", service);
  span.set("rpc.method", method);
  return span;
}

export function endCallSpan(span: Span, code: number, isError: boolean): void {
  span.set("rpc.grpc.status_code", code);
  span.end(isError ? grpcCodeName(code) : undefined);
}

const serverFaults: ReadonlySet<number> = new Set([
  grpcCodes.UNKNOWN,
  grpcCodes.DEADLINE_EXCEEDED,
  grpcCodes.UNIMPLEMENTED,
  grpcCodes.INTERNAL,
  grpcCodes.UNAVAILABLE,
  grpcCodes.DATA_LOSS,
]);

/** Whether a code means that the server failed, and not the client. */
export function isServerFault(code: number): boolean {
  return serverFaults.has(code);
}
