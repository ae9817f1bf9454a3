import {
  canBackquote,
  compileRegexp,
  GoError,
  type GoFunction,
  type GoValue,
  quote,
  quoteMeta,
  type Regexp,
  STRING_SLICE,
  stringSlice,
  Typed,
} from "@invar/go-compat";
import { fn, int, text } from "../function.ts";

const NO_TEXTS = new Typed(STRING_SLICE, null);
const MAX_CACHED = 256;

/** Functions on RE2 patterns. Without `must`, a wrong pattern is what Go's MustCompile says, except in regexMatch, where nothing matches. */
export const REGEX_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  regexMatch: fn([text, text], (pattern, from) => {
    try {
      return compiled(pattern).test(from);
    } catch (error) {
      if (error instanceof GoError) return false;
      throw error;
    }
  }),
  mustRegexMatch: fn([text, text], (pattern, from) => compiled(pattern).test(from)),
  regexFind: fn([text, text], (pattern, from) => find(trusted(pattern), from)),
  mustRegexFind: fn([text, text], (pattern, from) => find(compiled(pattern), from)),
  regexFindAll: fn([text, text, int], (pattern, from, limit) => findAll(trusted(pattern), from, limit)),
  mustRegexFindAll: fn([text, text, int], (pattern, from, limit) => findAll(compiled(pattern), from, limit)),
  regexReplaceAll: fn([text, text, text], (pattern, from, template) => trusted(pattern).replaceAll(from, template)),
  mustRegexReplaceAll: fn([text, text, text], (pattern, from, template) => compiled(pattern).replaceAll(from, template)),
  regexReplaceAllLiteral: fn([text, text, text], (pattern, from, replacement) => trusted(pattern).replaceAllLiteral(from, replacement)),
  mustRegexReplaceAllLiteral: fn([text, text, text], (pattern, from, replacement) =>
    compiled(pattern).replaceAllLiteral(from, replacement),
  ),
  regexSplit: fn([text, text, int], (pattern, from, limit) => split(trusted(pattern), from, limit)),
  mustRegexSplit: fn([text, text, int], (pattern, from, limit) => split(compiled(pattern), from, limit)),
  regexQuoteMeta: fn([text], quoteMeta),
};

const cache = new Map<string, Regexp>();

// A loop in a template asks for the same few patterns again and again.
function compiled(pattern: string): Regexp {
  let regexp = cache.get(pattern);
  if (regexp !== undefined) return regexp;
  regexp = compileRegexp(pattern);
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
  cache.set(pattern, regexp);
  return regexp;
}

function trusted(pattern: string): Regexp {
  try {
    return compiled(pattern);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    const shown = canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern);
    throw new GoError(`regexp: Compile(${shown}): ${error.message}`);
  }
}

function find(regexp: Regexp, from: string): string {
  return regexp.exec(from)?.groups[0] ?? "";
}

function findAll(regexp: Regexp, from: string, limit: bigint): GoValue {
  const found = regexp.findAll(from, Number(limit));
  return found.length === 0 ? NO_TEXTS : stringSlice(found);
}

function split(regexp: Regexp, from: string, limit: bigint): GoValue {
  return limit === 0n ? NO_TEXTS : stringSlice(regexp.split(from, Number(limit)));
}
