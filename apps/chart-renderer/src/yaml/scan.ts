import { GoError } from "@invar/go-compat";

// The tokens of YAML as Go's parser has them, so that the same texts are wrong for the same reason at the same line.

export const STREAM_END = 0;
export const DIRECTIVE = 1;
export const DOCUMENT_START = 2;
export const DOCUMENT_END = 3;
export const BLOCK_SEQUENCE_START = 4;
export const BLOCK_MAPPING_START = 5;
export const BLOCK_END = 6;
export const FLOW_SEQUENCE_START = 7;
export const FLOW_SEQUENCE_END = 8;
export const FLOW_MAPPING_START = 9;
export const FLOW_MAPPING_END = 10;
export const BLOCK_ENTRY = 11;
export const FLOW_ENTRY = 12;
export const KEY = 13;
export const VALUE = 14;
export const ALIAS = 15;
export const ANCHOR = 16;
export const TAG = 17;
export const SCALAR = 18;

export interface Token {
  readonly type: number;
  /** From 0. */
  readonly line: number;
  /** Of a scalar, anchor or alias; of a tag the whole of it. */
  readonly text: string;
  readonly isPlain: boolean;
}

/** Begins the text of a tag whose handle nobody has declared: an error once the node is read. */
export const UNDEFINED_HANDLE = "\0";

/** An error at a place; `line` counts from 0, and 0 is not told, as in Go. */
export function yamlError(problem: string, line: number): GoError {
  return new GoError(`error converting YAML to JSON: yaml: ${line === 0 ? "" : `line ${line}: `}${problem}`);
}

interface SimpleKey {
  isPossible: boolean;
  isRequired: boolean;
  token: number;
  at: number;
  line: number;
  column: number;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const MAX_DEPTH = 10_000;
const LONGEST_KEY = 1024;

export class Scanner {
  readonly #text: string;
  #at = 0;
  #line = 0;
  #lineStart = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #isKeyAllowed = true;
  #keys: SimpleKey[] = [noKey()];
  /** Where in `#keys` the one stands that begins with this token. */
  readonly #keyOfToken = new Map<number, SimpleKey>();
  #queue: Token[] = [];
  #head = 0;
  #taken = 0;
  #isAtEnd = false;
  /** Handles of %TAG directives. */
  readonly #handles = new Map<string, string>();

  constructor(text: string) {
    this.#text = text;
    const wrong = UNREADABLE.exec(text);
    if (wrong !== null) throw yamlError("control characters are not allowed", 0);
  }

  peek(): Token {
    while (!this.#isHeadKnown()) this.#fetch();
    return this.#queue[this.#head] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.#head++;
    this.#taken++;
    if (this.#head > 256) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return token;
  }

  /** Whether the first token cannot turn out to be behind a key's. */
  #isHeadKnown(): boolean {
    if (this.#head === this.#queue.length) return false;
    const key = this.#keyOfToken.get(this.#taken);
    return key === undefined || !this.#isKeyValid(key);
  }

  // Characters.

  #code(offset = 0): number {
    const code = this.#text.charCodeAt(this.#at + offset);
    return Number.isNaN(code) ? 0 : code;
  }

  get #column(): number {
    return this.#at - this.#lineStart;
  }

  #skipLine(): void {
    this.#at += this.#code() === RETURN && this.#code(1) === NEWLINE ? 2 : 1;
    this.#line++;
    this.#lineStart = this.#at;
  }

  /** Takes a line break and gives what it stands for. */
  #readLine(): string {
    const code = this.#code();
    this.#skipLine();
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : "\n";
  }

  #fail(problem: string): never {
    throw yamlError(problem, this.#line === 0 ? 0 : this.#line + 1);
  }

  /** The same with the place where the thing began, which is told where the problem is on the first line. */
  #failFrom(line: number, problem: string): never {
    throw yamlError(problem, this.#line === 0 ? line : this.#line + 1);
  }

  // Simple keys.

  #isKeyValid(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    if (key.line < this.#line || key.at + LONGEST_KEY < this.#at) {
      if (key.isRequired) this.#failFrom(key.line, "could not find expected ':'");
      key.isPossible = false;
      return false;
    }
    return true;
  }

  #saveKey(): void {
    if (!this.#isKeyAllowed) return;
    const column = this.#column;
    const token = this.#taken + (this.#queue.length - this.#head);
    this.#removeKey();
    const key = {
      isPossible: true,
      isRequired: this.#flowLevel === 0 && this.#indent === column,
      token,
      at: this.#at,
      line: this.#line,
      column,
    };
    this.#keys[this.#keys.length - 1] = key;
    this.#keyOfToken.set(token, key);
  }

  #removeKey(): void {
    const key = this.#keys[this.#keys.length - 1] as SimpleKey;
    if (!key.isPossible) return;
    if (key.isRequired) this.#failFrom(key.line, "could not find expected ':'");
    key.isPossible = false;
    this.#keyOfToken.delete(key.token);
  }

  // Indentation.

  #roll(column: number, token: number, type: number, line: number): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (this.#indents.length > MAX_DEPTH) this.#fail(`exceeded max depth of ${MAX_DEPTH}`);
    this.#insert(token, { type, line, text: "", isPlain: false });
  }

  #unroll(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#add(BLOCK_END);
      this.#indent = this.#indents.pop() as number;
    }
  }

  #add(type: number, text = "", line = this.#line, isPlain = false): void {
    this.#queue.push({ type, line, text, isPlain });
  }

  #insert(token: number, inserted: Token): void {
    if (token < 0) this.#queue.push(inserted);
    else this.#queue.splice(this.#head + token - this.#taken, 0, inserted);
  }

  // Tokens.

  #fetch(): void {
    this.#skipToToken();
    this.#unroll(this.#column);
    if (this.#at >= this.#text.length) {
      this.#fetchEnd();
      return;
    }
    const code = this.#code();
    if (this.#column === 0 && this.#fetchAtLineStart(code)) return;
    const isAlone = isBlankOrEnd(this.#code(1));
    switch (code) {
      case 0x5b: // [
        this.#fetchFlowStart(FLOW_SEQUENCE_START);
        return;
      case 0x7b: // {
        this.#fetchFlowStart(FLOW_MAPPING_START);
        return;
      case 0x5d: // ]
        this.#fetchFlowEnd(FLOW_SEQUENCE_END);
        return;
      case 0x7d: // }
        this.#fetchFlowEnd(FLOW_MAPPING_END);
        return;
      case 0x2c: // ,
        this.#removeKey();
        this.#isKeyAllowed = true;
        this.#add(FLOW_ENTRY);
        this.#at++;
        return;
      case 0x2d: // -
        if (isAlone) {
          this.#fetchBlockEntry();
          return;
        }
        break;
      case 0x3f: // ?
        if (this.#flowLevel > 0 || isAlone) {
          this.#fetchKey();
          return;
        }
        break;
      case 0x3a: // :
        if (this.#flowLevel > 0 || isAlone) {
          this.#fetchValue();
          return;
        }
        break;
      case 0x2a: // *
        this.#fetchAnchor(ALIAS);
        return;
      case 0x26: // &
        this.#fetchAnchor(ANCHOR);
        return;
      case 0x21: // !
        this.#fetchTag();
        return;
      case 0x7c: // |
      case 0x3e: // >
        if (this.#flowLevel > 0) break;
        this.#removeKey();
        this.#isKeyAllowed = true;
        this.#scanBlock(code === 0x7c);
        return;
      case 0x27: // '
      case 0x22: // "
        this.#saveKey();
        this.#isKeyAllowed = false;
        this.#scanQuoted(code);
        return;
      default:
        break;
    }
    const startsPlain =
      !PLAIN_NEVER.has(code) ||
      (code === 0x2d && !isBlank(this.#code(1))) ||
      (this.#flowLevel === 0 && (code === 0x3f || code === 0x3a) && !isAlone);
    if (!startsPlain) this.#fail("found character that cannot start any token");
    this.#saveKey();
    this.#isKeyAllowed = false;
    this.#scanPlain();
  }

  #skipToToken(): void {
    for (;;) {
      if (this.#column === 0 && this.#code() === 0xfeff) this.#at++;
      let code = this.#code();
      while (code === SPACE || (code === TAB && (this.#flowLevel > 0 || !this.#isKeyAllowed))) {
        this.#at++;
        code = this.#code();
      }
      if (code === 0x23) {
        while (this.#at < this.#text.length && !isBreak(this.#code())) this.#at++;
        code = this.#code();
      }
      if (this.#at >= this.#text.length || !isBreak(code)) return;
      this.#skipLine();
      if (this.#flowLevel === 0) this.#isKeyAllowed = true;
    }
  }

  #fetchEnd(): void {
    if (this.#column !== 0 && !this.#isAtEnd) {
      this.#line++;
      this.#lineStart = this.#at;
    }
    this.#isAtEnd = true;
    this.#unroll(-1);
    this.#removeKey();
    this.#isKeyAllowed = false;
    this.#add(STREAM_END);
  }

  /** Directives and the marks between documents. */
  #fetchAtLineStart(code: number): boolean {
    if (code === 0x25) {
      this.#unroll(-1);
      this.#removeKey();
      this.#isKeyAllowed = false;
      this.#scanDirective();
      return true;
    }
    const type = this.#documentMark();
    if (type < 0) return false;
    this.#unroll(-1);
    this.#removeKey();
    this.#isKeyAllowed = false;
    this.#add(type);
    this.#at += 3;
    return true;
  }

  /** The type of the mark that begins here, or -1. */
  #documentMark(): number {
    const code = this.#code();
    if ((code !== 0x2d && code !== 0x2e) || this.#code(1) !== code || this.#code(2) !== code) return -1;
    if (!isBlankOrEnd(this.#code(3))) return -1;
    return code === 0x2d ? DOCUMENT_START : DOCUMENT_END;
  }

  #fetchFlowStart(type: number): void {
    this.#saveKey();
    this.#keys.push(noKey());
    this.#flowLevel++;
    if (this.#flowLevel > MAX_DEPTH) this.#fail(`exceeded max depth of ${MAX_DEPTH}`);
    this.#isKeyAllowed = true;
    this.#add(type);
    this.#at++;
  }

  #fetchFlowEnd(type: number): void {
    this.#removeKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      const key = this.#keys.pop();
      if (key !== undefined) this.#keyOfToken.delete(key.token);
    }
    this.#isKeyAllowed = false;
    this.#add(type);
    this.#at++;
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) this.#fail("block sequence entries are not allowed in this context");
      this.#roll(this.#column, -1, BLOCK_SEQUENCE_START, this.#line);
    }
    this.#removeKey();
    this.#isKeyAllowed = true;
    this.#add(BLOCK_ENTRY);
    this.#at++;
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) this.#fail("mapping keys are not allowed in this context");
      this.#roll(this.#column, -1, BLOCK_MAPPING_START, this.#line);
    }
    this.#removeKey();
    this.#isKeyAllowed = this.#flowLevel === 0;
    this.#add(KEY);
    this.#at++;
  }

  #fetchValue(): void {
    const key = this.#keys[this.#keys.length - 1] as SimpleKey;
    if (this.#isKeyValid(key)) {
      this.#insert(key.token, { type: KEY, line: key.line, text: "", isPlain: false });
      this.#roll(key.column, key.token, BLOCK_MAPPING_START, key.line);
      key.isPossible = false;
      this.#keyOfToken.delete(key.token);
      this.#isKeyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#isKeyAllowed) this.#fail("mapping values are not allowed in this context");
        this.#roll(this.#column, -1, BLOCK_MAPPING_START, this.#line);
      }
      this.#isKeyAllowed = this.#flowLevel === 0;
    }
    this.#add(VALUE);
    this.#at++;
  }

  #fetchAnchor(type: number): void {
    this.#saveKey();
    this.#isKeyAllowed = false;
    const { line } = this.#mark();
    const start = ++this.#at;
    while (isWord(this.#code())) this.#at++;
    const name = this.#text.slice(start, this.#at);
    const code = this.#code();
    if (name === "" || !(isBlankOrEnd(code) || ANCHOR_ENDS.has(code))) {
      this.#failFrom(line, "did not find expected alphabetic or numeric character");
    }
    this.#add(type, name, line);
  }

  #mark(): { line: number } {
    return { line: this.#line };
  }

  #fetchTag(): void {
    this.#saveKey();
    this.#isKeyAllowed = false;
    const line = this.#line;
    let tag: string;
    if (this.#code(1) === 0x3c) {
      this.#at += 2;
      tag = this.#scanUri(line, "");
      if (this.#code() !== 0x3e) this.#failFrom(line, "did not find the expected '>'");
      this.#at++;
    } else tag = this.#scanShortTag(line);
    if (!isBlankOrEnd(this.#code())) this.#failFrom(line, "did not find expected whitespace or line break");
    this.#add(TAG, tag, line);
  }

  #scanShortTag(line: number): string {
    const handle = this.#scanHandle(line, false);
    if (handle.length > 1 && handle.endsWith("!")) {
      const suffix = this.#scanUri(line, "");
      const prefix = this.#handles.get(handle) ?? (handle === "!!" ? LONG_TAG : undefined);
      return (prefix ?? UNDEFINED_HANDLE) + suffix;
    }
    const suffix = this.#scanUri(line, handle);
    return (this.#handles.get("!") ?? "!") + suffix;
  }

  #scanHandle(line: number, isDirective: boolean): string {
    const start = this.#at;
    if (this.#code() !== 0x21) this.#failFrom(line, "did not find expected '!'");
    this.#at++;
    while (isWord(this.#code())) this.#at++;
    if (this.#code() === 0x21) this.#at++;
    else if (isDirective && this.#at - start > 1) this.#failFrom(line, "did not find expected '!'");
    return this.#text.slice(start, this.#at);
  }

  #scanUri(line: number, head: string): string {
    let uri = head.slice(1);
    const start = this.#at;
    for (let code = this.#code(); isWord(code) || URI.has(code); code = this.#code()) {
      if (code === 0x25) uri += this.#scanEscapes(line);
      else {
        uri += String.fromCharCode(code);
        this.#at++;
      }
    }
    if (head === "" && this.#at === start) this.#failFrom(line, "did not find expected tag URI");
    return uri;
  }

  #scanEscapes(line: number): string {
    const bytes: number[] = [];
    while (this.#code() === 0x25) {
      const hex = this.#text.slice(this.#at + 1, this.#at + 3);
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) this.#failFrom(line, "did not find URI escaped octet");
      bytes.push(Number.parseInt(hex, 16));
      this.#at += 3;
    }
    return Buffer.from(bytes).toString();
  }

  #scanDirective(): void {
    const line = this.#line;
    this.#at++;
    const start = this.#at;
    while (isWord(this.#code())) this.#at++;
    const name = this.#text.slice(start, this.#at);
    if (name === "") this.#failFrom(line, "could not find expected directive name");
    if (!isBlankOrEnd(this.#code())) this.#failFrom(line, "found unexpected non-alphabetical character");
    if (name === "YAML") this.#scanVersion(line);
    else if (name === "TAG") this.#scanTagDirective(line);
    else this.#failFrom(line, "found unknown directive name");
    this.#skipBlanks();
    this.#skipComment();
    if (!isBreakOrEnd(this.#code())) this.#failFrom(line, "did not find expected comment or line break");
    if (isBreak(this.#code())) this.#skipLine();
    this.#add(DIRECTIVE, name, line);
  }

  #scanVersion(line: number): void {
    this.#skipBlanks();
    const match = /^(\d*)(\.?)(\d*)/.exec(this.#text.slice(this.#at, this.#at + 16)) as RegExpExecArray;
    const [whole, major = "", dot = "", minor = ""] = match;
    if (major.length > 2 || minor.length > 2) this.#failFrom(line, "found extremely long version number");
    if (major === "") this.#failFrom(line, "did not find expected version number");
    if (dot === "") this.#failFrom(line, "did not find expected digit or '.' character");
    if (minor === "") this.#failFrom(line, "did not find expected version number");
    if (major !== "1" || minor !== "1") throw yamlError("found incompatible YAML document", line);
    this.#at += whole.length;
  }

  #scanTagDirective(line: number): void {
    this.#skipBlanks();
    const handle = this.#scanHandle(line, true);
    if (!isBlank(this.#code())) this.#failFrom(line, "did not find expected whitespace");
    this.#skipBlanks();
    const prefix = this.#scanUri(line, "");
    if (!isBlankOrEnd(this.#code())) this.#failFrom(line, "did not find expected whitespace or line break");
    if (this.#handles.has(handle)) throw yamlError("found duplicate %TAG directive", line);
    this.#handles.set(handle, prefix);
  }

  #skipBlanks(): void {
    while (isBlank(this.#code())) this.#at++;
  }

  #skipComment(): void {
    if (this.#code() !== 0x23) return;
    while (!isBreakOrEnd(this.#code())) this.#at++;
  }

  // Scalars.

  #scanBlock(isLiteral: boolean): void {
    const line = this.#line;
    this.#at++;
    let chomping = 0;
    let increment = 0;
    for (let round = 0; round < 2; round++) {
      const code = this.#code();
      if (chomping === 0 && (code === 0x2b || code === 0x2d)) {
        chomping = code === 0x2b ? 1 : -1;
        this.#at++;
      } else if (increment === 0 && code >= 0x30 && code <= 0x39) {
        if (code === 0x30) this.#failFrom(line, "found an indentation indicator equal to 0");
        increment = code - 0x30;
        this.#at++;
      }
    }
    this.#skipBlanks();
    this.#skipComment();
    if (!isBreakOrEnd(this.#code())) this.#failFrom(line, "did not find expected comment or line break");
    if (isBreak(this.#code())) this.#skipLine();
    const given = increment === 0 ? 0 : Math.max(this.#indent, 0) + increment;
    let { indent, breaks } = this.#scanBlockBreaks(given, line);
    let text = "";
    let leadingBreak = "";
    let wasBlank = false;
    while (this.#column === indent && this.#at < this.#text.length) {
      const isBlankNow = isBlank(this.#code());
      if (!isLiteral && leadingBreak === "\n" && !wasBlank && !isBlankNow) {
        if (breaks === "") text += " ";
      } else text += leadingBreak;
      text += breaks;
      wasBlank = isBlankNow;
      const start = this.#at;
      this.#at = lineEnd(this.#text, start);
      text += this.#text.slice(start, this.#at);
      leadingBreak = this.#at < this.#text.length ? this.#readLine() : "";
      ({ indent, breaks } = this.#scanBlockBreaks(indent, line));
    }
    if (chomping !== -1) text += leadingBreak;
    if (chomping === 1) text += breaks;
    this.#add(SCALAR, text, line);
  }

  #scanBlockBreaks(given: number, line: number): { indent: number; breaks: string } {
    let breaks = "";
    let widest = 0;
    for (;;) {
      while ((given === 0 || this.#column < given) && this.#code() === SPACE) this.#at++;
      if (this.#column > widest) widest = this.#column;
      if ((given === 0 || this.#column < given) && this.#code() === TAB) {
        this.#failFrom(line, "found a tab character where an indentation space is expected");
      }
      if (this.#at >= this.#text.length || !isBreak(this.#code())) break;
      breaks += this.#readLine();
    }
    return { indent: given === 0 ? Math.max(widest, this.#indent + 1, 1) : given, breaks };
  }

  #scanQuoted(quote: number): void {
    const line = this.#line;
    const isSingle = quote === 0x27;
    this.#at++;
    let text = "";
    for (;;) {
      if (this.#column === 0 && this.#documentMark() >= 0) this.#failFrom(line, "found unexpected document indicator");
      if (this.#at >= this.#text.length) this.#failFrom(line, "found unexpected end of stream");
      let isFolding = false;
      for (let start = this.#at; ; start = this.#at) {
        let code = this.#code();
        while (code !== quote && code !== 0x5c && !isBlankOrBreak(code) && this.#at < this.#text.length) {
          this.#at++;
          code = this.#code();
        }
        text += this.#text.slice(start, this.#at);
        if (isSingle && code === quote && this.#code(1) === quote) {
          text += "'";
          this.#at += 2;
        } else if (isSingle && code === 0x5c) {
          text += "\\";
          this.#at++;
        } else if (code === 0x5c && isBreak(this.#code(1))) {
          this.#at++;
          this.#skipLine();
          isFolding = true;
          break;
        } else if (code === 0x5c) text += this.#scanEscape(line);
        else break;
      }
      if (this.#code() === quote) break;
      text += this.#scanSpace(isFolding);
    }
    this.#at++;
    this.#add(SCALAR, text, line);
  }

  /** White space and line breaks within a scalar, folded. */
  #scanSpace(wasFolding: boolean): string {
    let isFolding = wasFolding;
    let spaces = "";
    let leading = "";
    let trailing = "";
    for (let code = this.#code(); this.#at < this.#text.length && isBlankOrBreak(code); code = this.#code()) {
      if (isBlank(code)) {
        if (!isFolding) spaces += String.fromCharCode(code);
        this.#at++;
      } else if (isFolding) trailing += this.#readLine();
      else {
        leading = this.#readLine();
        isFolding = true;
      }
    }
    if (!isFolding) return spaces;
    if (leading === "\n") return trailing === "" ? " " : trailing;
    return leading + trailing;
  }

  #scanEscape(line: number): string {
    const letter = this.#text[this.#at + 1] ?? "";
    const simple = ESCAPES.get(letter);
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const length = letter === "x" ? 2 : letter === "u" ? 4 : letter === "U" ? 8 : 0;
    if (length === 0) this.#failFrom(line, "found unknown escape character");
    this.#at += 2;
    const hex = this.#text.slice(this.#at, this.#at + length);
    if (hex.length < length || !/^[0-9a-fA-F]+$/.test(hex)) this.#failFrom(line, "did not find expected hexdecimal number");
    const code = Number.parseInt(hex, 16);
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) this.#failFrom(line, "found invalid Unicode character escape code");
    this.#at += length;
    return String.fromCodePoint(code);
  }

  #scanPlain(): void {
    const line = this.#line;
    const indent = this.#indent + 1;
    let text = "";
    let leading = "";
    let trailing = "";
    let spaces = "";
    let isFolding = false;
    for (;;) {
      if (this.#column === 0 && this.#documentMark() >= 0) break;
      if (this.#code() === 0x23) break;
      const start = this.#at;
      this.#at = this.#plainEnd(start);
      if (this.#at > start) {
        if (isFolding) {
          text += leading === "\n" ? (trailing === "" ? " " : trailing) : leading + trailing;
          leading = "";
          trailing = "";
          isFolding = false;
        } else text += spaces;
        spaces = "";
        text += this.#text.slice(start, this.#at);
      }
      if (this.#at >= this.#text.length || !isBlankOrBreak(this.#code())) break;
      for (let code = this.#code(); this.#at < this.#text.length && isBlankOrBreak(code); code = this.#code()) {
        if (isBlank(code)) {
          if (isFolding && code === TAB && this.#column < indent) {
            this.#failFrom(line, "found a tab character that violates indentation");
          }
          if (!isFolding) spaces += String.fromCharCode(code);
          this.#at++;
        } else if (isFolding) trailing += this.#readLine();
        else {
          spaces = "";
          leading = this.#readLine();
          isFolding = true;
        }
      }
      if (this.#flowLevel === 0 && this.#column < indent) break;
    }
    this.#add(SCALAR, text, line, true);
    if (isFolding) this.#isKeyAllowed = true;
  }

  /** Where a run of characters of a plain scalar ends. */
  #plainEnd(start: number): number {
    const text = this.#text;
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (isBlankOrBreak(code)) break;
      if (code === 0x3a && (at + 1 >= text.length || isBlankOrBreak(text.charCodeAt(at + 1)))) break;
      if (this.#flowLevel > 0 && FLOW_ENDS.has(code)) break;
    }
    return at;
  }
}

function noKey(): SimpleKey {
  return { isPossible: false, isRequired: false, token: -1, at: 0, line: 0, column: 0 };
}

function lineEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isBreak(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isBreak(code: number): boolean {
  return code === NEWLINE || code === RETURN || code === 0x85 || code === 0x2028 || code === 0x2029;
}

function isBreakOrEnd(code: number): boolean {
  return code === 0 || isBreak(code);
}

function isBlankOrBreak(code: number): boolean {
  return code === SPACE || code === TAB || (code < 0x0e ? code === NEWLINE || code === RETURN : code > 0x7f && isBreak(code));
}

function isBlankOrEnd(code: number): boolean {
  return code === 0 || isBlankOrBreak(code);
}

/** Letters, digits, - and _. */
function isWord(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f || code === 0x2d
  );
}

function codes(letters: string): ReadonlySet<number> {
  return new Set([...letters].map((letter) => letter.charCodeAt(0)));
}

const LONG_TAG = "tag:yaml.org,2002:";
const PLAIN_NEVER = codes("-?:,[]{}#&*!|>'\"%@`\t ");
const FLOW_ENDS = codes(",?[]{}");
const ANCHOR_ENDS = codes("?:,]}%@`");
const URI = codes(";/?:@&=+$,.!~*'()[]%");
const ESCAPES = new Map([
  ["0", "\0"],
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["\t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ["e", "\x1b"],
  [" ", " "],
  ['"', '"'],
  ["'", "'"],
  ["\\", "\\"],
  ["N", "\u0085"],
  ["_", "\u00a0"],
  ["L", "\u2028"],
  ["P", "\u2029"],
]);
// What the reader of Go's parser refuses; lone surrogates stand for bytes that are not UTF-8.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are refused
const UNREADABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
