import { unquote, unquoteCharacter } from "@invar/go-compat";

/** The value of a string literal as it is written, quotes included; "" where the lexer has refused an escape in it. */
export function stringValue(literal: string): string {
  return unquote(literal) ?? "";
}

/** Where in a string literal, quotes included, the unit at `offset` of its value is written. */
export function offsetInLiteral(literal: string, offset: number): number {
  const isRaw = literal.startsWith("`");
  let seen = 0;
  let at = 1;
  while (at < literal.length - 1) {
    const { size, end } = isRaw ? rawUnit(literal, at) : quotedUnit(literal, at);
    if (seen + size > offset) break;
    seen += size;
    at = end;
  }
  return at;
}

/** Go leaves carriage returns out of raw strings. */
function rawUnit(literal: string, at: number): { size: number; end: number } {
  return { size: literal[at] === "\r" ? 0 : 1, end: at + 1 };
}

function quotedUnit(literal: string, at: number): { size: number; end: number } {
  const unit = unquoteCharacter(literal, at, '"');
  return unit === undefined ? { size: 1, end: at + 1 } : { size: unit.value > 0xffff ? 2 : 1, end: unit.end };
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
