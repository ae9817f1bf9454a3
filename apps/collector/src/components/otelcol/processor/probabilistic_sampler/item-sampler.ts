import type { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";

/** Said about the item that was decided last; one for all items. */
export interface Sampled {
  /** What decided, for the metric. */
  policy: string;
  /** The item is kept with other content: `write` has it. */
  isChanged: boolean;
}

/** Decides about one item after the other. */
export interface ItemSampler {
  /** Whether the item in `bytes` from `start` to `end` is kept. */
  decide(bytes: Uint8Array, start: number, end: number, sampled: Sampled): boolean;
  /** Writes the item that was decided last as it goes on. */
  write(writer: ProtobufWriter, bytes: Uint8Array, start: number, end: number): void;
}
