import type { Comment } from "./ast.ts";
import type { Diagnostics } from "./diagnostics.ts";

/** Kinds of tokens under the names that messages use. */
export type TokenKind =
  | "IDENT"
  | "NUMBER"
  | "FLOAT"
  | "STRING"
  | "BOOL"
  | "NULL"
  | "TERMINATOR"
  | "EOF"
  | "ILLEGAL"
  | "="
  | "{"
  | "}"
  | "("
  | ")"
  | "["
  | "]"
  | ","
  | "."
  | "!"
  | "||"
  | "&&"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^";

// Tokens after which the end of a line ends the statement.
const STATEMENT_ENDS: ReadonlySet<TokenKind> = new Set(["IDENT", "NUMBER", "FLOAT", "STRING", "BOOL", "NULL", "}", ")", "]"]);

/** Comments kept of one text, about 30 MB. */
const MAX_COMMENTS = 200_000;

/**
 * Reads tokens one at a time. After `next()` the fields describe the current token. Comments are put aside; the end of a line becomes
 * a TERMINATOR where a statement may end. Characters that are illegal everywhere are reported by `checkCharacters`, not here.
 */
export class Lexer {
  kind: TokenKind = "EOF";
  start = 0;
  end = 0;
  /** Line of the token's start, counted from 0. */
  line = 0;
  readonly comments: Comment[] = [];
  readonly #text: string;
  readonly #diagnostics: Diagnostics;
  #position = 0;
  #currentLine = 0;
  #mayEndStatement = false;
  #sawToken = true;

  constructor(text: string, diagnostics: Diagnostics) {
    this.#text = text;
    this.#diagnostics = diagnostics;
    if (text.charCodeAt(0) === 0xfeff) this.#position = 1;
  }

  next(): void {
    if (this.#skipBlanks()) {
      this.#mayEndStatement = false;
      return;
    }
    this.start = this.#position;
    this.line = this.#currentLine;
    this.kind = this.#read(this.#text.charCodeAt(this.#position));
    this.end = this.#position;
    this.#sawToken = true;
    // An illegal character ends nothing and prevents nothing.
    if (this.kind !== "ILLEGAL") this.#mayEndStatement = STATEMENT_ENDS.has(this.kind);
  }

  /** Every further token is EOF. */
  stop(): void {
    this.#position = this.#text.length;
    this.#mayEndStatement = false;
    this.next();
  }

  // Skips blanks and comments. Where a statement may end, the first line break, line comment or end of text among them makes a
  // TERMINATOR, which stands at the first comment or line break; the answer says so.
  #skipBlanks(): boolean {
    const text = this.#text;
    const line = this.#currentLine;
    let terminatorAt = -1;
    let sawLineEnd = false;
    for (;;) {
      const code = text.charCodeAt(this.#position);
      if (code === 0x20 || code === 0x09 || code === 0x0d) {
        this.#position++;
      } else if (code === 0x0a) {
        if (terminatorAt < 0) terminatorAt = this.#position;
        sawLineEnd = true;
        this.#position++;
        this.#currentLine++;
      } else if (code === 0x2f && this.#startsComment()) {
        if (terminatorAt < 0) terminatorAt = this.#position;
        if (this.#readComment()) sawLineEnd = true;
      } else {
        if (Number.isNaN(code)) sawLineEnd = true;
        break;
      }
    }
    if (!this.#mayEndStatement || !sawLineEnd) return false;
    this.kind = "TERMINATOR";
    this.start = terminatorAt < 0 ? this.#position : terminatorAt;
    this.end = Math.min(this.start + 1, text.length);
    this.line = line;
    return true;
  }

  #startsComment(): boolean {
    const second = this.#text.charCodeAt(this.#position + 1);
    return second === 0x2f || second === 0x2a;
  }

  // Answers whether the comment reaches over the end of its line.
  #readComment(): boolean {
    const start = this.#position;
    const isLine = this.#text.charCodeAt(start + 1) === 0x2f;
    let end = isLine ? this.#text.indexOf("\n", start) : this.#text.indexOf("*/", start + 2);
    if (end < 0) {
      end = this.#text.length;
      if (!isLine) {
        this.#diagnostics.error("syntax.unterminated-comment", "block comment not terminated", start, start + 2, "close it with */");
      }
    } else if (!isLine) {
      end += 2;
    }
    this.#position = end;
    if (this.comments.length >= MAX_COMMENTS) {
      this.#diagnostics.error("syntax.too-large", `the text has more than ${MAX_COMMENTS} comments`, start, end);
      this.#position = this.#text.length;
      return true;
    }
    const written = this.#text.slice(start, end);
    const breaks = countLineBreaks(written);
    this.#currentLine += breaks;
    this.comments.push({ start, end, text: withoutCarriageReturns(written, isLine), afterToken: this.#sawToken });
    this.#sawToken = false;
    return isLine || breaks > 0;
  }

  #read(code: number): TokenKind {
    if (isAsciiLetter(code)) return this.#readIdentifier();
    if (isDigit(code) || (code === 0x2e && isDigit(this.#text.charCodeAt(this.#position + 1)))) return this.#readNumber();
    switch (code) {
      case 0x22: // "
        return this.#readString();
      case 0x60: // `
        return this.#readRawString();
      case 0x27: // '
        return this.#readSingleQuoted();
      case 0x3d: // =
        return this.#oneOrTwo("=", "==");
      case 0x21: // !
        return this.#oneOrTwo("!", "!=");
      case 0x3c: // <
        return this.#oneOrTwo("<", "<=");
      case 0x3e: // >
        return this.#oneOrTwo(">", ">=");
      case 0x7c: // |
        return this.#doubled("||");
      case 0x26: // &
        return this.#doubled("&&");
    }
    if (Number.isNaN(code)) return "EOF";
    const symbol = SYMBOLS[code];
    if (symbol !== undefined) {
      this.#position++;
      return symbol;
    }
    return code < 0x80 ? this.#readIllegal(code) : this.#readBeyondAscii();
  }

  #readIdentifier(): TokenKind {
    const text = this.#text;
    const start = this.#position;
    let at = start + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (isAsciiLetter(code) || isDigit(code)) at++;
      else if (code >= 0x80 && IDENTIFIER_CHARACTER.test(characterAt(text, at))) at += code >= 0xd800 && code <= 0xdbff ? 2 : 1;
      else break;
    }
    this.#position = at;
    if (at - start > 5) return "IDENT";
    const word = text.slice(start, at);
    return word === "true" || word === "false" ? "BOOL" : word === "null" ? "NULL" : "IDENT";
  }

  #readNumber(): TokenKind {
    const start = this.#position;
    let kind: TokenKind = "NUMBER";
    this.#skipDigits();
    if (this.#text.charCodeAt(this.#position) === 0x2e) {
      kind = "FLOAT";
      this.#position++;
      this.#skipDigits();
    }
    if ((this.#text.charCodeAt(this.#position) | 0x20) === 0x65) {
      kind = "FLOAT";
      this.#position++;
      const sign = this.#text.charCodeAt(this.#position);
      if (sign === 0x2b || sign === 0x2d) this.#position++;
      const digits = this.#position;
      this.#skipDigits();
      if (this.#position === digits) this.#diagnostics.error("syntax.number", "exponent has no digits", start, this.#position);
    }
    return kind;
  }

  #skipDigits(): void {
    while (isDigit(this.#text.charCodeAt(this.#position))) this.#position++;
  }

  #readString(): TokenKind {
    const text = this.#text;
    const start = this.#position++;
    for (;;) {
      const code = text.charCodeAt(this.#position);
      if (code === 0x0a || Number.isNaN(code)) {
        this.#diagnostics.error(
          "syntax.unterminated-string",
          "string literal not terminated",
          start,
          this.#position,
          'close it with " on the same line, or write a text of many lines between backquotes',
        );
        return "STRING";
      }
      this.#position++;
      if (code === 0x22) return "STRING";
      if (code === 0x5c) this.#checkEscape();
    }
  }

  // Stops at the character at fault without consuming it: it may be the closing quote.
  #checkEscape(): void {
    const text = this.#text;
    const at = this.#position;
    const code = text.charCodeAt(at);
    if (SIMPLE_ESCAPES.has(code)) {
      this.#position++;
      return;
    }
    const octal = code >= 0x30 && code <= 0x37;
    const digits = octal ? 3 : code === 0x78 ? 2 : code === 0x75 ? 4 : code === 0x55 ? 8 : 0;
    if (digits === 0) {
      const message = Number.isNaN(code) ? "escape sequence not terminated" : "unknown escape sequence";
      this.#diagnostics.error("syntax.escape", message, at, Math.min(at + 1, text.length), "write \\\\ for a backslash, or a `raw string`");
      return;
    }
    if (!octal) this.#position++;
    let value = 0;
    for (let count = 0; count < digits; count++) {
      const digit = digitValue(text.charCodeAt(this.#position));
      if (digit >= (octal ? 8 : 16)) {
        const found =
          this.#position < text.length ? `illegal character ${codePointName(text, this.#position)} in escape sequence` : undefined;
        this.#diagnostics.error("syntax.escape", found ?? "escape sequence not terminated", at, this.#position);
        return;
      }
      value = value * (octal ? 8 : 16) + digit;
      this.#position++;
    }
    if (value > (octal ? 0xff : 0x10ffff) || (value >= 0xd800 && value < 0xe000)) {
      this.#diagnostics.error("syntax.escape", "escape sequence is invalid Unicode code point", at, this.#position);
    }
  }

  #readRawString(): TokenKind {
    const start = this.#position;
    const close = this.#text.indexOf("`", start + 1);
    if (close < 0) {
      this.#diagnostics.error("syntax.unterminated-string", "string literal not terminated", start, start + 1, "close it with `");
    }
    this.#position = close < 0 ? this.#text.length : close + 1;
    this.#currentLine += countLineBreaks(this.#text.slice(start, this.#position));
    return "STRING";
  }

  #readSingleQuoted(): TokenKind {
    const text = this.#text;
    const start = this.#position++;
    for (let code = text.charCodeAt(this.#position); code !== 0x0a && !Number.isNaN(code); code = text.charCodeAt(this.#position)) {
      this.#position++;
      if (code === 0x27) break;
      if (code === 0x5c && this.#position < text.length && text.charCodeAt(this.#position) !== 0x0a) this.#position++;
    }
    this.#diagnostics.error(
      "syntax.single-quotes",
      "illegal single-quoted string; use double quotes",
      start,
      this.#position,
      'write "text" or `text`',
    );
    return "ILLEGAL";
  }

  #oneOrTwo(one: TokenKind, two: TokenKind): TokenKind {
    if (this.#text.charCodeAt(this.#position + 1) !== 0x3d) {
      this.#position++;
      return one;
    }
    this.#position += 2;
    return two;
  }

  #doubled(kind: "||" | "&&"): TokenKind {
    const start = this.#position++;
    const letter = kind.charAt(0);
    if (this.#text.charAt(this.#position) === letter) {
      this.#position++;
    } else {
      this.#diagnostics.error("syntax.operator", `missing second ${letter} in ${kind}`, start, this.#position, `write ${kind}`);
    }
    return kind;
  }

  #readBeyondAscii(): TokenKind {
    const character = characterAt(this.#text, this.#position);
    if (IDENTIFIER_START.test(character)) {
      this.#position += character.length - 1;
      return this.#readIdentifier();
    }
    return this.#readIllegal(character.codePointAt(0) as number);
  }

  #readIllegal(code: number): TokenKind {
    const start = this.#position;
    this.#position += code > 0xffff ? 2 : 1;
    const character = this.#text.slice(start, this.#position);
    if (!this.#diagnostics.isFull && !ILLEGAL_EVERYWHERE.test(character)) {
      const message = `illegal character ${codePointName(this.#text, start)}`;
      this.#diagnostics.error("syntax.illegal-character", message, start, this.#position, ILLEGAL_HINTS[character]);
    }
    return "ILLEGAL";
  }
}

/** Reports characters that may stand nowhere, not even in strings and comments: NUL, byte order marks, bytes that were not UTF-8. */
export function checkCharacters(text: string, diagnostics: Diagnostics): void {
  const illegal = new RegExp(ILLEGAL_EVERYWHERE, "gu");
  for (let match = illegal.exec(text); match !== null && !diagnostics.isFull; match = illegal.exec(text)) {
    const [character] = match;
    if (character === "\0") {
      diagnostics.error("syntax.illegal-character", "illegal character NUL", match.index, match.index + 1);
    } else if (character !== "\uFEFF") {
      diagnostics.error("syntax.illegal-character", "illegal UTF-8 encoding", match.index, match.index + 1);
    } else if (match.index > 0) {
      diagnostics.error("syntax.illegal-character", "illegal byte order mark", match.index, match.index + 1);
    }
  }
}

/** Whether a text can stand as a name: of an attribute, of a block, as a label. */
export function isIdentifier(text: string): boolean {
  return /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(text) && text !== "true" && text !== "false" && text !== "null";
}

const IDENTIFIER_START = /^\p{L}$/u;
const IDENTIFIER_CHARACTER = /^[\p{L}\p{Nd}]$/u;
const ILLEGAL_EVERYWHERE = /[\0\uFEFF\p{Cs}]/u;
const ILLEGAL_HINTS: Readonly<Record<string, string>> = {
  ";": "statements end with their line: write the next one on a new line",
  "#": "comments begin with //",
  ":": "write = between a field's name and its value",
  "?": "there is no a ? b : c; coalesce(a, b) takes the first that is not empty",
  $: 'read environment variables with sys.env("NAME")',
};
const SIMPLE_ESCAPES: ReadonlySet<number> = new Set([...'abfnrtv\\"'].map((letter) => letter.charCodeAt(0)));

const SYMBOLS: Readonly<Record<number, TokenKind>> = Object.fromEntries(
  (["{", "}", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "%", "^"] as const).map((symbol) => [symbol.charCodeAt(0), symbol]),
);

function isAsciiLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digitValue(code: number): number {
  if (isDigit(code)) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : 16;
}

function characterAt(text: string, at: number): string {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code <= 0xdbff ? text.slice(at, at + 2) : text.charAt(at);
}

// U+0040 '@', as Go prints a character.
function codePointName(text: string, at: number): string {
  const code = text.codePointAt(at) as number;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const character = String.fromCodePoint(code);
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character) ? `${name} '${character}'` : name;
}

function countLineBreaks(text: string): number {
  let breaks = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) breaks++;
  return breaks;
}

// A carriage return that keeps a star and a slash apart inside of a block comment has to stay.
function withoutCarriageReturns(comment: string, isLine: boolean): string {
  if (!comment.includes("\r")) return comment;
  return isLine ? comment.replaceAll("\r", "") : comment.replace(/\r(?!\/)|(?<!\*)\r/g, "");
}
