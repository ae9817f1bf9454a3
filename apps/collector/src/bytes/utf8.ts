import { isUtf8 } from "node:buffer";

/** Longer runs are checked by native code; below, its call costs more than the loop. */
const NATIVE_FROM = 256;

/** The text of `bytes` from `start` to `end`; bytes that are no UTF-8 become U+FFFD. */
export function textOf(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}

/** Whether the bytes are valid UTF-8. */
export function isValidUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  let at = start;
  if (end - start < NATIVE_FROM) {
    let seen = 0;
    for (; at < end - 3; at += 4)
      seen |= (bytes[at] as number) | (bytes[at + 1] as number) | (bytes[at + 2] as number) | (bytes[at + 3] as number);
    for (; at < end; at++) seen |= bytes[at] as number;
    if (seen < 0x80) return true;
  }
  return isUtf8(bytes.subarray(start, end));
}

/** Whether two runs of bytes are equal. */
export function equalBytes(one: Uint8Array, oneStart: number, oneEnd: number, two: Uint8Array, twoStart: number, twoEnd: number): boolean {
  const size = oneEnd - oneStart;
  if (size !== twoEnd - twoStart) return false;
  for (let i = 0; i < size; i++) if (one[oneStart + i] !== two[twoStart + i]) return false;
  return true;
}
