import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { resourceLevel } from "./fields.ts";

/** Where writers older than OTLP 0.15 put the scopes of a resource. */
const OLD_SCOPES = 1000;

/** Moves scopes of old writers into the field where all readers look. Only for chunks in which `walk` saw such scopes. */
export function modernize(chunk: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter(chunk.length);
  const outer = new ProtobufReader().reset(chunk);
  const inner = new ProtobufReader();
  while (outer.next()) {
    if (outer.field !== 1) {
      writer.raw(chunk, outer.tagStart, outer.stop);
      continue;
    }
    const mark = writer.begin(1, outer.stop - outer.start);
    inner.reset(chunk, outer.start, outer.stop);
    while (inner.next())
      if (inner.field === OLD_SCOPES) writer.copy(resourceLevel.scopes, chunk, inner.start, inner.stop);
      else writer.raw(chunk, inner.tagStart, inner.stop);
    writer.finish(mark);
  }
  return writer.toBytes();
}
