/** Lower case as Go maps it: each code point by itself, to exactly one other. */
export function toLowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapEach(text, (character) => (character === "\u0130" ? "i" : character.toLowerCase()));
}

/** Upper case as Go maps it: each code point by itself, to exactly one other ("ß" stays "ß"). */
export function toUpperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapEach(text, (character) => greekWithIota(character) ?? character.toUpperCase());
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function mapEach(text: string, map: (character: string) => string): string {
  let mapped = "";
  for (const character of text) {
    const other = map(character);
    const isOneCodePoint = other.length === 1 || (other.length === 2 && (other.codePointAt(0) ?? 0) > 0xffff);
    mapped += isOneCodePoint ? other : character;
  }
  return mapped;
}

// Letters with iota subscript have a one-to-one upper case beside the two letters that the engine gives.
function greekWithIota(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9);
  return code >= 0x1f80 && code <= 0x1faf ? String.fromCodePoint(code | 8) : undefined;
}
