import { MalformedInput } from "../../bytes/malformed-input.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MAX_DEPTH = 512;

/**
 * Walks over JSON bytes without making objects of them. A string is unescaped where it lies: the bytes must belong to the cursor, and
 * `start` and `end` say where the text is afterwards. Throws `MalformedInput`.
 */
export class JsonCursor {
  readonly bytes: Uint8Array;
  /** The next byte to be read. */
  at = 0;
  /** Where the text of the string lies that was read last. */
  start = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The first byte of the next value or mark, or undefined at the end. */
  peek(): number | undefined {
    while (isSpace(this.bytes[this.at])) this.at++;
    return this.bytes[this.at];
  }

  /** Whether the next value is `null`, which is then behind. */
  readNull(): boolean {
    if (this.peek() !== 0x6e) return false;
    this.skipValue();
    return true;
  }

  /** Calls back at the value of each key of an object; `key` is in `start` and `end`. The callback reads or skips the value. */
  readObject(eachKey: () => void): void {
    this.#expect(0x7b, "an object");
    if (this.#closes(0x7d)) return;
    do {
      this.readString("a key");
      this.#expect(0x3a, '":"');
      eachKey();
    } while (this.#continues(0x7d));
  }

  /** Calls back at each element of an array, which it reads or skips. */
  readArray(eachElement: (index: number) => void): void {
    this.#expect(0x5b, "an array");
    if (this.#closes(0x5d)) return;
    let index = 0;
    do eachElement(index++);
    while (this.#continues(0x5d));
  }

  readString(wanted = "a string"): void {
    if (this.peek() !== QUOTE) throw this.refusal(wanted);
    const { bytes } = this;
    let at = this.at + 1;
    this.start = at;
    // The common case: no escape, nothing moves.
    while (at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== BACKSLASH && (bytes[at] as number) >= 0x20) at++;
    let to = at;
    while (bytes[at] !== QUOTE) {
      const byte = bytes[at];
      if (byte === undefined) throw this.refusal("the end of a string", bytes.length);
      if (byte < 0x20) throw this.refusal("no control character in a string", at);
      if (byte !== BACKSLASH) {
        bytes[to++] = byte;
        at++;
      } else if (bytes[at + 1] === 0x75) {
        let code = this.#hex4(at + 2);
        at += 6;
        if ((code & 0xfc00) === 0xd800 && bytes[at] === BACKSLASH && bytes[at + 1] === 0x75) {
          const low = this.#hex4(at + 2);
          if ((low & 0xfc00) === 0xdc00) {
            code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
            at += 6;
          }
        }
        to = writeCodePoint(bytes, to, code);
      } else {
        const simple = simpleEscape(bytes[at + 1]);
        if (simple === undefined) throw this.refusal("an escape", at);
        bytes[to++] = simple;
        at += 2;
      }
    }
    this.end = to;
    this.at = at + 1;
  }

  /** The text of the string that was read last. */
  text(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.start, this.end - this.start).toString("utf8");
  }

  /** Passes one value of any kind; containers and strings must be closed. */
  skipValue(): void {
    let depth = 0;
    do {
      const byte = this.peek();
      if (byte === QUOTE) this.#skipString();
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > MAX_DEPTH) throw this.refusal(`no more than ${MAX_DEPTH} levels`);
        this.at++;
      } else if (byte === 0x7d || byte === 0x5d) {
        if (--depth < 0) throw this.refusal("a value");
        this.at++;
      } else if ((byte === 0x2c || byte === 0x3a) && depth > 0) this.at++;
      else this.#skipWord();
    } while (depth > 0);
  }

  /** Refuses anything but space from here on. */
  expectEnd(): void {
    if (this.peek() !== undefined) throw this.refusal("the end");
  }

  refusal(wanted: string, at: number = this.at): MalformedInput {
    const byte = this.bytes[at];
    const found = byte === undefined ? "the end" : JSON.stringify(String.fromCharCode(byte));
    return new MalformedInput(`json: expected ${wanted} at byte ${at}, found ${found}`);
  }

  #expect(byte: number, wanted: string): void {
    if (this.peek() !== byte) throw this.refusal(wanted);
    this.at++;
  }

  #closes(mark: number): boolean {
    if (this.peek() !== mark) return false;
    this.at++;
    return true;
  }

  #continues(close: number): boolean {
    if (this.#closes(close)) return false;
    this.#expect(0x2c, `"," or "${String.fromCharCode(close)}"`);
    return true;
  }

  #skipString(): void {
    const { bytes } = this;
    let at = this.at + 1;
    while (bytes[at] !== QUOTE) {
      if (at >= bytes.length) throw this.refusal("the end of a string", bytes.length);
      at += bytes[at] === BACKSLASH ? 2 : 1;
    }
    this.at = at + 1;
  }

  // A number, true, false or null. What it is worth does not matter.
  #skipWord(): void {
    const { bytes } = this;
    let at = this.at;
    while (isWordByte(bytes[at])) at++;
    if (at === this.at) throw this.refusal("a value");
    this.at = at;
  }

  #hex4(at: number): number {
    let code = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = hexDigit(this.bytes[i]);
      if (digit < 0) throw this.refusal("a hexadecimal digit", i);
      code = code * 16 + digit;
    }
    return code;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d || byte === 0x2b || byte === 0x2e || byte === 0x45
  );
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function simpleEscape(byte: number | undefined): number | undefined {
  switch (byte) {
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
      return byte;
    default:
      return undefined;
  }
}

function writeCodePoint(bytes: Uint8Array, at: number, code: number): number {
  const point = (code & 0xfffff800) === 0xd800 ? 0xfffd : code;
  if (point < 0x80) bytes[at++] = point;
  else if (point < 0x800) {
    bytes[at++] = 0xc0 | (point >> 6);
    bytes[at++] = 0x80 | (point & 0x3f);
  } else {
    if (point < 0x10000) bytes[at++] = 0xe0 | (point >> 12);
    else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
    bytes[at++] = 0x80 | (point & 0x3f);
  }
  return at;
}
