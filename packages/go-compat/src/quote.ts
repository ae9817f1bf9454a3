import { isEscapedByte } from "./byte-text.ts";

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
