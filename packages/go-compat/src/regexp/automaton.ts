import { RE2JS } from "re2js";

/** Compiles a pattern of RE2's own syntax. Slow to match, but linear in the text's length whatever the pattern. */
export function compileAutomaton(pattern: string): RE2JS {
  return RE2JS.compile(pattern);
}
