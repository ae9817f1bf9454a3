import { crc32 } from "node:zlib";

// The ring must be the incumbent's, position by position: while some collectors of a cluster are replaced, all of them must send the spans of a
// trace to the same place.

const POSITIONS = 131_071;
const POINTS_PER_ENDPOINT = 200;
/** So far ahead a place is looked for where another point is already. */
const PROBES = 10;

/** Which endpoint is responsible for a hash, so that few hashes move when endpoints come and go. */
export class HashRing {
  /** Indexes into `endpoints`, by position. */
  readonly #positions: Int32Array;
  readonly #owners: Int32Array;
  readonly endpoints: readonly string[];

  constructor(endpoints: readonly string[]) {
    this.endpoints = endpoints;
    const items = placed(candidates(endpoints));
    this.#positions = Int32Array.from(items, ({ position }) => position);
    this.#owners = Int32Array.from(items, ({ endpoint }) => endpoint);
  }

  /** The index of the endpoint for a CRC-32; -1 where there is none. */
  ownerOf(hash: number): number {
    const positions = this.#positions;
    if (positions.length === 0) return -1;
    const wanted = hash % POSITIONS;
    let low = 0;
    let high = positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((positions[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#owners[low === positions.length ? 0 : low] as number;
  }
}

interface Candidate {
  readonly position: number;
  readonly hash: number;
  readonly endpoint: number;
}

function candidates(endpoints: readonly string[]): Candidate[] {
  const points: Candidate[] = [];
  const number = Buffer.alloc(4);
  for (const [endpoint, name] of endpoints.entries())
    for (let i = 0; i < POINTS_PER_ENDPOINT; i++) {
      number.writeUInt32LE(i);
      const hash = crc32(number, crc32(name));
      points.push({ position: hash % POSITIONS, hash, endpoint });
    }
  const nameOf = ({ endpoint }: Candidate) => endpoints[endpoint] as string;
  return points.sort((a, b) => a.position - b.position || a.hash - b.hash || (nameOf(a) < nameOf(b) ? -1 : 1));
}

function placed(points: readonly Candidate[]): { position: number; endpoint: number }[] {
  const items: { position: number; endpoint: number }[] = [];
  const taken = new Set<number>();
  for (const { position: wanted, endpoint } of points) {
    let position = wanted;
    let probes = 0;
    for (; taken.has(position) && probes < PROBES; probes++) position = (position + 1) % POSITIONS;
    if (probes >= PROBES) continue;
    taken.add(position);
    items.push({ position, endpoint });
  }
  return items.sort((a, b) => a.position - b.position);
}
