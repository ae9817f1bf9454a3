// Words of four bytes, each multiplied, rotated and mixed in, then an avalanche: the shape of MurmurHash3 (x86, 32 bits). Not for
// adversaries: a table that outsiders fill must also be bounded.

const C1 = 0xcc9e2d51 | 0;
const C2 = 0x1b873593 | 0;

/** A 32-bit unsigned hash of `bytes` from `start` to `end`. Stable across versions: hashes are kept on disk. */
export function hash32(bytes: Uint8Array, start = 0, end: number = bytes.length, seed = 0): number {
  let hash = seed | 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    let word =
      (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    word = Math.imul(word, C1);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, C2);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  return avalanche(tail(hash, bytes, at, end) ^ (end - start)) >>> 0;
}

/** A 53-bit hash: two differently seeded lanes in one pass. Collisions among a million values: one in eighteen thousand runs. */
export function hash53(bytes: Uint8Array, start = 0, end: number = bytes.length, seed = 0): number {
  let one = seed | 0;
  let two = (seed | 0) ^ 0x5bd1e995;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    const word =
      (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    let mixed = Math.imul(word, C1);
    mixed = (mixed << 15) | (mixed >>> 17);
    one ^= Math.imul(mixed, C2);
    one = (one << 13) | (one >>> 19);
    one = (Math.imul(one, 5) + 0xe6546b64) | 0;
    mixed = Math.imul(word, 0x9e3779b1);
    mixed = (mixed << 16) | (mixed >>> 16);
    two ^= Math.imul(mixed, 0x85ebca77);
    two = (two << 17) | (two >>> 15);
    two = (Math.imul(two, 5) + 0x38b34ae5) | 0;
  }
  const size = end - start;
  one = avalanche(tail(one, bytes, at, end) ^ size);
  two = avalanche(tail(two, bytes, at, end) ^ size ^ one);
  return (two & 0x1fffff) * 4294967296 + (one >>> 0);
}

/** A 32-bit unsigned hash of a whole number, for tables keyed by ids. */
export function hashNumber(value: number): number {
  return avalanche((value | 0) ^ Math.imul(Math.floor(value / 4294967296), C1)) >>> 0;
}

/** Mixes a second hash in; the order counts. */
export function combineHashes(one: number, two: number): number {
  return avalanche(Math.imul(one, 31) + two) >>> 0;
}

function tail(hash: number, bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = end - 1; i >= at; i--) word = (word << 8) | (bytes[i] as number);
  word = Math.imul(word, C1);
  word = (word << 15) | (word >>> 17);
  return hash ^ Math.imul(word, C2);
}

function avalanche(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
