import { ProtobufReader, WIRE_FIXED64 } from "../../../../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../../../../bytes/protobuf-writer.ts";
import { doubleOf, highHalf, integerOf, lowHalf } from "../../../../../ottl/telemetry/any-value.ts";
import { intOfFloat } from "../../../../../ottl/value.ts";
import { metricField } from "../../../../../signals/otlp/fields.ts";
import { double, doubles, editPoint, setDouble, setDoubles } from "./points.ts";

const { gauge, sum, histogram, summary } = metricField;

/** A point with all that is measured in its unit multiplied; exemplars only those of histograms, as in the incumbent. */
export function scalePoint(point: Uint8Array, kind: number, factor: number): Uint8Array {
  switch (kind) {
    case gauge:
    case sum:
      return rewritten(point, (reader, writer) => {
        if (reader.field === 4 && reader.wire === WIRE_FIXED64) writer.double(4, doubleOf(reader.low, reader.high) * factor);
        else if (reader.field === 6 && reader.wire === WIRE_FIXED64) writeInteger(writer, 6, integerOf(reader.low, reader.high), factor);
        else return false;
        return true;
      });
    case histogram: {
      const scaled = editPoint(point, kind, (view) => {
        // Sum, smallest and largest value, where they are there.
        for (const field of [5, 11, 12]) if (view.has(field)) setDouble(view, field, double(view, field) * factor);
        setDoubles(
          view,
          7,
          doubles(view, 7).map((bound) => bound * factor),
        );
      });
      return rewritten(scaled, (reader, writer) => {
        if (reader.field !== 8) return false;
        writer.copy(8, scaledExemplar(reader.copy(), factor));
        return true;
      });
    }
    case summary: {
      const scaled = editPoint(point, kind, (view) => setDouble(view, 5, double(view, 5) * factor, false));
      return rewritten(scaled, (reader, writer) => {
        if (reader.field !== 6) return false;
        writer.copy(6, scaledQuantile(reader.copy(), factor));
        return true;
      });
    }
    default:
      return point;
  }
}

function scaledExemplar(exemplar: Uint8Array, factor: number): Uint8Array {
  return rewritten(exemplar, (reader, writer) => {
    if (reader.field === 3 && reader.wire === WIRE_FIXED64) writer.double(3, doubleOf(reader.low, reader.high) * factor);
    else if (reader.field === 6 && reader.wire === WIRE_FIXED64) writeInteger(writer, 6, integerOf(reader.low, reader.high), factor);
    else return false;
    return true;
  });
}

function scaledQuantile(quantile: Uint8Array, factor: number): Uint8Array {
  return rewritten(quantile, (reader, writer) => {
    if (reader.field !== 2) return false;
    writer.double(2, doubleOf(reader.low, reader.high) * factor);
    return true;
  });
}

function writeInteger(writer: ProtobufWriter, field: number, value: bigint, factor: number): void {
  const scaled = intOfFloat(Number(value) * factor);
  writer.fixed64(field, lowHalf(scaled), highHalf(scaled));
}

/** The message with each field that `rewrite` writes anew; those it answers false to stay. */
function rewritten(message: Uint8Array, rewrite: (reader: ProtobufReader, writer: ProtobufWriter) => boolean): Uint8Array {
  const writer = new ProtobufWriter(message.length + 16);
  const reader = new ProtobufReader().reset(message);
  while (reader.next()) if (!rewrite(reader, writer)) writer.raw(message, reader.tagStart, reader.stop);
  return writer.toBytes();
}
