// Go changes case rune by rune, by Unicode's simple mappings; JavaScript's methods may make two letters of one.

const SPACES: ReadonlySet<string> = new Set(
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
);

export function isSpace(character: string): boolean {
  return SPACES.has(character);
}

export function isUpper(character: string): boolean {
  return /^\p{Lu}$/u.test(character);
}

export function isLower(character: string): boolean {
  return /^\p{Ll}$/u.test(character);
}

export function isTitle(character: string): boolean {
  return /^\p{Lt}$/u.test(character);
}

export function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

/** Go's `strings.ToUpper`. */
export function toUpper(text: string): string {
  return isAsciiOnly(text) ? text.toUpperCase() : mapCharacters(text, upperOf);
}

/** Go's `strings.ToLower`. */
export function toLower(text: string): string {
  return isAsciiOnly(text) ? text.toLowerCase() : mapCharacters(text, lowerOf);
}

/** Changes character by character; bytes that are not UTF-8 become U+FFFD, as in Go. */
export function mapCharacters(text: string, change: (character: string) => string): string {
  let changed = "";
  for (const character of text.toWellFormed()) changed += change(character);
  return changed;
}

export function upperOf(character: string): string {
  const upper = character.toUpperCase();
  return isOneRune(upper) ? upper : upperWithIota(character);
}

export function lowerOf(character: string): string {
  const lower = character.toLowerCase();
  // The one letter whose full mapping is longer: I with a dot.
  return isOneRune(lower) ? lower : "i";
}

export function titleOf(character: string): string {
  const rune = character.codePointAt(0) as number;
  if (rune >= 0x1c4 && rune <= 0x1cc) return String.fromCharCode(rune <= 0x1c6 ? 0x1c5 : rune <= 0x1c9 ? 0x1c8 : 0x1cb);
  if (rune >= 0x1f1 && rune <= 0x1f3) return "\u01f2";
  // Georgian has capitals but no title case.
  if ((rune >= 0x10d0 && rune <= 0x10fa) || (rune >= 0x10fd && rune <= 0x10ff)) return character;
  return upperOf(character);
}

// Greek letters with an iota below have a capital of their own; in full case mapping it is two letters.
function upperWithIota(character: string): string {
  const rune = character.codePointAt(0) as number;
  if (rune >= 0x1f80 && rune <= 0x1faf) return String.fromCharCode(rune | 8);
  if (rune === 0x1fb3 || rune === 0x1fc3 || rune === 0x1ff3) return String.fromCharCode(rune + 9);
  return character;
}

function isOneRune(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) as number) > 0xffff);
}

function isAsciiOnly(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
