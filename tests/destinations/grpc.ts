import type { ServerHttp2Stream } from "node:http2";
import { uncompress } from "./body.ts";
import type { Intake } from "./intake.ts";
import { BadRequest, type Items } from "./items.ts";
import { type OtlpSignal, readOtlp } from "./otlp.ts";
import { encode, protos } from "./protos.ts";

const service = "/opentelemetry.proto.collector.";
const methods: Readonly<Record<string, OtlpSignal>> = {
  [`${service}trace.v1.TraceService/Export`]: "traces",
  [`${service}metrics.v1.MetricsService/Export`]: "metrics",
  [`${service}logs.v1.LogsService/Export`]: "logs",
};

/** Answers one gRPC call of OTLP's three services; `reset` breaks the call's connection as a crash would. */
export async function answerGrpc(
  intake: Intake,
  stream: ServerHttp2Stream,
  headers: Record<string, unknown>,
  reset: () => void,
): Promise<void> {
  const path = String(headers[":path"]);
  const signal = methods[path];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (signal === undefined) return end(stream, code.unimplemented, `unknown method ${path}`);
  const encoding = headers["grpc-encoding"] as string | undefined;
  const read = (): Items => readOtlp(signal, messageOf(body, encoding));
  const answer = await intake.receive({ protocol: "otlp/grpc", path, headers: textual(headers), wireBytes: body.length, read });
  if (stream.destroyed) return;
  switch (answer.kind) {
    case "hang":
      return;
    case "reset":
      reset();
      return;
    case "refused":
      return end(stream, codeOf(answer.status), answer.reason, answer.retryAfterSeconds);
    case "accepted": {
      const { rejected } = answer;
      const response = rejected > 0 ? { partialSuccess: { rejected, errorMessage: "injected fault: half of it" } } : {};
      return reply(stream, encode(protos.otlpResponse, response));
    }
    default:
      answer satisfies never;
  }
}

const code = {
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
};

// The same fault means the same over both protocols.
function codeOf(status: number): number {
  switch (status) {
    case 400:
      return code.invalidArgument;
    case 401:
      return code.unauthenticated;
    case 403:
      return code.permissionDenied;
    case 429:
      return code.resourceExhausted;
    case 502:
    case 503:
    case 504:
      return code.unavailable;
    default:
      return code.internal;
  }
}

/** Frame of a message: compressed? (1) | length (4, big-endian) | message. One message a call. */
function messageOf(body: Buffer, encoding: string | undefined): Buffer {
  if (body.length < 5) throw new BadRequest(`a gRPC message has a prefix of 5 bytes, ${body.length} came`);
  const length = body.readUInt32BE(1);
  if (length !== body.length - 5) throw new BadRequest(`the gRPC prefix claims ${length} bytes, ${body.length - 5} came`);
  return uncompress(body.readUInt8(0) === 1 ? encoding : undefined, body.subarray(5));
}

function reply(stream: ServerHttp2Stream, message: Buffer): void {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, 5);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frame);
}

/** A response of trailers only, with RetryInfo where a pause is asked for. */
function end(stream: ServerHttp2Stream, status: number, message: string, retryAfterSeconds?: number): void {
  const trailers = {
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-status": String(status),
    "grpc-message": encodeURIComponent(message),
  };
  stream.respond(
    retryAfterSeconds === undefined
      ? trailers
      : { ...trailers, "grpc-status-details-bin": retryDetails(status, message, retryAfterSeconds) },
    { endStream: true },
  );
}

function retryDetails(status: number, message: string, seconds: number): string {
  const nanos = Math.round((seconds % 1) * 1e9);
  const value = encode(protos.retryInfo, { retryDelay: { seconds: Math.trunc(seconds), nanos } });
  const details = [{ typeUrl: "type.googleapis.com/google.rpc.RetryInfo", value }];
  return encode(protos.rpcStatus, { code: status, message, details }).toString("base64").replace(/=+$/, "");
}

function textual(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
