/** Calls back for each field, `key=value`, `key="value"` or `key`, up to the first that is malformed; true where none is. */
export function readLogfmt(text: string, onField: (key: string, value: string) => void): boolean {
  let at = 0;
  for (;;) {
    while (at < text.length && text.charCodeAt(at) <= SPACE) at++;
    if (at >= text.length) return true;
    const keyStart = at;
    while (at < text.length && text.charCodeAt(at) > SPACE && text[at] !== "=" && text[at] !== '"') at++;
    const key = text.slice(keyStart, at);
    if (text[at] === '"' || key === "" || key.includes("\ufffd") || !key.isWellFormed()) return false;
    if (text[at] !== "=") {
      onField(key, "");
      continue;
    }
    at++;
    if (text[at] === '"') {
      const end = endOfQuoted(text, at);
      if (end < 0) return false;
      const value = unquoted(text.slice(at, end));
      if (value === undefined) return false;
      onField(key, value);
      at = end;
      continue;
    }
    const valueStart = at;
    while (at < text.length && text.charCodeAt(at) > SPACE && text[at] !== "=" && text[at] !== '"') at++;
    if (text[at] === "=" || text[at] === '"') return false;
    onField(key, text.slice(valueStart, at));
  }
}

const SPACE = 0x20;

function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\n") return -1;
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
}

/** The escapes are JSON's, and "'" besides. */
function unquoted(literal: string): string | undefined {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  let isValid = true;
  const text = literal.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/'bfnrt])|)/g, (_, hex?: string, simple?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (simple !== undefined) return SIMPLE[simple] ?? simple;
    isValid = false;
    return "";
  });
  return isValid ? text.toWellFormed() : undefined;
}

const SIMPLE: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
