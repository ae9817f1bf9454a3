import { visibleClient } from "../../../../signals/client-info.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { exportResponse, exportResponseJson } from "../../../../signals/otlp/export-response.ts";
import { type GrpcCodeName, grpcCodes, grpcStatus } from "../../../../transport/grpc-status.ts";
import type { HttpAnswer, HttpRefusal, HttpRoute } from "../../../../transport/http-server.ts";
import type { Ingest, Refusal } from "./ingest.ts";
import { statusMessage } from "./status-message.ts";

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

/** HTTP's status for each code: which may be tried again is written in the protocol's specification. */
const httpStatuses: Readonly<Partial<Record<GrpcCodeName, number>>> = {
  CANCELLED: 503,
  DEADLINE_EXCEEDED: 503,
  ABORTED: 503,
  OUT_OF_RANGE: 503,
  UNAVAILABLE: 503,
  DATA_LOSS: 503,
  RESOURCE_EXHAUSTED: 429,
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  UNIMPLEMENTED: 404,
};

/** The page for one signal. */
export function httpRoute(signal: Signal, ingest: Ingest, includeMetadata: boolean): HttpRoute {
  const success: Readonly<Record<string, HttpAnswer>> = {
    [PROTOBUF]: { status: 200, headers: { "content-type": PROTOBUF }, body: exportResponse() },
    [JSON_TYPE]: { status: 200, headers: { "content-type": JSON_TYPE }, body: exportResponseJson(signal) },
  };
  // Before the body the format is not known to be one of ours: without it, protobuf is what clients of OTLP understand.
  return {
    methods: ["POST"],
    pressure() {
      const refusal = ingest.pressure(signal, "http");
      return refusal === undefined ? undefined : refused(refusal, PROTOBUF);
    },
    async handle({ contentType, body, client }) {
      const answer = success[contentType];
      if (answer === undefined)
        return {
          status: 415,
          headers: { "content-type": "text/plain" },
          body: `415 unsupported media type, supported: [${JSON_TYPE}, ${PROTOBUF}]`,
        };
      const sender = visibleClient(client, includeMetadata);
      const take = contentType === JSON_TYPE ? ingest.json(signal, "http", body, sender) : ingest.protobuf(signal, "http", body, sender);
      const refusal = await take;
      return refusal === undefined ? answer : refused(refusal, contentType);
    },
  };
}

function refused({ code, message, retryAfterMs }: Refusal, contentType: string): HttpAnswer {
  const status = httpStatuses[code] ?? 500;
  return statusAnswer(status, code, message, contentType, retryAfterMs);
}

function statusAnswer(status: number, code: GrpcCodeName, message: string, contentType: string, retryAfterMs?: number): HttpAnswer {
  const isJson = contentType !== PROTOBUF;
  return {
    status,
    headers: {
      "content-type": isJson ? JSON_TYPE : PROTOBUF,
      ...(retryAfterMs !== undefined && { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    },
    body: isJson ? JSON.stringify({ code: grpcCodes[code], message }) : statusMessage(grpcStatus(code, message, retryAfterMs)),
  };
}

/** What the server itself refuses, in the form that clients of OTLP understand. */
export function refuseHttp({ status, message, contentType, retryAfterMs }: HttpRefusal): HttpAnswer {
  if (status === 404 || status === 405) return { status, headers: { "content-type": "text/plain" }, body: message };
  const codes: Readonly<Record<number, GrpcCodeName>> = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
  };
  return statusAnswer(status, codes[status] ?? (status >= 500 ? "INTERNAL" : "UNKNOWN"), message, contentType, retryAfterMs);
}
