import { quote, textFromBytes } from "@invar/go-compat";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { isValidUtf8, textOf } from "../../bytes/utf8.ts";

/** The kinds of tokens, as messages print them. */
export type Token =
  | "INVALID"
  | "EOF"
  | "LINEBREAK"
  | "MNAME"
  | "QSTRING"
  | "BOPEN"
  | "BCLOSE"
  | "LNAME"
  | "LVALUE"
  | "COMMA"
  | "EQUAL"
  | "TIMESTAMP"
  | "VALUE"
  | "TEXT"
  | "COMMENT"
  | "HELP"
  | "TYPE"
  | "UNIT";

export interface LexerRules {
  /** Blanks may stand between all tokens (the classic format); otherwise nowhere but where they are demanded. */
  readonly skipsBlanks: boolean;
  /** Values of labels may hold newlines. */
  readonly valuesHoldNewlines: boolean;
  /** Between labels there must be a comma. */
  readonly demandsCommas: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;

// What a byte may be part of: bit 0 begins a label name, bit 1 goes on with one, bit 2 begins a metric name, bit 3 goes on with one.
const classes = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  if (isLetter || byte === 0x5f) classes[byte] = 0b1111;
  else if (isDigit) classes[byte] = 0b1010;
  else if (byte === 0x3a) classes[byte] = 0b1100;
}

/**
 * Reads the labels between braces in place, of series and exemplars. Where they lie is kept as offsets:
 *
 *   offsets: | name start | name end | value start | value end | name start | ...     (without quotes; escapes as they came)
 */
export class SeriesLexer {
  readonly #rules: LexerRules;
  bytes: Uint8Array;
  end: number;
  /** Where the current line begins. */
  lineStart = 0;
  /** The current token and where it begins; behind it, or at the byte that is wrong, is `at`. */
  token: Token = "INVALID";
  tokenStart = 0;
  at = 0;

  offsets = new Uint32Array(64);
  offsetCount = 0;
  /** The metric's name, without quotes; -1 while there is none. */
  nameStart = -1;
  nameEnd = -1;
  /** Whether a backslash occurs in names or values. */
  hasEscapes = false;
  #seen = 0;

  constructor(bytes: Uint8Array, end: number, rules: LexerRules) {
    this.bytes = bytes;
    this.end = end;
    this.#rules = rules;
  }

  /** Begins the line at `start`. */
  beginSeries(start: number): void {
    this.lineStart = start;
    this.offsetCount = 0;
    this.nameStart = -1;
    this.nameEnd = -1;
    this.hasEscapes = false;
  }

  /** Reads labels from behind the opening brace to behind the closing one. */
  readLabels(isExemplar: boolean): void {
    this.nextInBraces();
    for (;;) {
      const { token, tokenStart, at } = this;
      const isQuoted = token === "QSTRING";
      if (token === "BCLOSE") return;
      if (token !== "LNAME" && !isQuoted) throw this.unexpected("expected label name");
      this.nextInBraces();
      const following = this.token as Token;
      if (isQuoted && (following === "COMMA" || following === "BCLOSE")) {
        if (isExemplar) throw this.unexpected("expected label name");
        this.#setName(tokenStart + 1, at - 1);
        if (following === "BCLOSE") return;
        this.nextInBraces();
        continue;
      }
      this.#addOffsets(isQuoted ? tokenStart + 1 : tokenStart, isQuoted ? at - 1 : at);
      if (following !== "EQUAL") throw this.unexpected("expected equal");
      this.#nextValue();
      if (this.token !== "LVALUE") throw this.unexpected("expected label value");
      if (this.#seen > 0x7f && !isValidUtf8(this.bytes, this.tokenStart, this.at))
        throw new MalformedInput(`invalid UTF-8 label value: ${this.quoted(this.tokenStart, this.at)}`);
      this.#addOffsets(this.tokenStart + 1, this.at - 1);
      this.nextInBraces();
      if ((this.token as Token) === "COMMA") this.nextInBraces();
      else if (this.#rules.demandsCommas && (this.token as Token) !== "BCLOSE") throw this.unexpected("expected comma or brace close");
    }
  }

  #setName(start: number, end: number): void {
    if (this.nameStart !== -1) throw new MalformedInput(`metric name already set while parsing: ${this.quoted(this.lineStart, this.at)}`);
    this.nameStart = start;
    this.nameEnd = end;
  }

  #addOffsets(start: number, end: number): void {
    if (this.offsetCount + 2 > this.offsets.length) {
      const larger = new Uint32Array(this.offsets.length * 2);
      larger.set(this.offsets);
      this.offsets = larger;
    }
    this.offsets[this.offsetCount++] = start;
    this.offsets[this.offsetCount++] = end;
  }

  /** Reads a metric name at `at`; returns false where none begins there. */
  readMetricName(): boolean {
    const { bytes, end } = this;
    this.tokenStart = this.at;
    if (this.at >= end || ((classes[bytes[this.at] as number] as number) & 0b0100) === 0) return false;
    let at = this.at + 1;
    while (at < end && ((classes[bytes[at] as number] as number) & 0b1000) !== 0) at++;
    this.at = at;
    this.token = "MNAME";
    return true;
  }

  /** Reads a quoted string at `at`; returns false, and stops at the wrong byte, where it does not end. */
  readQuoted(holdsNewlines: boolean, skipsNul: boolean): boolean {
    const { bytes, end } = this;
    let at = this.at + 1;
    let seen = 0;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      seen |= byte;
      if (byte === QUOTE) {
        this.at = at + 1;
        this.#seen = seen;
        return true;
      }
      if (byte === BACKSLASH) {
        this.hasEscapes = true;
        at++;
        while (skipsNul && bytes[at] === 0) at++;
        if (at >= end || bytes[at] === NEWLINE || bytes[at] === 0) break;
        seen |= bytes[at] as number;
      } else if (byte === NEWLINE ? !holdsNewlines : byte === 0 && !skipsNul) break;
    }
    this.at = Math.min(at, end);
    return false;
  }

  /** Moves to the next token between braces, where names, separators and the end stand. */
  nextInBraces(): void {
    const { bytes, end } = this;
    if (this.#rules.skipsBlanks) this.skipBlanks();
    let at = this.at;
    if (at >= end) {
      this.token = "EOF";
      return;
    }
    this.tokenStart = at;
    const byte = bytes[at] as number;
    if (((classes[byte] as number) & 0b0001) !== 0) {
      at++;
      while (at < end && ((classes[bytes[at] as number] as number) & 0b0010) !== 0) at++;
      this.at = at;
      this.token = "LNAME";
      return;
    }
    if (byte === QUOTE) {
      this.token = this.readQuoted(true, false) ? "QSTRING" : "INVALID";
      return;
    }
    const token = byte === 0x7d ? "BCLOSE" : byte === 0x3d ? "EQUAL" : byte === 0x2c ? "COMMA" : "INVALID";
    this.token = token;
    if (token !== "INVALID") this.at = at + 1;
  }

  #nextValue(): void {
    if (this.#rules.skipsBlanks) this.skipBlanks();
    if (this.at >= this.end) {
      this.token = "EOF";
      return;
    }
    this.tokenStart = this.at;
    if (this.bytes[this.at] !== QUOTE) this.token = "INVALID";
    else this.token = this.readQuoted(this.#rules.valuesHoldNewlines, true) ? "LVALUE" : "INVALID";
  }

  skipBlanks(): void {
    const { bytes } = this;
    let at = this.at;
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    this.at = at;
  }

  /** The labels read last, with escapes resolved. */
  pairs(resolvesEscapes: boolean): [name: string, value: string][] {
    const { bytes, offsets } = this;
    const pairs: [string, string][] = [];
    for (let i = 0; i < this.offsetCount; i += 4) {
      const name = textOf(bytes, offsets[i] as number, offsets[i + 1] as number);
      const value = textOf(bytes, offsets[i + 2] as number, offsets[i + 3] as number);
      pairs.push(resolvesEscapes && this.hasEscapes ? [unescaped(name), unescaped(value)] : [name, value]);
    }
    return pairs;
  }

  name(): string {
    const name = textOf(this.bytes, this.nameStart, this.nameEnd);
    return this.hasEscapes ? unescaped(name) : name;
  }

  /** The error of a token that should not be here. */
  unexpected(expected: string): MalformedInput {
    const end = Math.min(this.end, this.at + 1);
    const got = `${this.quoted(this.tokenStart, end)} (${quote(this.token)})`;
    return new MalformedInput(`${expected}, got ${got} while parsing: ${this.quoted(this.lineStart, end)}`);
  }

  /** The error of a line of which the value or name is wrong. */
  wrong(message: string): MalformedInput {
    return new MalformedInput(`${message} while parsing: ${this.quoted(this.lineStart, this.at)}`);
  }

  /** Bytes as messages show them. */
  quoted(start: number, end: number): string {
    const shown = Math.min(end, start + MAX_SHOWN);
    return quote(textFromBytes(this.bytes.subarray(start, shown)));
  }
}

/** Lines can be megabytes long; messages show their beginning. */
const MAX_SHOWN = 1024;

/** Resolves `\"`, `\\` and `\n`; other escapes stay as they are. */
export function unescaped(text: string): string {
  return text.includes("\\") ? text.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped)) : text;
}

/** Resolves `\\` and `\n`: the escapes of help texts in the classic format. */
export function unescapedHelp(text: string): string {
  return text.includes("\\") ? text.replace(/\\([\\n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped)) : text;
}
