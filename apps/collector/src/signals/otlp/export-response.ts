import { ProtobufReader, WIRE_BYTES } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { Signal } from "./batch.ts";
import { protobufFromJson } from "./json-to-protobuf.ts";
import { jsonFromProtobuf } from "./protobuf-to-json.ts";
import { responses } from "./schema.ts";

// Response { 1: PartialSuccess { 1: rejected items, 2: message } }, the same for all signals.

/** What a destination said of an export that it accepted. */
export interface PartialSuccess {
  /** Items that it took none of and never will. */
  readonly rejected: number;
  /** Why; also set as a warning where nothing was rejected. */
  readonly message: string;
}

const complete: PartialSuccess = { rejected: 0, message: "" };

/** The response to an export. Complete success is the empty message. */
export function exportResponse({ rejected, message }: PartialSuccess = complete): Uint8Array {
  const writer = new ProtobufWriter(64);
  if (rejected === 0 && message === "") return writer.toBytes();
  const mark = writer.begin(1, message.length + 8);
  if (rejected !== 0) writer.uint(1, rejected);
  if (message !== "") writer.string(2, message);
  writer.finish(mark);
  return writer.toBytes();
}

/** Reads a response; throws `MalformedInput`. */
export function readExportResponse(bytes: Uint8Array): PartialSuccess {
  const outer = new ProtobufReader().reset(bytes);
  let rejected = 0;
  let message = "";
  while (outer.next()) {
    if (outer.field !== 1 || outer.wire !== WIRE_BYTES) continue;
    const inner = new ProtobufReader().reset(bytes, outer.start, outer.stop);
    while (inner.next())
      if (inner.field === 1) rejected = Math.max(0, inner.signed());
      else if (inner.field === 2) message = inner.text();
  }
  return { rejected, message };
}

export function exportResponseJson(signal: Signal, success: PartialSuccess = complete): string {
  return jsonFromProtobuf(responses[signal], [exportResponse(success)]);
}

export function readExportResponseJson(signal: Signal, json: Uint8Array): PartialSuccess {
  return readExportResponse(protobufFromJson(responses[signal], json));
}
