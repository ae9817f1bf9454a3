import { createRequire } from "node:module";
import type { RE2JS } from "re2js";
import { backtrackingLimit } from "./backtracking.ts";
import { toJavaScript, toRe2 } from "./emit.ts";
import { type LiteralMatcher, literalMatcher } from "./literal-matcher.ts";
import { type Node, parsePattern } from "./syntax.ts";

const load = createRequire(import.meta.url);

// Most patterns never need it, and it is more code than all else that reads a configuration.
const loadAutomaton = () => load("./automaton.ts") as typeof import("./automaton.ts");

/** The engines of one pattern, each made when it is first asked for: many a pattern is only checked. */
export class Program {
  /** By group number; "" where a group has no name, and for the whole match. */
  readonly groupNames: readonly string[];
  readonly #root: Node;
  readonly #isAnchored: boolean;
  #matching: Matching | undefined;
  #finder: RegExp | undefined;
  #locator: RegExp | undefined;
  #automaton: RE2JS | undefined;

  constructor(pattern: string, isAnchored: boolean) {
    const parsed = parsePattern(isAnchored ? `^(?s:${pattern})$` : pattern);
    this.groupNames = parsed.groupNames;
    this.#root = parsed.root;
    this.#isAnchored = isAnchored;
  }

  get matching(): Matching {
    this.#matching ??= matchingOf(this.#root, this.#isAnchored);
    return this.#matching;
  }

  /** Finds from its `lastIndex` on, which its user sets before each use. */
  get finder(): RegExp | undefined {
    const { tester } = this.matching;
    if (tester !== undefined) this.#finder ??= new RegExp(tester.source, "gu");
    return this.#finder;
  }

  /** As the finder, with the positions of groups. */
  get locator(): RegExp | undefined {
    const { tester } = this.matching;
    if (tester !== undefined) this.#locator ??= new RegExp(tester.source, "dgu");
    return this.#locator;
  }

  get automaton(): RE2JS {
    this.#automaton ??= loadAutomaton().compileAutomaton(toRe2(this.#root));
    return this.#automaton;
  }
}

/** How texts are matched without the automaton. */
interface Matching {
  readonly literal: LiteralMatcher | undefined;
  readonly tester: RegExp | undefined;
  /** Texts up to this length go to JavaScript's engine, longer ones to the automaton. */
  readonly limit: number;
}

const MAX_PROGRAMS = 1024;
const MAX_KEPT_PATTERN = 4096;

/** Most recently asked for last. A configuration has the same few patterns again and again, and each is checked before it is used. */
const programs = new Map<string, Program>();

/** The program of a pattern, shared by all who compile it. Throws `GoError` with Go's text when the pattern is wrong. */
export function programOf(pattern: string, isAnchored: boolean): Program {
  if (pattern.length > MAX_KEPT_PATTERN) return new Program(pattern, isAnchored);
  const key = isAnchored ? `^${pattern}` : `-${pattern}`;
  const program = programs.get(key) ?? new Program(pattern, isAnchored);
  programs.delete(key);
  programs.set(key, program);
  if (programs.size > MAX_PROGRAMS) for (const [oldest] of programs.entries().take(1)) programs.delete(oldest);
  return program;
}

const MAX_NATIVE_SOURCE = 1 << 16;

function matchingOf(root: Node, isAnchored: boolean): Matching {
  const literal = isAnchored ? literalMatcher(root) : undefined;
  const limit = backtrackingLimit(root);
  const source = limit === 0 ? undefined : toJavaScript(root);
  const tester = source === undefined || source.length > MAX_NATIVE_SOURCE ? undefined : nativeRegexp(source);
  return { literal, tester, limit: tester === undefined ? 0 : limit };
}

function nativeRegexp(source: string): RegExp | undefined {
  try {
    const tester = new RegExp(source, "u");
    // V8 compiles at the first use, and only then says that a pattern is too large for it.
    tester.test("");
    return tester;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
