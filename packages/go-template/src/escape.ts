import { bytesFromText, isEscapedByte } from "@invar/go-compat";

const HTML: Readonly<Record<string, string>> = { "\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Go's `template.HTMLEscapeString`. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => HTML[character] as string);
}

const SCRIPT: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
};

/** Go's `template.JSEscapeString`. */
export function escapeScript(text: string): string {
  let escaped = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      escaped += SCRIPT[character] ?? (unit < 0x20 ? `\\u00${hex(unit, 2)}` : character);
      continue;
    }
    if (isEscapedByte(text, at)) {
      // An invalid byte is U+FFFD here, which prints: Go keeps the byte.
      escaped += character;
      continue;
    }
    const rune = text.codePointAt(at) as number;
    if (rune > 0xffff) at++;
    const whole = String.fromCodePoint(rune);
    escaped += /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(whole) ? whole : `\\u${hex(rune, 4)}`;
  }
  return escaped;
}

/** Go's `url.QueryEscape`. */
export function escapeQuery(text: string): string {
  let escaped = "";
  for (const byte of bytesFromText(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(character)) escaped += character;
    else escaped += byte === 0x20 ? "+" : `%${hex(byte, 2)}`;
  }
  return escaped;
}

function hex(value: number, width: number): string {
  return value.toString(16).toUpperCase().padStart(width, "0");
}
