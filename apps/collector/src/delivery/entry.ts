/** How many lanes a destination has. More senders than lanes make no sense; the number is part of the format on disk. */
export const laneCount = 256;

/** One record in a queue, as the senders see it: all that decides order and requests, without its payload. */
export interface Entry {
  /** Grows with every record of a queue. */
  readonly position: number;
  /** Of the payload. */
  readonly bytes: number;
  readonly items: number;
  /** When it was appended, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** Records of one lane leave in order, and are never in two requests at the same time. */
  readonly lane: number;
  readonly group: string;
  state: "waiting" | "taken" | "settled";
}

/** The lane of a shard key and group. The mapping may change between versions: a record on disk carries its lane. */
export function laneOf(shard: number, group: string): number {
  let hash = (shard ^ (shard / 4294967296)) | 0;
  for (let i = 0; i < group.length; i++) hash = Math.imul(hash ^ group.charCodeAt(i), 0x01000193);
  // Shard keys may differ in their high bits only; the last byte must depend on all of them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) & (laneCount - 1);
}
