import { compileRegexp, GoError, quote, type Regexp } from "@invar/go-compat";
import type { Getter } from "../getter.ts";
import type { Frame } from "../telemetry/frame.ts";
import { StatementError } from "../value.ts";

/** Patterns that are computed for each item are few; these many are kept compiled. */
const KEPT = 64;

/** The compiled pattern: a literal one is compiled now, and what is wrong with it is an error of the statement. */
export function pattern(functionName: string, text: Getter<string>): (frame: Frame) => Regexp {
  if (text.literal !== undefined) {
    const known = compiled(functionName, text.literal.value);
    return () => known;
  }
  const kept = new Map<string, Regexp>();
  return (frame) => {
    const source = text.get(frame);
    const found = kept.get(source);
    if (found !== undefined) return found;
    if (kept.size >= KEPT) kept.clear();
    const regexp = compiled(functionName, source);
    kept.set(source, regexp);
    return regexp;
  };
}

function compiled(functionName: string, source: string): Regexp {
  try {
    return compileRegexp(source);
  } catch (error) {
    if (error instanceof GoError) throw invalidPattern(functionName, source, error.message);
    throw error;
  }
}

export function invalidPattern(functionName: string, source: string, reason: string): StatementError {
  return new StatementError(`the regex pattern supplied to ${functionName} '${quote(source)}' is not a valid pattern: ${reason}`);
}
