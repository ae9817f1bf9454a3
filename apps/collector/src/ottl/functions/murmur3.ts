/** MurmurHash3 for 32 bits, its bytes least significant first, in hexadecimal digits. */
export function murmur3(bytes: Uint8Array): string {
  let state = 0;
  const blocks = bytes.length >> 2;
  for (let i = 0; i < blocks; i++) {
    state ^= mix32(word32(bytes, i * 4));
    state = (Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = bytes.length - 1; i >= blocks * 4; i--) rest = (rest << 8) | (bytes[i] as number);
  if (rest !== 0) state ^= mix32(rest);
  state ^= bytes.length;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  state ^= state >>> 16;
  const result = Buffer.alloc(4);
  result.writeInt32LE(state | 0);
  return result.toString("hex");
}

function mix32(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function word32(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

/** MurmurHash3 for 128 bits (x64), both halves least significant byte first, in hexadecimal digits. */
export function murmur3Of128(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let h1 = 0n;
  let h2 = 0n;
  const blocks = bytes.length >> 4;
  for (let i = 0; i < blocks; i++) {
    h1 ^= times(rotate(times(view.getBigUint64(i * 16, true), C1), 31n), C2);
    h1 = add(times(add(rotate(h1, 27n), h2), 5n), 0x52dce729n);
    h2 ^= times(rotate(times(view.getBigUint64(i * 16 + 8, true), C2), 33n), C1);
    h2 = add(times(add(rotate(h2, 31n), h1), 5n), 0x38495ab5n);
  }
  let k1 = 0n;
  let k2 = 0n;
  for (let i = bytes.length - 1; i >= blocks * 16; i--) {
    const position = i - blocks * 16;
    if (position >= 8) k2 = (k2 << 8n) | BigInt(bytes[i] as number);
    else k1 = (k1 << 8n) | BigInt(bytes[i] as number);
  }
  h2 ^= times(rotate(times(k2, C2), 33n), C1);
  h1 ^= times(rotate(times(k1, C1), 31n), C2);
  const size = BigInt(bytes.length);
  h1 = add(h1 ^ size, h2 ^ size);
  h2 = add(h2 ^ size, h1);
  h1 = add(finish(h1), finish(h2));
  // The second half is finished before the first is added to it.
  h2 = add(finish(h2), h1);
  const result = Buffer.alloc(16);
  result.writeBigUInt64LE(h1, 0);
  result.writeBigUInt64LE(h2, 8);
  return result.toString("hex");
}

function times(one: bigint, other: bigint): bigint {
  return BigInt.asUintN(64, one * other);
}

function add(one: bigint, other: bigint): bigint {
  return BigInt.asUintN(64, one + other);
}

function rotate(value: bigint, bits: bigint): bigint {
  return BigInt.asUintN(64, (value << bits) | (value >> (64n - bits)));
}

function finish(value: bigint): bigint {
  let mixed = times(value ^ (value >> 33n), 0xff51afd7ed558ccdn);
  mixed = times(mixed ^ (mixed >> 33n), 0xc4ceb9fe1a85ec53n);
  return mixed ^ (mixed >> 33n);
}
