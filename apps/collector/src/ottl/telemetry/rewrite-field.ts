import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import type { MessageView } from "./message-view.ts";

const reader = new ProtobufReader();
const scratch = new ProtobufWriter(1024);

/** Replaces all occurrences of a field in the message that field `outer` of the view holds by what `write` writes. */
export function rewriteField(view: MessageView, outer: number, field: number, write: (writer: ProtobufWriter) => void): void {
  if (!view.has(outer)) return;
  const start = view.startOf(outer);
  const bytes = view.bytesOf(outer);
  scratch.clear();
  const fields = reader.reset(bytes, start, view.endOf(outer));
  while (fields.next()) if (fields.field !== field) scratch.raw(bytes, fields.tagStart, fields.stop);
  write(scratch);
  view.setWhole(outer, (writer) => writer.copy(outer, scratch.bytes, 0, scratch.length));
}
