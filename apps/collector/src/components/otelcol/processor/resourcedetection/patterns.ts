import { compileRegexp, GoError, type Regexp } from "@invar/go-compat";

export function compiledPatterns(patterns: readonly string[]): Regexp[] {
  return patterns.map((pattern) => compileRegexp(pattern));
}

/** What is wrong with a list of patterns. */
export function patternsFault(patterns: readonly string[]): string | undefined {
  try {
    compiledPatterns(patterns);
    return undefined;
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}
