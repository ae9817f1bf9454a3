// Just enough of ASN.1's DER to write certificates and keys, and to read the parts of them that go into others.

/** A tag, its contents, and the whole with header. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

export const SEQUENCE = 0x30;
const SET = 0x31;

export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag), lengthBytes(content.length), content]);
}

export function sequence(...contents: readonly Uint8Array[]): Uint8Array {
  return element(SEQUENCE, ...contents);
}

export function set(...contents: readonly Uint8Array[]): Uint8Array {
  return element(SET, ...contents);
}

/** A non-negative integer. */
export function integer(value: bigint): Uint8Array {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  const bytes = Buffer.from(hex, "hex");
  return element(0x02, (bytes[0] as number) >= 0x80 ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes);
}

export function objectId(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(0x06, Uint8Array.from(bytes));
}

export function octets(content: Uint8Array): Uint8Array {
  return element(0x04, content);
}

export function bits(content: Uint8Array, unused = 0): Uint8Array {
  return element(0x03, Uint8Array.of(unused), content);
}

export const NULL = Uint8Array.of(0x05, 0x00);
export const TRUE = Uint8Array.of(0x01, 0x01, 0xff);

/** Text in the narrowest type that Go would choose. */
export function printableOrUtf8(text: string): Uint8Array {
  return element(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? 0x13 : 0x0c, Buffer.from(text, "utf8"));
}

/** UTCTime until 2049, GeneralizedTime after. */
export function time(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  const isShort = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050;
  return element(isShort ? 0x17 : 0x18, Buffer.from(isShort ? digits.slice(2) : digits, "latin1"));
}

/** The elements that follow each other in these bytes. Throws an Error when they are not DER. */
export function readElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const tag = bytes[at++];
    let length = bytes[at++];
    if (tag === undefined || length === undefined) throw new Error("DER ends within a header");
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4) throw new Error("DER has a length of an unknown form");
      length = 0;
      for (let byte = 0; byte < size; byte++) length = length * 256 + (bytes[at++] ?? 0);
    }
    if (at + length > bytes.length) throw new Error("DER ends within an element");
    elements.push({ tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) });
    at += length;
  }
  return elements;
}

export function readInteger({ content }: DerElement): bigint {
  return BigInt(`0x${Buffer.from(content).toString("hex") || "0"}`);
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left & 0xff);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}
