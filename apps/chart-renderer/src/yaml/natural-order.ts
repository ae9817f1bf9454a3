/** The order of keys that Go's YAML writer has: letters after everything else, digits by their number. */
export function compareNaturally(left: string, right: string): number {
  if (left === right) return 0;
  const a = [...left];
  const b = [...right];
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    if (a[at] !== b[at]) return compareAt(a, b, at);
  }
  return a.length - b.length;
}

function compareAt(a: readonly string[], b: readonly string[], at: number): number {
  const x = a[at] as string;
  const y = b[at] as string;
  const isXLetter = LETTER.test(x);
  const isYLetter = LETTER.test(y);
  if (isXLetter && isYLetter) return compareCodes(x, y);
  if (isXLetter || isYLetter) return isYLetter ? -1 : 1;
  // Behind digits that are not all zero, a zero counts as a digit of the same number.
  const prefix = (x === "0" || y === "0") && hasNumberBefore(a, at) ? "1" : "";
  const xDigits = digitsFrom(a, at);
  const yDigits = digitsFrom(b, at);
  const xNumber = BigInt(prefix + xDigits || "0");
  const yNumber = BigInt(prefix + yDigits || "0");
  if (xNumber !== yNumber) return xNumber < yNumber ? -1 : 1;
  if (xDigits.length !== yDigits.length) return xDigits.length - yDigits.length;
  return compareCodes(x, y);
}

const LETTER = /\p{L}/u;

function compareCodes(x: string, y: string): number {
  return (x.codePointAt(0) as number) - (y.codePointAt(0) as number);
}

function hasNumberBefore(text: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0 && /[0-9]/.test(text[before] as string); before--) if (text[before] !== "0") return true;
  return false;
}

function digitsFrom(text: readonly string[], at: number): string {
  let end = at;
  while (end < text.length && /[0-9]/.test(text[end] as string)) end++;
  return text.slice(at, end).join("");
}
