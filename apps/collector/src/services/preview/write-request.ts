import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { type PreviewStore, textOf } from "./store.ts";

const doubles = new DataView(new ArrayBuffer(8));

/** Reads the float samples of a remote write 1.0 request into the store. Throws `MalformedInput`. */
export function readWriteRequest(body: Uint8Array, store: PreviewStore): void {
  const request = new ProtobufReader().reset(body);
  const series = new ProtobufReader();
  const inner = new ProtobufReader();
  while (request.next()) {
    if (request.field !== 1) continue;
    const labels: string[] = [];
    series.reset(body, request.start, request.stop);
    while (series.next()) if (series.field === 1) labels.push(labelText(inner.reset(body, series.start, series.stop)));
    const text = labels.join(", ");
    series.reset(body, request.start, request.stop);
    while (series.next()) {
      if (series.field !== 2) continue;
      let value = 0;
      let timeMs = 0;
      inner.reset(body, series.start, series.stop);
      while (inner.next()) {
        if (inner.field === 1) value = doubleOf(inner);
        else if (inner.field === 2) timeMs = inner.high * 2 ** 32 + (inner.low >>> 0);
      }
      if (!Number.isNaN(value)) store.addSample(text, timeMs, value);
    }
  }
}

function labelText(reader: ProtobufReader): string {
  let name = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) name = textOf(reader);
    else if (reader.field === 2) value = textOf(reader);
  }
  return name === "__name__" ? value : `${name}=${JSON.stringify(value)}`;
}

function doubleOf(reader: ProtobufReader): number {
  doubles.setInt32(0, reader.low, true);
  doubles.setInt32(4, reader.high, true);
  return doubles.getFloat64(0, true);
}
