import type { QueueFile } from "./files.ts";

/** One file of the log, and what the queue knows of the records in it. */
export interface Segment {
  readonly path: string;
  /** The position of its header. */
  readonly start: number;
  /** Up to here it is written. */
  end: number;
  /** Nothing is appended any more. */
  isSealed: boolean;
  /** Its records have been counted; those of an earlier process are counted after the queue was opened. */
  isKnown: boolean;
  isRemoved: boolean;
  /** Open while it is written, and until it was synced. */
  file: QueueFile | undefined;
  /** When its oldest and newest records were appended. */
  oldestMs: number;
  newestMs: number;
  /** Records that are neither delivered nor dropped. */
  readonly live: Tally;
  /** Those of them that the backlog does not hold: they are found when the reader comes to them. */
  readonly unindexed: Tally;
}

export interface Tally {
  items: number;
  bytes: number;
  records: number;
}

export function newSegment(path: string, start: number): Segment {
  return {
    path,
    start,
    end: start,
    isSealed: false,
    isKnown: true,
    isRemoved: false,
    file: undefined,
    oldestMs: Number.POSITIVE_INFINITY,
    newestMs: 0,
    live: { items: 0, bytes: 0, records: 0 },
    unindexed: { items: 0, bytes: 0, records: 0 },
  };
}

/** Adds a record to a tally, or with -1 takes it out. */
export function tally(into: Tally, record: { readonly items: number; readonly bytes: number }, sign: 1 | -1): void {
  into.items += sign * record.items;
  into.bytes += sign * record.bytes;
  into.records += sign;
}
