import { readFileSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";

// Lines and label values may hold any text; protobufjs reads 64-bit integers as Long objects, turned into bigint where they are used.
function load(file: string): protobuf.Root {
  return protobuf.parse(readFileSync(join(import.meta.dirname, "proto", file), "utf8")).root;
}

const otlp = load("otlp.proto");
const remoteWrite = load("remote-write.proto");
const loki = load("loki.proto");

/** The message types that a destination reads or answers with; tests may encode with them too, independently of the collector. */
export const protos = {
  traces: otlp.lookupType("otlp.TracesRequest"),
  logs: otlp.lookupType("otlp.LogsRequest"),
  metrics: otlp.lookupType("otlp.MetricsRequest"),
  otlpResponse: otlp.lookupType("otlp.Response"),
  rpcStatus: otlp.lookupType("otlp.RpcStatus"),
  retryInfo: otlp.lookupType("otlp.RetryInfo"),
  remoteWrite1: remoteWrite.lookupType("remotewrite.WriteRequest"),
  remoteWrite2: remoteWrite.lookupType("remotewrite.Request"),
  lokiPush: loki.lookupType("loki.PushRequest"),
};

/** Bytes of a message given as a plain object (camelCase fields, 64-bit integers as bigint, number or decimal text). */
export function encode(type: protobuf.Type, message: object): Buffer {
  return Buffer.from(type.encode(type.fromObject(withoutBigints(message) as Record<string, unknown>)).finish());
}

/** A message as a plain object: only fields that were there, 64-bit integers as decimal text, bytes as Buffer. Throws on malformed input. */
export function decode(type: protobuf.Type, bytes: Uint8Array): Record<string, unknown> {
  return type.toObject(type.decode(bytes), { longs: String, bytes: Buffer as never });
}

function withoutBigints(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(withoutBigints);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBigints(inner)]));
}
