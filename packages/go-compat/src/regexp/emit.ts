import { isSkippable } from "./backtracking.ts";
import { complementOf, isEverything, MAX_RUNE, onlyRune, type RuneRanges } from "./rune-ranges.ts";
import type { Assertion, Node } from "./syntax.ts";

/** The pattern as source of a JavaScript RegExp with the flag `u`; groups keep their numbers and lose their names. */
export function toJavaScript(root: Node): string {
  return emit(root, JAVASCRIPT);
}

/** The pattern in RE2 syntax without flags and names. */
export function toRe2(root: Node): string {
  return emit(root, RE2);
}

interface Dialect {
  readonly assertions: Readonly<Record<Assertion, string>>;
  readonly anything: string;
  readonly nothing: string;
  readonly rune: (rune: number) => string;
  /** JavaScript refuses a turn of `(x)?` that matches nothing; RE2 takes it. */
  readonly refusesEmptyTurn: boolean;
}

const JAVASCRIPT: Dialect = {
  assertions: {
    beginText: "^",
    // A bare $ makes V8 begin its search too late when the last character is a surrogate pair.
    endText: "(?=$)",
    // JavaScript's own flag m also sees \r, U+2028 and U+2029 as ends of lines. Not negative: V8 lets (?![^\n]) hold between
    // the two halves of a surrogate pair.
    beginLine: "(?<=^|\\n)",
    endLine: "(?=\\n|$)",
    wordBoundary: "\\b",
    notWordBoundary: "\\B",
  },
  anything: "[^]",
  nothing: "[]",
  rune: (rune) => (isPlain(rune) ? String.fromCharCode(rune) : `\\u{${rune.toString(16)}}`),
  refusesEmptyTurn: true,
};

const RE2: Dialect = {
  assertions: {
    beginText: "\\A",
    endText: "\\z",
    beginLine: "(?m:^)",
    endLine: "(?m:$)",
    wordBoundary: "\\b",
    notWordBoundary: "\\B",
  },
  anything: "(?s:.)",
  nothing: "[^\\x{0}-\\x{10ffff}]",
  rune: (rune) => (isPlain(rune) ? String.fromCharCode(rune) : `\\x{${rune.toString(16)}}`),
  refusesEmptyTurn: false,
};

function emit(node: Node, dialect: Dialect): string {
  switch (node.op) {
    case "empty":
      return "(?:)";
    case "runes":
      return emitRunes(node.runes, dialect);
    case "capture":
      return `(${emit(node.sub, dialect)})`;
    case "concat":
      return node.subs.map((sub) => (sub.op === "alternate" ? `(?:${emit(sub, dialect)})` : emit(sub, dialect))).join("");
    case "alternate":
      return node.subs.map((sub) => (sub.op === "empty" ? "" : emit(sub, dialect))).join("|");
    case "repeat":
      return emitRepeat(node, dialect);
    case "assert":
      return dialect.assertions[node.what];
    default:
      return node satisfies never;
  }
}

function emitRepeat(node: Node & { op: "repeat" }, dialect: Dialect): string {
  const { sub, min, max, isLazy } = node;
  const isAtom = sub.op === "runes" || sub.op === "capture";
  const body = isAtom ? emit(sub, dialect) : `(?:${emit(sub, dialect)})`;
  // What can be empty anyway needs no question mark, and would lose its groups by it.
  if (min === 0 && max === 1 && !isLazy && dialect.refusesEmptyTurn && isSkippable(sub)) return body;
  return `${body}${countOf(min, max)}${isLazy ? "?" : ""}`;
}

function countOf(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  if (min === 0 && max === 1) return "?";
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function emitRunes(runes: RuneRanges, dialect: Dialect): string {
  if (runes.length === 0) return dialect.nothing;
  if (isEverything(runes)) return dialect.anything;
  const only = onlyRune(runes);
  if (only !== undefined) return dialect.rune(only);
  const isNegated = runes[runes.length - 1] === MAX_RUNE;
  const listed = isNegated ? complementOf(runes) : runes;
  let list = "";
  for (let at = 0; at < listed.length; at += 2) {
    const lo = listed[at] as number;
    const hi = listed[at + 1] as number;
    list += lo === hi ? dialect.rune(lo) : `${dialect.rune(lo)}-${dialect.rune(hi)}`;
  }
  return `[${isNegated ? "^" : ""}${list}]`;
}

function isPlain(rune: number): boolean {
  return (
    (rune >= 0x30 && rune <= 0x39) || (rune >= 0x41 && rune <= 0x5a) || (rune >= 0x61 && rune <= 0x7a) || rune === 0x5f || rune === 0x20
  );
}
