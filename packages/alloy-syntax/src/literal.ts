import { unquote } from "@invar/go-compat";

/** The value of a string literal as it is written, quotes included; "" where the lexer has refused an escape in it. */
export function stringValue(literal: string): string {
  return unquote(literal) ?? "";
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
