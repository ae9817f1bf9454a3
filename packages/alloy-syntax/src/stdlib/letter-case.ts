// Go maps letters one by one, JavaScript whole texts: "ß" has no capital in Go and two in JavaScript, a Greek sigma at the end of a
// word is no special case, and the Greek letters with an iota below have capitals of their own.

/** Go's `strings.ToUpper`. */
export function toUpper(text: string): string {
  return ASCII.test(text) ? text.toUpperCase() : Array.from(text, upperLetter).join("");
}

/** Go's `strings.ToLower`. */
export function toLower(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : Array.from(text, lowerLetter).join("");
}

const ASCII = /^[\0-\x7f]*$/;

function upperLetter(letter: string): string {
  const upper = letter.toUpperCase();
  if (upper.length === letter.length) return upper;
  const code = letter.codePointAt(0) as number;
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? String.fromCodePoint(code + 9) : letter;
}

function lowerLetter(letter: string): string {
  return letter === "\u0130" ? "i" : letter.toLowerCase();
}
