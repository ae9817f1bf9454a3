import { isUtf8 } from "node:buffer";

// Go's strings are bytes; ours are JavaScript strings. A byte that is not part of valid UTF-8 becomes one lone low surrogate,
// which no valid UTF-8 decodes to, so that every byte sequence has a text and every such text gives its bytes back:
//
//   byte 0x80..0xFF  <->  code unit U+DC80..U+DCFF with no high surrogate before it

const ESCAPE_BASE = 0xdc00;

/** The text that stands for these bytes; bytes that are not UTF-8 survive. */
export function textFromBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  const parts: string[] = [];
  let good = 0;
  for (let at = 0; at < bytes.length; ) {
    const width = runeWidth(bytes, at);
    if (width > 0) {
      at += width;
      continue;
    }
    if (good < at) parts.push(utf8Slice(bytes, good, at));
    parts.push(String.fromCharCode(ESCAPE_BASE + (bytes[at] as number)));
    at += 1;
    good = at;
  }
  if (good < bytes.length) parts.push(utf8Slice(bytes, good, bytes.length));
  return parts.join("");
}

/** The bytes that this text stands for. */
export function bytesFromText(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Uint8Array[] = [];
  let good = 0;
  for (let at = 0; at < text.length; at++) {
    if (!isEscapedByte(text, at)) continue;
    if (good < at) parts.push(Buffer.from(text.slice(good, at), "utf8"));
    parts.push(Uint8Array.of(text.charCodeAt(at) & 0xff));
    good = at + 1;
  }
  if (good < text.length) parts.push(Buffer.from(text.slice(good), "utf8"));
  return Buffer.concat(parts);
}

/** What Go's `len` says of the text. */
export function byteLength(text: string): number {
  if (text.isWellFormed()) return Buffer.byteLength(text, "utf8");
  let escaped = 0;
  for (let at = 0; at < text.length; at++) if (isEscapedByte(text, at)) escaped++;
  // A lone surrogate counts as the three bytes of U+FFFD in Node.
  return Buffer.byteLength(text, "utf8") - 2 * escaped;
}

/** What Go's `text[start:end]` says; the caller has checked the bounds. */
export function sliceByBytes(text: string, start: number, end: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return textFromBytes(bytesFromText(text).subarray(start, end));
}

/** Whether every character is one byte, so that positions in text and bytes are the same. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** Whether the code unit at `at` stands for one byte that is not UTF-8. */
export function isEscapedByte(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0xdc80 || unit > 0xdcff) return false;
  if (at === 0) return true;
  const before = text.charCodeAt(at - 1);
  return before < 0xd800 || before > 0xdbff;
}

/** Joins escaped bytes that together form UTF-8 after a concatenation, so that equal bytes are equal texts. */
export function normalizeText(text: string): string {
  return text.isWellFormed() ? text : textFromBytes(bytesFromText(text));
}

/** Go's order of strings: by bytes, which is the order of code points and not of UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    if (left < 0xd800 && right < 0xd800) return left < right ? -1 : 1;
    return Buffer.compare(bytesFromText(a), bytesFromText(b));
  }
  return a.length < b.length ? -1 : 1;
}

/** The width of the UTF-8 sequence at `at`, or 0 when the byte there begins none. */
export function runeWidth(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  if (first < 0xe0) return isContinuation(second) ? 2 : 0;
  if (first < 0xf0) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && isContinuation(bytes[at + 2] ?? 0) ? 3 : 0;
  }
  const low = first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high && isContinuation(bytes[at + 2] ?? 0) && isContinuation(bytes[at + 3] ?? 0) ? 4 : 0;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function utf8Slice(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}
