// XXH3 with the default secret and no seed, after its specification: other ways for up to 16, 128 and 240 bytes and beyond.

const SECRET = Buffer.from(
  "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c" +
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364" +
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e",
  "hex",
);
const P32_1 = 0x9e3779b1n;
const P32_2 = 0x85ebca77n;
const P32_3 = 0xc2b2ae3dn;
const P64_1 = 0x9e3779b185ebca87n;
const P64_2 = 0xc2b2ae3d27d4eb4fn;
const P64_3 = 0x165667b19e3779f9n;
const P64_4 = 0x85ebca77c2b2ae63n;
const P64_5 = 0x27d4eb2f165667c5n;
const PMX1 = 0x165667919e3779f9n;
const PMX2 = 0x9fb21c651e98df25n;
const MASK = (1n << 64n) - 1n;

const STRIPE = 64;
const SECRET_STEP = 8;
const STRIPES_PER_BLOCK = (SECRET.length - STRIPE) / SECRET_STEP;

/** The 64-bit hash in hexadecimal digits. */
export function xxh3(bytes: Uint8Array): string {
  return hex(hash64(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)));
}

/** The 128-bit hash in hexadecimal digits. */
export function xxh128(bytes: Uint8Array): string {
  const { low, high } = hash128(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return hex(high) + hex(low);
}

interface Wide {
  readonly low: bigint;
  readonly high: bigint;
}

function hash64(data: Buffer): bigint {
  const size = data.length;
  if (size <= 16) return shortHash64(data, size);
  if (size <= 128) return avalanche(sixteens(data, size));
  if (size <= 240) return avalanche(middle(data, size));
  return mergeAccumulators(accumulated(data), 11, times(BigInt(size), P64_1));
}

function shortHash64(data: Buffer, size: number): bigint {
  if (size > 8) {
    const first = secret(24) ^ secret(32);
    const second = secret(40) ^ secret(48);
    const low = word(data, 0) ^ first;
    const high = word(data, size - 8) ^ second;
    return avalanche(BigInt(size) + swap64(low) + high + folded(low, high));
  }
  if (size >= 4) {
    const flip = secret(8) ^ secret(16);
    const both = half(data, size - 4) + (half(data, 0) << 32n);
    return rrmxmx(both ^ flip, BigInt(size));
  }
  if (size > 0) {
    const combined = combine(data, size);
    return xxh64Avalanche(combined ^ (secret32(0) ^ secret32(4)));
  }
  return xxh64Avalanche(secret(56) ^ secret(64));
}

function combine(data: Buffer, size: number): bigint {
  const [first, middleByte, last] = [data[0] as number, data[size >> 1] as number, data[size - 1] as number];
  return (BigInt(first) << 16n) | (BigInt(middleByte) << 24n) | BigInt(last) | (BigInt(size) << 8n);
}

function sixteens(data: Buffer, size: number): bigint {
  let sum = times(BigInt(size), P64_1);
  for (let i = Math.min(3, Math.ceil(size / 32) - 1); i >= 0; i--) {
    sum += mix16(data, i * 16, i * 32) + mix16(data, size - (i + 1) * 16, i * 32 + 16);
  }
  return sum & MASK;
}

function middle(data: Buffer, size: number): bigint {
  let sum = times(BigInt(size), P64_1);
  const rounds = size >> 4;
  for (let i = 0; i < 8; i++) sum += mix16(data, i * 16, i * 16);
  sum = avalanche(sum & MASK);
  for (let i = 8; i < rounds; i++) sum += mix16(data, i * 16, (i - 8) * 16 + 3);
  sum += mix16(data, size - 16, 136 - 17);
  return sum & MASK;
}

function hash128(data: Buffer): Wide {
  const size = data.length;
  if (size <= 16) return shortHash128(data, size);
  if (size <= 240) return middle128(data, size);
  const accumulators = accumulated(data);
  return {
    low: mergeAccumulators(accumulators, 11, times(BigInt(size), P64_1)),
    high: mergeAccumulators(accumulators, SECRET.length - 64 - 11, ~times(BigInt(size), P64_2) & MASK),
  };
}

function shortHash128(data: Buffer, size: number): Wide {
  if (size > 8) {
    const flipLow = secret(32) ^ secret(40);
    const flipHigh = secret(48) ^ secret(56);
    const first = word(data, 0);
    let last = word(data, size - 8);
    const product = (first ^ last ^ flipLow) * P64_1;
    let low = product & MASK;
    let high = product >> 64n;
    low = (low + (BigInt(size - 1) << 54n)) & MASK;
    last ^= flipHigh;
    high = (high + last + (last & 0xffffffffn) * (P32_2 - 1n)) & MASK;
    low ^= swap64(high);
    const second = low * P64_2;
    return { low: avalanche(second & MASK), high: avalanche(((second >> 64n) + high * P64_2) & MASK) };
  }
  if (size >= 4) {
    const both = half(data, 0) + (half(data, size - 4) << 32n);
    const keyed = both ^ (secret(16) ^ secret(24));
    const product = keyed * (P64_1 + (BigInt(size) << 2n));
    let low = product & MASK;
    let high = ((product >> 64n) + (low << 1n)) & MASK;
    low ^= high >> 3n;
    low = times(low ^ (low >> 35n), PMX2);
    low ^= low >> 28n;
    high = avalanche(high);
    return { low, high };
  }
  if (size > 0) {
    const combined = combine(data, size);
    const swapped = rotate32(swap32(combined), 13n);
    return {
      low: xxh64Avalanche(combined ^ (secret32(0) ^ secret32(4))),
      high: xxh64Avalanche(swapped ^ (secret32(8) ^ secret32(12))),
    };
  }
  return { low: xxh64Avalanche(secret(64) ^ secret(72)), high: xxh64Avalanche(secret(80) ^ secret(88)) };
}

function middle128(data: Buffer, size: number): Wide {
  let low = times(BigInt(size), P64_1);
  let high = 0n;
  const mix = (first: number, second: number, at: number): void => {
    low = (low + mix16(data, first, at)) & MASK;
    low ^= (word(data, second) + word(data, second + 8)) & MASK;
    high = (high + mix16(data, second, at + 16)) & MASK;
    high ^= (word(data, first) + word(data, first + 8)) & MASK;
  };
  if (size <= 128) for (let i = Math.ceil(size / 32) - 1; i >= 0; i--) mix(i * 16, size - (i + 1) * 16, i * 32);
  else {
    const rounds = size >> 5;
    for (let i = 0; i < 4; i++) mix(i * 32, i * 32 + 16, i * 32);
    low = avalanche(low);
    high = avalanche(high);
    for (let i = 4; i < rounds; i++) mix(i * 32, i * 32 + 16, 3 + (i - 4) * 32);
    mix(size - 16, size - 32, 136 - 17 - 16);
  }
  const sum = (low + high) & MASK;
  const other = (times(low, P64_1) + times(high, P64_4) + times(BigInt(size), P64_2)) & MASK;
  return { low: avalanche(sum), high: -avalanche(other) & MASK };
}

function accumulated(data: Buffer): bigint[] {
  const accumulators = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1];
  const blockSize = STRIPE * STRIPES_PER_BLOCK;
  const blocks = Math.floor((data.length - 1) / blockSize);
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < STRIPES_PER_BLOCK; i++) stripe(accumulators, data, block * blockSize + i * STRIPE, i * SECRET_STEP);
    for (const [i, value] of accumulators.entries())
      accumulators[i] = times(value ^ (value >> 47n) ^ secret(SECRET.length - STRIPE + i * 8), P32_1);
  }
  const done = blocks * blockSize;
  const stripes = Math.floor((data.length - 1 - done) / STRIPE);
  for (let i = 0; i < stripes; i++) stripe(accumulators, data, done + i * STRIPE, i * SECRET_STEP);
  stripe(accumulators, data, data.length - STRIPE, SECRET.length - STRIPE - 7);
  return accumulators;
}

function stripe(accumulators: bigint[], data: Buffer, at: number, secretAt: number): void {
  for (let i = 0; i < 8; i++) {
    const value = word(data, at + i * 8);
    const keyed = value ^ secret(secretAt + i * 8);
    accumulators[i ^ 1] = ((accumulators[i ^ 1] as bigint) + value) & MASK;
    accumulators[i] = ((accumulators[i] as bigint) + (keyed & 0xffffffffn) * (keyed >> 32n)) & MASK;
  }
}

function mergeAccumulators(accumulators: readonly bigint[], secretAt: number, start: bigint): bigint {
  let sum = start;
  for (let i = 0; i < 4; i++)
    sum += folded(
      (accumulators[2 * i] as bigint) ^ secret(secretAt + 16 * i),
      (accumulators[2 * i + 1] as bigint) ^ secret(secretAt + 16 * i + 8),
    );
  return avalanche(sum & MASK);
}

function mix16(data: Buffer, at: number, secretAt: number): bigint {
  return folded(word(data, at) ^ secret(secretAt), word(data, at + 8) ^ secret(secretAt + 8));
}

function folded(one: bigint, other: bigint): bigint {
  const product = one * other;
  return (product & MASK) ^ (product >> 64n);
}

function avalanche(value: bigint): bigint {
  const wrapped = value & MASK;
  const mixed = times(wrapped ^ (wrapped >> 37n), PMX1);
  return mixed ^ (mixed >> 32n);
}

function xxh64Avalanche(value: bigint): bigint {
  let mixed = times(value ^ (value >> 33n), P64_2);
  mixed = times(mixed ^ (mixed >> 29n), P64_3);
  return mixed ^ (mixed >> 32n);
}

function rrmxmx(value: bigint, size: bigint): bigint {
  let mixed = value ^ rotate64(value, 49n) ^ rotate64(value, 24n);
  mixed = times(mixed, PMX2);
  mixed ^= (mixed >> 35n) + size;
  mixed = times(mixed & MASK, PMX2);
  return mixed ^ (mixed >> 28n);
}

function times(one: bigint, other: bigint): bigint {
  return (one * other) & MASK;
}

function rotate64(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function rotate32(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (32n - bits))) & 0xffffffffn;
}

function swap64(value: bigint): bigint {
  return (swap32(value & 0xffffffffn) << 32n) | swap32(value >> 32n);
}

function swap32(value: bigint): bigint {
  return ((value & 0xffn) << 24n) | ((value & 0xff00n) << 8n) | ((value >> 8n) & 0xff00n) | (value >> 24n);
}

function word(data: Buffer, at: number): bigint {
  return data.readBigUInt64LE(at);
}

function half(data: Buffer, at: number): bigint {
  return BigInt(data.readUInt32LE(at));
}

function secret(at: number): bigint {
  return SECRET.readBigUInt64LE(at);
}

function secret32(at: number): bigint {
  return BigInt(SECRET.readUInt32LE(at));
}

function hex(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}
