import { type Complex, GoError, parseFloat64, parseInteger, parseUnsigned, quote, unquoteCharacter } from "@invar/go-compat";

/** A number in a template, under every type that can hold it: what it becomes depends on where it stands. */
export interface NumberLiteral {
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: Complex | undefined;
}

/** Reads a number or character constant. Throws `GoError` with Go's text. */
export function readNumber(text: string, kind: "number" | "charConstant" | "complex"): NumberLiteral {
  if (kind === "charConstant") return readCharacter(text);
  if (kind === "complex") return readComplex(text);
  if (text.endsWith("i")) {
    const imaginary = attempt(() => parseFloat64(text.slice(0, -1)));
    if (imaginary !== undefined) return fromComplex(text, { re: 0, im: imaginary });
  }
  const int = attempt(() => parseInteger(text, 0));
  const uint = attempt(() => parseUnsigned(text, 0)) ?? (int === 0n ? 0n : undefined);
  if (int !== undefined || uint !== undefined) return { text, int, uint, float: Number(int ?? uint), complex: undefined };
  const float = attempt(() => parseFloat64(text));
  if (float === undefined) throw new GoError(`illegal number syntax: ${quote(text)}`);
  if (!/[.eEpP]/.test(text)) throw new GoError(`integer overflow: ${quote(text)}`);
  return { text, int: wholeWithin(float, -(2 ** 63), 2 ** 63), uint: wholeWithin(float, 0, 2 ** 64), float, complex: undefined };
}

function readCharacter(text: string): NumberLiteral {
  const found = unquoteCharacter(text, 1, "'");
  if (found === undefined) throw new GoError("invalid syntax");
  if (text.slice(found.end) !== "'") throw new GoError(`malformed character constant: ${text}`);
  const value = BigInt(found.value);
  return { text, int: value, uint: value, float: found.value, complex: undefined };
}

function readComplex(text: string): NumberLiteral {
  const split = /^(.+?)(?<![eEpP])([-+].*)i$/.exec(text);
  const re = split === null ? undefined : attempt(() => parseFloat64(split[1] as string));
  const im = split === null ? undefined : attempt(() => parseFloat64(split[2] as string));
  if (re === undefined || im === undefined) throw new GoError("syntax error scanning complex number");
  return fromComplex(text, { re, im });
}

function fromComplex(text: string, complex: Complex): NumberLiteral {
  if (complex.im !== 0) return { text, int: undefined, uint: undefined, float: undefined, complex };
  const float = complex.re;
  return { text, int: wholeWithin(float, -(2 ** 63), 2 ** 63), uint: wholeWithin(float, 0, 2 ** 64), float, complex };
}

function wholeWithin(float: number, low: number, high: number): bigint | undefined {
  return Number.isInteger(float) && float >= low && float < high ? BigInt(float) : undefined;
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}
