import { isEscapedByte, normalizeText } from "./byte-text.ts";

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

const PLAIN = /^[ !#-[\]-~]*$/;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
const GRAPHIC_SPACE = /^\p{Zs}$/u;

/** Go's `strconv.Quote`: double quotes, with everything that does not print escaped. */
export function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : quoteWith(text, '"', false);
}

/** Go's `strconv.QuoteToASCII`. */
export function quoteToAscii(text: string): string {
  return quoteWith(text, '"', true);
}

/** Go's `strconv.QuoteRune`: one character between single quotes. */
export function quoteRune(codePoint: number, asciiOnly = false): string {
  const isValid = codePoint >= 0 && codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
  return `'${escapeRune(isValid ? codePoint : 0xfffd, "'", asciiOnly)}'`;
}

/** Whether the text can be written between backquotes without change. */
export function canBackquote(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0xfeff || unit === 0x60 || unit === 0x7f || (unit < 0x20 && unit !== 0x09)) return false;
  }
  return text.isWellFormed();
}

/** Go's `unicode.IsPrint`. */
export function isPrintable(codePoint: number): boolean {
  if (codePoint < 0x7f) return codePoint >= 0x20;
  return PRINTABLE.test(String.fromCodePoint(codePoint));
}

/** Go's `unicode.IsGraphic`: printable, or a space of any kind. */
export function isGraphic(codePoint: number): boolean {
  return isPrintable(codePoint) || GRAPHIC_SPACE.test(String.fromCodePoint(codePoint));
}

function quoteWith(text: string, mark: string, asciiOnly: boolean): string {
  let quoted = mark;
  for (let at = 0; at < text.length; at++) {
    if (isEscapedByte(text, at)) {
      quoted += `\\x${hex(text.charCodeAt(at) & 0xff, 2)}`;
      continue;
    }
    const codePoint = text.codePointAt(at) as number;
    if (codePoint > 0xffff) at++;
    quoted += escapeRune(codePoint, mark, asciiOnly);
  }
  return quoted + mark;
}

function escapeRune(codePoint: number, mark: string, asciiOnly: boolean): string {
  const character = String.fromCodePoint(codePoint);
  if (character === mark || character === "\\") return `\\${character}`;
  if (codePoint < 0x7f ? codePoint >= 0x20 : !asciiOnly && isPrintable(codePoint)) return character;
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  if (codePoint < 0x20 || codePoint === 0x7f) return `\\x${hex(codePoint, 2)}`;
  return codePoint < 0x10000 ? `\\u${hex(codePoint, 4)}` : `\\U${hex(codePoint, 8)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}

/** Go's `strconv.Unquote` for texts between double quotes or backquotes; undefined where Go says "invalid syntax". */
export function unquote(quoted: string): string | undefined {
  const mark = quoted[0];
  if (quoted.length < 2 || mark !== quoted[quoted.length - 1]) return undefined;
  const inside = quoted.slice(1, -1);
  if (mark === "`") return inside.includes("`") ? undefined : inside.replaceAll("\r", "");
  if (mark !== '"' || inside.includes("\n")) return undefined;
  if (!inside.includes("\\") && !inside.includes('"')) return inside;
  let text = "";
  for (let at = 0; at < inside.length; ) {
    const next = unquoteCharacter(inside, at, '"');
    if (next === undefined) return undefined;
    text += next.isByte ? String.fromCharCode(0xdc00 + next.value) : String.fromCodePoint(next.value);
    at = next.end;
  }
  return normalizeText(text);
}

export interface UnquotedCharacter {
  readonly value: number;
  /** Set where an escape gave one byte that is not ASCII. */
  readonly isByte: boolean;
  readonly end: number;
}

/** Go's `strconv.UnquoteChar`: one character or escape at `at` of a text between these marks. */
export function unquoteCharacter(text: string, at: number, mark: '"' | "'"): UnquotedCharacter | undefined {
  const first = text.codePointAt(at);
  if (first === undefined || text[at] === mark) return undefined;
  if (first !== 0x5c) return { value: first, isByte: false, end: at + (first > 0xffff ? 2 : 1) };
  const found = /^\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(text.slice(at, at + 10));
  if (found === null) return undefined;
  const end = at + found[0].length;
  const [, letter, byte, short, long, octal] = found;
  if (letter !== undefined) {
    if (letter === '"' || letter === "'") return letter === mark ? { value: letter.charCodeAt(0), isByte: false, end } : undefined;
    return { value: ESCAPED_LETTERS[letter] as number, isByte: false, end };
  }
  if (byte !== undefined || octal !== undefined) {
    const value = byte !== undefined ? Number.parseInt(byte, 16) : Number.parseInt(octal as string, 8);
    return value > 255 ? undefined : { value, isByte: value > 0x7f, end };
  }
  const value = Number.parseInt((short ?? long) as string, 16);
  return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? undefined : { value, isByte: false, end };
}

const ESCAPED_LETTERS: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 0x5c };
