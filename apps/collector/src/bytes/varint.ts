import { highOf, lowOf } from "./int64.ts";

// A varint is seven bits a byte, least significant first; the top bit says that another byte follows:
//
//   300 = 0b10_0101100  ->  1|0101100  0|0000010

/** Bytes that a whole number from 0 to 2^53 takes as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  if (value < 0x10000000) return 4;
  if (value < 0x800000000) return 5;
  if (value < 0x40000000000) return 6;
  if (value < 0x2000000000000) return 7;
  return 8;
}

/** Bytes that a 64-bit integer in halves takes as a varint; a negative one takes ten. */
export function varint64Size(low: number, high: number): number {
  if (high === 0) return varintSize(low >>> 0);
  const bits = 64 - Math.clz32(high);
  return Math.ceil(bits / 7);
}

/** Writes a whole number from 0 to 2^53 and returns the position behind it. The caller has made room. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  if (value > 0x7fffffff) return writeVarint64(target, at, lowOf(value), highOf(value));
  let rest = value | 0;
  while (rest > 0x7f) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/** Writes a 64-bit integer in halves and returns the position behind it. The caller has made room for ten bytes. */
export function writeVarint64(target: Uint8Array, at: number, low: number, high: number): number {
  let lower = low >>> 0;
  let upper = high >>> 0;
  while (upper !== 0 || lower > 0x7f) {
    target[at++] = (lower & 0x7f) | 0x80;
    lower = ((lower >>> 7) | (upper << 25)) >>> 0;
    upper >>>= 7;
  }
  target[at++] = lower;
  return at;
}
