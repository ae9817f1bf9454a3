import { ProtobufReader, WIRE_BYTES } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { Signal } from "./batch.ts";
import { choicesOf, type MessageType, requests } from "./schema.ts";

/**
 * Writes a request anew so that every message which can be there once is there once. Protobuf says what several mean: all of them merged, and of a `oneof`
 * the last. No encoder writes that; but who did could show one resource to us, who look at one place, and another to the destination, which merges. Only for
 * chunks in which `walk` saw such messages: it decodes every level.
 */
export function mergeRepeated(signal: Signal, chunk: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter(chunk.length);
  merge(requests[signal], chunk, 0, chunk.length, writer);
  return writer.toBytes();
}

function merge(type: MessageType, bytes: Uint8Array, start: number, end: number, writer: ProtobufWriter): void {
  const choices = choicesOf(type);
  const fields = new Map(type.fields.map((field) => [field.number, field]));
  const singular = new Map<number, Uint8Array[]>();
  /** The part of a `oneof` that came last, where it is no message. */
  let chosen: Uint8Array | undefined;
  const reader = new ProtobufReader().reset(bytes, start, end);
  while (reader.next()) {
    const field = fields.get(reader.field);
    const isMessage = field?.message !== undefined && reader.wire === WIRE_BYTES;
    if (choices.has(reader.field)) {
      for (const other of choices) if (other !== reader.field) singular.delete(other);
      chosen = isMessage ? undefined : bytes.subarray(reader.tagStart, reader.stop);
    }
    if (isMessage && field.repeated) {
      const mark = writer.begin(reader.field, reader.stop - reader.start);
      merge(field.message as MessageType, bytes, reader.start, reader.stop, writer);
      writer.finish(mark);
    } else if (isMessage) {
      const parts = singular.get(reader.field);
      if (parts === undefined) singular.set(reader.field, [bytes.subarray(reader.start, reader.stop)]);
      else parts.push(bytes.subarray(reader.start, reader.stop));
    } else if (chosen === undefined || !choices.has(reader.field)) writer.raw(bytes, reader.tagStart, reader.stop);
  }
  if (chosen !== undefined) writer.raw(chosen, 0, chosen.length);
  for (const [number, parts] of singular) {
    // Messages merge by putting their bytes one after the other.
    const content = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    const mark = writer.begin(number, content.length);
    merge(fields.get(number)?.message as MessageType, content, 0, content.length, writer);
    writer.finish(mark);
  }
}
