import { signedOf } from "../../bytes/int64.ts";
import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { type MetricKind, pointExemplars } from "../otlp/write/metric.ts";
import { writeLabels } from "../prometheus/label-encoding.ts";

export interface Exemplar {
  readonly timeLow: number;
  readonly timeHigh: number;
  readonly value: number;
  /** What exemplars are sorted by: a whole number counts as 0, as in the incumbent. */
  readonly order: number;
  /** Encoded labels. */
  readonly labels: Uint8Array;
}

/** Reads the exemplars of one data point. They are few, so they are objects. */
export class ExemplarReader {
  readonly #point = new ProtobufReader();
  readonly #part = new ProtobufReader();
  readonly #labels = new ProtobufWriter(128);
  list: Exemplar[] = [];

  read(kind: MetricKind, bytes: Uint8Array, start: number, end: number): void {
    this.list = [];
    const field = pointExemplars(kind);
    const point = this.#point.reset(bytes, start, end);
    while (point.next()) if (point.field === field) this.list.push(this.#read(bytes, point.start, point.stop));
  }

  #read(bytes: Uint8Array, start: number, end: number): Exemplar {
    const part = this.#part.reset(bytes, start, end);
    let [timeLow, timeHigh, value, order] = [0, 0, 0, 0];
    const names: string[] = [];
    const values: string[] = [];
    let traceId = "";
    let spanId = "";
    while (part.next())
      switch (part.field) {
        case 2:
          timeLow = part.low;
          timeHigh = part.high;
          break;
        case 3:
          value = order = part.double();
          break;
        case 6:
          value = signedOf(part.low, part.high);
          order = 0;
          break;
        case 4:
          spanId = idText(bytes, part.start, part.stop);
          break;
        case 5:
          traceId = idText(bytes, part.start, part.stop);
          break;
      }
    if (spanId !== "") {
      names.push("span_id");
      values.push(spanId);
    }
    if (traceId !== "") {
      names.push("trace_id");
      values.push(traceId);
    }
    this.#labels.clear();
    writeLabels(this.#labels, { names, values });
    return { timeLow, timeHigh, value, order, labels: this.#labels.toBytes() };
  }
}

/** The id in hexadecimal; empty where all of it is zero. */
function idText(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++)
    if (bytes[i] !== 0) return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("hex");
  return "";
}
