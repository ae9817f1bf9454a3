import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import type { GrpcStatus } from "../../../../transport/grpc-status.ts";

/** A serialized google.rpc.Status: { 1: code, 2: message, 3: details }, the body of refusals over HTTP. */
export function statusMessage({ code, message, details }: GrpcStatus): Uint8Array {
  if (details !== undefined) return details;
  const writer = new ProtobufWriter(message.length + 16);
  writer.int(1, code);
  if (message !== "") writer.string(2, message);
  return writer.toBytes();
}
