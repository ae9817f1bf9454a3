import { bytesFromText, textFromBytes } from "@invar/go-compat";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function encodeBase64(text: string): string {
  return Buffer.from(bytesFromText(text)).toString("base64");
}

/** The text, or Go's message in its place: sprig gives the error as the result. */
export function decodeBase64(encoded: string): string {
  const decoded = bytesFromBase64(encoded);
  return typeof decoded === "number" ? base64Problem(decoded) : textFromBytes(decoded);
}

export function base64Problem(position: number): string {
  return `illegal base64 data at input byte ${position}`;
}

/** The bytes, or the position that Go would complain about. */
export function bytesFromBase64(encoded: string): Uint8Array | number {
  const source = bytesFromText(encoded);
  const isBreak = (at: number): boolean => source[at] === 0x0a || source[at] === 0x0d;
  let quantum = 0;
  let digits = "";
  for (let at = 0; at < source.length; at++) {
    if (isBreak(at)) continue;
    const character = String.fromCharCode(source[at] as number);
    if (BASE64.includes(character)) {
      digits += character;
      quantum = (quantum + 1) % 4;
      continue;
    }
    if (character !== "=" || quantum < 2) return at;
    let next = at + 1;
    if (quantum === 2) {
      while (next < source.length && isBreak(next)) next++;
      if (next === source.length) return source.length;
      if (source[next] !== 0x3d) return next;
      next++;
    }
    while (next < source.length && isBreak(next)) next++;
    if (next < source.length) return next;
    return Buffer.from(digits, "base64");
  }
  if (quantum !== 0) return source.length - quantum;
  return Buffer.from(digits, "base64");
}

export function encodeBase32(text: string): string {
  let encoded = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytesFromText(text)) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      encoded += BASE32[(value >> bits) & 31];
    }
  }
  if (bits > 0) encoded += BASE32[(value << (5 - bits)) & 31];
  return encoded.padEnd(Math.ceil(encoded.length / 8) * 8, "=");
}

/** The text, or Go's message in its place. */
export function decodeBase32(encoded: string): string {
  const source = encoded.replace(/[\r\n]/g, "");
  const bytes: number[] = [];
  let at = 0;
  for (let isEnd = false; at < source.length && !isEnd; ) {
    const values: number[] = [];
    for (let digit = 0; digit < 8; digit++) {
      if (at >= source.length) return base32Problem(source.length - digit);
      const character = source[at++] as string;
      const rest = source.length - at;
      if (character === "=" && digit >= 2 && rest < 8) {
        if (rest + digit < 7) return base32Problem(source.length);
        for (let pad = 0; pad < 7 - digit; pad++) if (rest > pad && source[at + pad] !== "=") return base32Problem(at + pad - 1);
        if (digit === 3 || digit === 6) return base32Problem(at - 1);
        isEnd = true;
        break;
      }
      const value = BASE32.indexOf(character);
      if (value < 0) return base32Problem(at - 1);
      values.push(value);
    }
    pushBytes(values, bytes);
  }
  return textFromBytes(Uint8Array.from(bytes));
}

function pushBytes(values: readonly number[], bytes: number[]): void {
  let bits = 0;
  let value = 0;
  for (const five of values) {
    value = ((value << 5) | five) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
}

function base32Problem(position: number): string {
  return `illegal base32 data at input byte ${position}`;
}
