import { hash53 } from "../../bytes/hash.ts";

/** Where keys belong among members: each member bids for each key, the highest bid has it. When one of N comes or goes, only its own keys move. */
export class Placement {
  readonly members: readonly string[];
  readonly #lows: Int32Array;
  readonly #highs: Int32Array;

  constructor(members: Iterable<string>) {
    this.members = [...new Set(members)].sort();
    const hashes = this.members.map(hashOf);
    this.#lows = Int32Array.from(hashes, (hash) => hash | 0);
    this.#highs = Int32Array.from(hashes, (hash) => Math.floor(hash / 4294967296) | 0);
  }

  /** The member that a key belongs to; undefined where there is none. */
  ownerOf(keyHash: number): string | undefined {
    return this.members[this.#best(keyHash, -1)];
  }

  /** The member that has the key once its owner is gone. */
  nextOwnerOf(keyHash: number): string | undefined {
    return this.members[this.#best(keyHash, this.#best(keyHash, -1))];
  }

  #best(keyHash: number, without: number): number {
    let best = -1;
    let highest = -1;
    for (let i = 0; i < this.members.length; i++) {
      if (i === without) continue;
      const bid = this.#bid(i, keyHash);
      if (bid <= highest) continue;
      highest = bid;
      best = i;
    }
    return best;
  }

  /** Two rounds of multiplying and folding: bids of one member for two keys, or of two for one, have nothing to do with each other. */
  #bid(member: number, keyHash: number): number {
    let mixed = (keyHash | 0) ^ (this.#lows[member] as number);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed ^= Math.floor(keyHash / 4294967296) ^ (this.#highs[member] as number);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x21f0aaad);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
}

/** By what a name or a key is placed; the same on every collector. */
export function hashOf(text: string): number {
  return hash53(Buffer.from(text));
}
