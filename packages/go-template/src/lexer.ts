import { isEscapedByte, sprintf } from "@invar/go-compat";

export type TokenKind =
  | "error"
  | "bool"
  | "char"
  | "charConstant"
  | "complex"
  | "assign"
  | "declare"
  | "eof"
  | "field"
  | "identifier"
  | "leftDelimiter"
  | "leftParen"
  | "number"
  | "pipe"
  | "rawString"
  | "rightDelimiter"
  | "rightParen"
  | "space"
  | "string"
  | "text"
  | "variable"
  | "dot"
  | Keyword;

export type Keyword = "block" | "break" | "continue" | "define" | "else" | "end" | "if" | "nil" | "range" | "template" | "with";

export interface Token {
  readonly kind: TokenKind;
  readonly position: number;
  readonly text: string;
  readonly line: number;
}

export interface LexerOptions {
  readonly leftDelimiter: string;
  readonly rightDelimiter: string;
  /** Words that are functions of the caller's and so no keywords: `break` and `continue` only. */
  readonly isFunction: (name: string) => boolean;
}

/** Cuts a template into tokens. The last one is `eof`, or `error` with its message as text. */
export function lexTemplate(input: string, options: LexerOptions): readonly Token[] {
  return new Lexer(input, options).run();
}

/** As error messages name a token. */
export function describeToken(token: Token): string {
  if (token.kind === "eof") return "EOF";
  if (token.kind === "error") return token.text;
  if (token.kind === "dot" || KEYWORDS.has(token.text as Keyword)) return `<${token.text}>`;
  return token.text.length > 10 ? sprintf("%.10q...", [token.text]) : sprintf("%q", [token.text]);
}

const KEYWORDS: ReadonlySet<Keyword> = new Set<Keyword>([
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "nil",
  "range",
  "template",
  "with",
]);

type State = (() => State) | undefined;

function newLineFrom(input: string, from: number): number {
  const at = input.indexOf("\n", from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

function isSpaceCode(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

const WORD = /[\p{L}\p{Nd}_]+/uy;
const WORD_CHARACTER = /^[\p{L}\p{Nd}_]/u;
const TRIMMED_END = /[ \t\r\n]+$/;
const QUOTED = /"(?:\\[^\n]|[^"\\\n])*"/uy;
const CHARACTER = /'(?:\\[^\n]|[^'\\\n])*'/uy;
const NUMBER_PART =
  /[-+]?(?:0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][-+]?[0-9_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*|[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9_]*)?)i?/y;

class Lexer {
  readonly #input: string;
  readonly #options: LexerOptions;
  readonly #tokens: Token[] = [];
  #start = 0;
  #at = 0;
  #line = 1;
  #parenDepth = 0;
  /** The first line break that is not counted yet. */
  #newLine: number;

  constructor(input: string, options: LexerOptions) {
    this.#input = input;
    this.#options = options;
    this.#newLine = newLineFrom(input, 0);
  }

  run(): readonly Token[] {
    let state: State = this.#text;
    while (state !== undefined) state = state();
    return this.#tokens;
  }

  /** Pushes what lies between start and the current position. */
  #emit(kind: TokenKind): void {
    const text = this.#input.slice(this.#start, this.#at);
    this.#tokens.push({ kind, position: this.#start, text, line: this.#line });
    this.#ignore();
  }

  #ignore(): void {
    while (this.#newLine < this.#at) {
      this.#line++;
      this.#newLine = newLineFrom(this.#input, this.#newLine + 1);
    }
    this.#start = this.#at;
  }

  #fail(message: string, line = this.#line): State {
    this.#tokens.push({ kind: "error", position: this.#start, text: message, line });
    return undefined;
  }

  readonly #text = (): State => {
    const open = this.#input.indexOf(this.#options.leftDelimiter, this.#at);
    if (open < 0) {
      this.#at = this.#input.length;
      if (this.#at > this.#start) this.#emit("text");
      this.#emit("eof");
      return undefined;
    }
    let end = open;
    if (hasLeftTrim(this.#input, open + this.#options.leftDelimiter.length)) {
      end -= (TRIMMED_END.exec(this.#input.slice(this.#start, open))?.[0] ?? "").length;
    }
    this.#at = end;
    if (end > this.#start) this.#emit("text");
    this.#at = open;
    this.#ignore();
    return this.#leftDelimiter;
  };

  readonly #leftDelimiter = (): State => {
    const { leftDelimiter } = this.#options;
    const afterDelimiter = this.#at + leftDelimiter.length;
    const marker = hasLeftTrim(this.#input, afterDelimiter) ? 2 : 0;
    if (this.#input.startsWith("/*", afterDelimiter + marker)) {
      this.#at = afterDelimiter + marker;
      this.#ignore();
      return this.#comment;
    }
    this.#at = afterDelimiter;
    this.#emit("leftDelimiter");
    this.#at = afterDelimiter + marker;
    this.#ignore();
    this.#parenDepth = 0;
    return this.#insideAction;
  };

  readonly #comment = (): State => {
    const close = this.#input.indexOf("*/", this.#at + 2);
    if (close < 0) return this.#fail("unclosed comment");
    this.#at = close + 2;
    if (!this.#isAtRightDelimiter()) return this.#fail("comment ends before closing delimiter");
    this.#skipRightDelimiter();
    this.#ignore();
    return this.#text;
  };

  readonly #insideAction = (): State => {
    if (this.#isAtRightDelimiter()) {
      if (this.#parenDepth > 0) return this.#fail("unclosed left paren");
      return this.#rightDelimiter;
    }
    const character = this.#input[this.#at];
    switch (character) {
      case undefined:
        return this.#fail("unclosed action");
      case " ":
      case "\t":
      case "\r":
      case "\n":
        return this.#space;
      case "=":
        return this.#single("assign");
      case ":":
        this.#at++;
        if (this.#input[this.#at] !== "=") return this.#fail("expected :=");
        return this.#single("declare");
      case "|":
        return this.#single("pipe");
      case '"':
        return this.#matched(QUOTED, "string", "unterminated quoted string");
      case "`":
        return this.#rawString;
      case "'":
        return this.#matched(CHARACTER, "charConstant", "unterminated character constant");
      case "$":
        return this.#variable;
      case "(":
        this.#parenDepth++;
        return this.#single("leftParen");
      case ")":
        this.#parenDepth--;
        if (this.#parenDepth < 0) return this.#fail("unexpected right paren");
        return this.#single("rightParen");
      default:
        return this.#other(character);
    }
  };

  #other(character: string): State {
    const next = this.#input[this.#at + 1];
    // ".5" is a number, ".x" and "." are not; at the very end the dot still tries to be one.
    if (character === "." && next !== undefined && (next < "0" || next > "9")) return this.#field;
    if (/[-+.0-9]/.test(character)) return this.#number;
    if (this.#wordEnd(this.#at) > this.#at) return this.#identifier;
    if (character >= " " && character <= "~") return this.#single("char");
    return this.#fail(`unrecognized character in action: ${this.#namedCharacter()}`);
  }

  #single(kind: TokenKind): State {
    this.#at++;
    this.#emit(kind);
    return this.#insideAction;
  }

  #matched(pattern: RegExp, kind: TokenKind, message: string): State {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#input);
    if (found === null) {
      // The error is on the line where the lexer gave up, the one of the quote: a newline ends it.
      return this.#fail(message);
    }
    this.#at += found[0].length;
    this.#emit(kind);
    return this.#insideAction;
  }

  readonly #rawString = (): State => {
    const close = this.#input.indexOf("`", this.#at + 1);
    if (close < 0) return this.#fail("unterminated raw quoted string");
    this.#at = close + 1;
    this.#emit("rawString");
    return this.#insideAction;
  };

  readonly #space = (): State => {
    const start = this.#at;
    while (isSpaceCode(this.#input.charCodeAt(this.#at))) this.#at++;
    const length = this.#at - start;
    // The last of the spaces may belong to " -}}".
    if (this.#input[this.#at] === "-" && this.#input.startsWith(this.#options.rightDelimiter, this.#at + 1)) {
      this.#at--;
      if (length === 1) return this.#rightDelimiter;
    }
    this.#emit("space");
    return this.#insideAction;
  };

  readonly #rightDelimiter = (): State => {
    const hasTrim = !this.#input.startsWith(this.#options.rightDelimiter, this.#at);
    if (hasTrim) {
      this.#at += 2;
      this.#ignore();
    }
    this.#at += this.#options.rightDelimiter.length;
    this.#emit("rightDelimiter");
    if (hasTrim) this.#skipSpaces();
    this.#ignore();
    return this.#text;
  };

  readonly #field = (): State => {
    this.#at++;
    if (this.#isAtTerminator()) {
      this.#emit("dot");
      return this.#insideAction;
    }
    return this.#wordAfterSign("field");
  };

  readonly #variable = (): State => {
    this.#at++;
    if (this.#isAtTerminator()) {
      this.#emit("variable");
      return this.#insideAction;
    }
    return this.#wordAfterSign("variable");
  };

  #wordAfterSign(kind: "field" | "variable"): State {
    this.#at = this.#wordEnd(this.#at);
    if (!this.#isAtTerminator()) return this.#fail(`bad character ${this.#namedCharacter()}`);
    this.#emit(kind);
    return this.#insideAction;
  }

  readonly #identifier = (): State => {
    this.#at = this.#wordEnd(this.#at);
    if (!this.#isAtTerminator()) return this.#fail(`bad character ${this.#namedCharacter()}`);
    const word = this.#input.slice(this.#start, this.#at);
    if (word === "true" || word === "false") this.#emit("bool");
    else if (KEYWORDS.has(word as Keyword) && !((word === "break" || word === "continue") && this.#options.isFunction(word))) {
      this.#emit(word as Keyword);
    } else this.#emit("identifier");
    return this.#insideAction;
  };

  readonly #number = (): State => {
    if (!this.#scanNumber()) return this.#badNumber();
    const sign = this.#input[this.#at];
    if (sign !== "+" && sign !== "-") {
      this.#emit("number");
      return this.#insideAction;
    }
    // 1+2i: no spaces, and it must end in i.
    if (!this.#scanNumber() || this.#input[this.#at - 1] !== "i") return this.#badNumber();
    this.#emit("complex");
    return this.#insideAction;
  };

  #scanNumber(): boolean {
    NUMBER_PART.lastIndex = this.#at;
    this.#at += (NUMBER_PART.exec(this.#input) as RegExpExecArray)[0].length;
    const end = this.#wordEnd(this.#at);
    if (end === this.#at) return true;
    // What follows immediately is shown as part of the bad number: one character of it.
    this.#at += (this.#input.codePointAt(this.#at) as number) > 0xffff ? 2 : 1;
    return false;
  }

  #badNumber(): State {
    return this.#fail(sprintf("bad number syntax: %q", [this.#input.slice(this.#start, this.#at)]));
  }

  #wordEnd(from: number): number {
    // Most words are ASCII.
    let at = from;
    for (; at < this.#input.length; at++) {
      const unit = this.#input.charCodeAt(at);
      if (unit > 0x7f) {
        WORD.lastIndex = at;
        return WORD_CHARACTER.test(String.fromCodePoint(this.#input.codePointAt(at) as number))
          ? at + (WORD.exec(this.#input) as RegExpExecArray)[0].length
          : at;
      }
      const lower = unit | 0x20;
      if (!((lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f)) return at;
    }
    return at;
  }

  #isAtTerminator(): boolean {
    switch (this.#input[this.#at]) {
      case undefined:
      case " ":
      case "\t":
      case "\r":
      case "\n":
      case ".":
      case ",":
      case "|":
      case ":":
      case ")":
      case "(":
        return true;
      default:
        return this.#input.startsWith(this.#options.rightDelimiter, this.#at);
    }
  }

  #isAtRightDelimiter(): boolean {
    const { rightDelimiter } = this.#options;
    if (this.#input.startsWith(rightDelimiter, this.#at)) return true;
    return isSpace(this.#input[this.#at]) && this.#input[this.#at + 1] === "-" && this.#input.startsWith(rightDelimiter, this.#at + 2);
  }

  #skipRightDelimiter(): void {
    const hasTrim = !this.#input.startsWith(this.#options.rightDelimiter, this.#at);
    this.#at += this.#options.rightDelimiter.length + (hasTrim ? 2 : 0);
    if (hasTrim) this.#skipSpaces();
  }

  #skipSpaces(): void {
    while (isSpaceCode(this.#input.charCodeAt(this.#at))) this.#at++;
  }

  #namedCharacter(): string {
    if (this.#at >= this.#input.length) return sprintf("%#U", [-1n]);
    const rune = isEscapedByte(this.#input, this.#at) ? 0xfffd : (this.#input.codePointAt(this.#at) as number);
    return sprintf("%#U", [BigInt(rune)]);
  }
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}

function hasLeftTrim(input: string, at: number): boolean {
  return input[at] === "-" && isSpace(input[at + 1]);
}
