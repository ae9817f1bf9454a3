import { MalformedInput } from "../bytes/malformed-input.ts";
import { ProtobufReader, WIRE_BYTES } from "../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../bytes/protobuf-writer.ts";
import { type LabelList, readLabels, writeLabels } from "../signals/prometheus/label-encoding.ts";

/** What whoever scrapes a target next must know of the scrapes before. */
export interface TargetState {
  /** The turn of the last scrape, or the one before the first; undefined: not known. */
  readonly lastTurnMs: number | undefined;
  /** The series that it exposed: those that the next scrape does not expose have ended. */
  readonly series: readonly LabelList[];
}

export function encodeTargetState({ lastTurnMs, series }: TargetState): Uint8Array {
  const writer = new ProtobufWriter(64 + series.length * 128);
  if (lastTurnMs !== undefined) writer.uint(1, Math.round(lastTurnMs));
  for (const labels of series) {
    const mark = writer.begin(2, 128);
    writeLabels(writer, labels);
    writer.finish(mark);
  }
  return writer.toBytes();
}

/** Undefined where the bytes are no state: then nothing is known. */
export function decodeTargetState(bytes: Uint8Array): TargetState | undefined {
  try {
    const reader = new ProtobufReader().reset(bytes);
    let lastTurnMs: number | undefined;
    const series: LabelList[] = [];
    while (reader.next()) {
      if (reader.field === 1) lastTurnMs = reader.unsigned();
      else if (reader.field === 2 && reader.wire === WIRE_BYTES) series.push(readLabels(bytes, reader.start, reader.stop));
    }
    return { lastTurnMs, series };
  } catch (error) {
    if (error instanceof MalformedInput) return undefined;
    throw error;
  }
}
