import { compileRegexp, GoError, type Regexp } from "@invar/go-compat";
import { InternTable } from "../../../bytes/intern-table.ts";
import { textOf } from "../../../bytes/utf8.ts";

/** Whether a text is one of those that the user listed. */
export interface TextFilter {
  matches(bytes: Uint8Array, start: number, end: number): boolean;
}

/** How a `match_type` reads the user's texts. */
export interface TextFilterOptions {
  readonly matchType: "strict" | "regexp";
  /** Results of patterns are kept for so many texts; 0: as many as are worth it; undefined: none. */
  readonly cacheEntries: number | undefined;
}

/** What stands in for an unlimited cache: beyond that many texts looking up is no quicker than matching. */
const MOST_CACHED = 10_000;

/** Throws `GoError` where a pattern is wrong. */
export function textFilter(texts: readonly string[], { matchType, cacheEntries }: TextFilterOptions): TextFilter {
  if (matchType === "strict") return strictFilter(texts);
  const patterns = [...new Set(texts)].map(compile);
  if (cacheEntries === undefined) return { matches: (bytes, start, end) => matchesAny(patterns, textOf(bytes, start, end)) };
  return cachedFilter(patterns, cacheEntries === 0 ? MOST_CACHED : Math.min(cacheEntries, MOST_CACHED));
}

function compile(pattern: string): Regexp {
  try {
    return compileRegexp(pattern);
  } catch (error) {
    throw error instanceof GoError ? error : new GoError(String(error));
  }
}

function strictFilter(texts: readonly string[]): TextFilter {
  const table = new InternTable(texts.length);
  for (const text of texts) table.intern(Buffer.from(text));
  return { matches: (bytes, start, end) => table.find(bytes, start, end) >= 0 };
}

/** The texts looked up longest ago are forgotten first. */
function cachedFilter(patterns: readonly Regexp[], entries: number): TextFilter {
  const results = new Map<string, boolean>();
  return {
    matches(bytes, start, end) {
      const text = textOf(bytes, start, end);
      const known = results.get(text);
      if (known !== undefined) results.delete(text);
      const result = known ?? matchesAny(patterns, text);
      results.set(text, result);
      if (results.size > entries) results.delete(results.keys().next().value as string);
      return result;
    },
  };
}

function matchesAny(patterns: readonly Regexp[], text: string): boolean {
  for (const pattern of patterns) if (pattern.test(text)) return true;
  return false;
}
