import { MalformedInput } from "../../../../bytes/malformed-input.ts";

const SPACE = 0x20;
const LESS = 0x3c;

export interface FrameOptions {
  /** What ends a frame whose length is not told. */
  readonly delimiter: number;
  readonly maxBytes: number;
  /** Frames begin with their length or with `<`; otherwise with anything. */
  readonly isStrict: boolean;
}

/** Divides a stream into messages: each with its length before it, or up to a delimiter. */
export class Frames {
  readonly #options: FrameOptions;
  #buffer: Buffer = Buffer.alloc(0);
  /** A frame that is too long is passed over up to the delimiter. */
  #isSkipping = false;

  constructor(options: FrameOptions) {
    this.#options = options;
  }

  /**
   * Takes bytes and calls with each message that is complete. `wrong` is told of a message that is too long. Throws `MalformedInput` where the
   * stream can't be divided any more.
   */
  add(bytes: Buffer, message: (text: string) => void, wrong: (problem: string) => void): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    let at = 0;
    for (;;) {
      const next = this.#take(at, message, wrong);
      if (next < 0) break;
      at = next;
    }
    this.#buffer = at === 0 ? this.#buffer : Buffer.from(this.#buffer.subarray(at));
  }

  /** The stream has ended: what is left is a message if nothing tells otherwise. */
  end(message: (text: string) => void, wrong: (problem: string) => void): void {
    const left = this.#buffer;
    this.#buffer = Buffer.alloc(0);
    if (left.length === 0 || this.#isSkipping) return;
    if (isDigit(left[0] as number)) wrong("a message ended before its length");
    else this.#emit(left, message);
  }

  /** Takes one frame at a place; where the next begins, or -1: it is not complete. */
  #take(at: number, message: (text: string) => void, wrong: (problem: string) => void): number {
    const { delimiter, maxBytes, isStrict } = this.#options;
    const buffer = this.#buffer;
    const first = buffer[at];
    if (first === undefined) return -1;
    if (!this.#isSkipping && isDigit(first)) return this.#takeCounted(at, message);
    if (isStrict && !this.#isSkipping && first !== LESS) {
      // Line breaks between frames.
      if (first === 10 || first === 13 || first === delimiter) return at + 1;
      throw new MalformedInput(`invalid or unsupported framing. first byte: '${String.fromCharCode(first)}'`);
    }
    const end = buffer.indexOf(delimiter, at);
    if (end < 0) {
      if (buffer.length - at <= maxBytes) return -1;
      if (!this.#isSkipping) wrong(`message too long. max length is ${maxBytes}`);
      this.#isSkipping = true;
      return buffer.length;
    }
    const isTooLong = end - at > maxBytes;
    if (isTooLong && !this.#isSkipping) wrong(`message too long. max length is ${maxBytes}`);
    if (!this.#isSkipping && !isTooLong) this.#emit(buffer.subarray(at, end), message);
    this.#isSkipping = false;
    return end + 1;
  }

  #takeCounted(at: number, message: (text: string) => void): number {
    const buffer = this.#buffer;
    const space = buffer.indexOf(SPACE, at);
    const digits = buffer.toString("latin1", at, space < 0 ? Math.min(buffer.length, at + 12) : space);
    if (!/^[1-9]\d{0,9}$/.test(digits))
      throw new MalformedInput(`failed to parse octet length from ${JSON.stringify(digits.slice(0, 20))}`);
    if (space < 0) return -1;
    const length = Number(digits);
    if (length > this.#options.maxBytes)
      throw new MalformedInput(`message too long to parse. was size ${length}, max length ${this.#options.maxBytes}`);
    if (buffer.length < space + 1 + length) return -1;
    this.#emit(buffer.subarray(space + 1, space + 1 + length), message);
    return space + 1 + length;
  }

  #emit(bytes: Buffer, message: (text: string) => void): void {
    const text = bytes.toString("utf8").replace(/[\r\n\0]+$/, "");
    if (text !== "") message(text);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
