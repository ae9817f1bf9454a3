import { normalizeText } from "@invar/go-compat";

const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y;
const ESCAPE = /\\(?:([abfnrtv\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\\/g;
const SIMPLE: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The literal in one of the three kinds of quotes that begins at `at`, or undefined. */
export function quotedAt(source: string, at: number): string | undefined {
  QUOTED.lastIndex = at;
  return QUOTED.exec(source)?.[0];
}

/** What a quoted literal stands for by Go's escapes, or undefined where one of them is none. */
export function unquote(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  if (literal.startsWith("`") || !inner.includes("\\")) return inner;
  let isValid = true;
  const text = inner.replace(ESCAPE, (written, simple?: string, hex?: string, octal?: string, short?: string, long?: string) => {
    if (simple !== undefined) return SIMPLE[simple] ?? simple;
    if (hex !== undefined) return byteText(Number.parseInt(hex, 16));
    if (octal !== undefined && Number.parseInt(octal, 8) < 256) return byteText(Number.parseInt(octal, 8));
    const code = Number.parseInt(short ?? long ?? "", 16);
    if (code <= 0x10ffff && (code & 0xfffff800) !== 0xd800) return String.fromCodePoint(code);
    isValid = false;
    return written;
  });
  return isValid ? normalizeText(text) : undefined;
}

// Bytes above 0x7f are carried as lone surrogates; `normalizeText` joins those that form a character.
function byteText(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}
