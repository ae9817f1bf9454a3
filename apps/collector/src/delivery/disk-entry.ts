import type { Entry } from "./entry.ts";
import type { Segment } from "./segment.ts";

/** A record of a queue on disk that the senders may take. */
export interface DiskEntry extends Entry {
  /** The position after the record. */
  readonly end: number;
  /** Where it is written; undefined until it is. */
  segment: Segment | undefined;
}
