import { SyntaxFault } from "./tree.ts";

export type TokenKind = "bytes" | "float" | "integer" | "string" | "name" | "comparison" | "arrow" | "mark" | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Longer texts are refused before anything is read. */
const MAX_LENGTH = 64 * 1024;

// At each place the first alternative that fits counts, as in the incumbent's lexer.
const TOKEN =
  /(0x[a-fA-F0-9]+)|((?:\d+\.\d*|\d*\.\d+)(?:[eE][-+]?\d+)?)|(\d+)|("(?:\\[^\n]|[^\\"])*")|(==|!=|>=|<=|=>|[><])|([-+*/=(){}:,.[\]])|([A-Za-z][A-Za-z0-9_]*|_\b)|\s+/y;

/** The words of a statement. Throws `SyntaxFault` at a character that belongs to none. */
export function tokenize(text: string): Token[] {
  if (text.length > MAX_LENGTH)
    throw new SyntaxFault(`the text is ${text.length} characters long, at most ${MAX_LENGTH} are read`, { start: 0, end: 0 });
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      throw new SyntaxFault(`${positionOf(text, start)}: invalid input text ${JSON.stringify(text.slice(start))}`, {
        start,
        end: start + 1,
      });
    const kind = kindOf(match);
    if (kind !== undefined) tokens.push({ kind, text: match[0], start, end: start + match[0].length });
  }
  tokens.push({ kind: "end", text: "<EOF>", start: text.length, end: text.length });
  return tokens;
}

/** Line and column as messages show them. */
export function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return `${line}:${offset - before.lastIndexOf("\n")}`;
}

function kindOf(match: RegExpExecArray): TokenKind | undefined {
  if (match[7] !== undefined) return "name";
  if (match[6] !== undefined) return "mark";
  if (match[4] !== undefined) return "string";
  if (match[5] !== undefined) return match[5] === "=>" ? "arrow" : "comparison";
  if (match[3] !== undefined) return "integer";
  if (match[2] !== undefined) return "float";
  return match[1] === undefined ? undefined : "bytes";
}
