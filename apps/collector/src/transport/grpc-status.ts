import { ProtobufReader, WIRE_BYTES, WIRE_VARINT } from "../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../bytes/protobuf-writer.ts";

/** The outcome of a call. `details` is a serialized google.rpc.Status, as `grpc-status-details-bin` carries it. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details?: Uint8Array;
}

/** The codes by their names. */
export const grpcCodes = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcCodeName = keyof typeof grpcCodes;

/** The name of a code, for messages and metrics. */
export function grpcCodeName(code: number): string {
  return codeNames[code] ?? `CODE(${code})`;
}

const codeNames: readonly string[] = Object.keys(grpcCodes);

/** A status; with `retryAfterMs` it tells the client when to come again (RetryInfo), which OTLP needs to retry RESOURCE_EXHAUSTED at all. */
export function grpcStatus(code: GrpcCodeName, message: string, retryAfterMs?: number): GrpcStatus {
  if (retryAfterMs === undefined) return { code: grpcCodes[code], message };
  return { code: grpcCodes[code], message, details: statusWithRetryInfo(grpcCodes[code], message, retryAfterMs) };
}

// google.rpc.Status { code = 1, message = 2, repeated Any details = 3 }; Any { type_url = 1, value = 2 };
// RetryInfo { Duration retry_delay = 1 }; Duration { seconds = 1, nanos = 2 }.
const retryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

function statusWithRetryInfo(code: number, message: string, retryAfterMs: number): Uint8Array {
  const writer = new ProtobufWriter(128);
  writer.int(1, code);
  writer.string(2, message);
  const any = writer.begin(3);
  writer.string(1, retryInfoType);
  const info = writer.begin(2);
  const delay = writer.begin(1);
  writer.int(1, Math.floor(retryAfterMs / 1000));
  writer.int(2, Math.round((retryAfterMs % 1000) * 1e6));
  writer.finish(delay);
  writer.finish(info);
  writer.finish(any);
  return writer.toBytes();
}

/** When a status asks to be retried; undefined: it does not say. */
export function retryAfterMsOf(status: GrpcStatus): number | undefined {
  if (status.details === undefined) return undefined;
  try {
    for (const any of messages(status.details, 3)) {
      const [type] = messages(any, 1);
      const [info] = messages(any, 2);
      if (type === undefined || info === undefined || !Buffer.from(type).toString().endsWith("/google.rpc.RetryInfo")) continue;
      return durationMs(messages(info, 1)[0]);
    }
  } catch {
    return undefined; // Details that can't be read say nothing.
  }
  return undefined;
}

function messages(message: Uint8Array, field: number): Uint8Array[] {
  const reader = new ProtobufReader().reset(message);
  const found: Uint8Array[] = [];
  while (reader.next()) if (reader.field === field && reader.wire === WIRE_BYTES) found.push(message.subarray(reader.start, reader.stop));
  return found;
}

function durationMs(duration: Uint8Array | undefined): number {
  let ms = 0;
  const reader = new ProtobufReader().reset(duration ?? new Uint8Array(0));
  while (reader.next()) {
    if (reader.wire !== WIRE_VARINT) continue;
    if (reader.field === 1) ms += reader.signed() * 1000;
    else if (reader.field === 2) ms += reader.signed() / 1e6;
  }
  return Math.max(ms, 0);
}
