import { textFromBytes } from "@invar/go-compat";

/** The value of a string literal as it is written, quotes included. Escapes that the lexer has refused are kept or replaced. */
export function stringValue(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1).replaceAll("\r", "");
  const inner = literal.slice(1, -1);
  return inner.includes("\\") ? unescaped(inner) : inner;
}

/**
 * The value of a number literal: whole numbers up to 64 bits are exact (a leading zero means octal), others are float64. Undefined
 * when it is too large even for that.
 */
export function numberValue(literal: string): bigint | number | undefined {
  if (/^\d+$/.test(literal)) {
    const isOctal = literal.length > 1 && literal.startsWith("0");
    if (!isOctal || /^[0-7]+$/.test(literal)) {
      const whole = isOctal ? BigInt(`0o${literal.slice(1)}`) : literal.length <= 20 ? BigInt(literal) : undefined;
      if (whole !== undefined && whole < 2n ** 64n) return whole;
    }
  }
  const value = Number(literal);
  return Number.isFinite(value) ? value : undefined;
}

/** A quoted object key as it can be written: its text is what stands between the quotes, escapes and all. */
export function keyLiteral(text: string): string {
  return /^([^"\\\n]|\\([abfnrtv\\"]|[0-3][0-7]{2}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*$/.test(text)
    ? `"${text}"`
    : `\`${text}\``;
}

const ESCAPE = /\\([abfnrtv\\"]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/g;

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

function escapeValue(code: string): string {
  const simple = SIMPLE[code];
  if (simple !== undefined) return simple;
  const codePoint = escapeCode(code);
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : "\ufffd";
}

function escapeCode(code: string): number {
  return /^[xuU]/.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8);
}

// \x and octal escapes are bytes, several of which may make one character.
function unescaped(inner: string): string {
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(inner));
  let length = 0;
  let end = 0;
  for (const match of inner.matchAll(ESCAPE)) {
    const code = match[1] as string;
    if (match.index > end) length += bytes.write(inner.slice(end, match.index), length);
    if (/^[x0-7]/.test(code)) bytes[length++] = escapeCode(code);
    else length += bytes.write(escapeValue(code), length);
    end = match.index + match[0].length;
  }
  length += bytes.write(inner.slice(end), length);
  return textFromBytes(bytes.subarray(0, length));
}
