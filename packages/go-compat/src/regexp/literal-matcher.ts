import { isEverything } from "./rune-ranges.ts";
import type { Node } from "./syntax.ts";

/** Answers whether a whole text matches, without an engine. */
export type LiteralMatcher = (text: string) => boolean;

const MAX_TEXTS = 256;

/**
 * For a pattern that must match whole texts: a matcher made of comparisons, or undefined when the pattern is more than a list of
 * texts and wildcards (`a|b|c`, `foo.*`, `.*bar`, `a.*b.*c`, `x.+`).
 */
export function literalMatcher(root: Node): LiteralMatcher | undefined {
  const body = bodyOf(root);
  if (body === undefined) return undefined;
  const texts = textsOf(body);
  if (texts !== undefined) return oneOf(texts);
  const branches = body.op === "alternate" ? body.subs : [body];
  const matchers: LiteralMatcher[] = [];
  for (const branch of branches) {
    const branchTexts = textsOf(branch);
    const matcher = branchTexts === undefined ? wildcardMatcher(branch) : oneOf(branchTexts);
    if (matcher === undefined) return undefined;
    matchers.push(matcher);
  }
  return matchers.length === 1 ? matchers[0] : (text) => matchers.some((matches) => matches(text));
}

/** What stands between the first `^` and the last `$`, without groups. */
function bodyOf(root: Node): Node | undefined {
  if (root.op !== "concat") return undefined;
  const [first, ...rest] = root.subs;
  const last = rest.pop();
  if (first?.op !== "assert" || first.what !== "beginText" || last?.op !== "assert" || last.what !== "endText") return undefined;
  const subs = rest.map(withoutCaptures);
  return subs.length === 1 ? subs[0] : { op: "concat", subs: subs.flatMap((sub) => (sub.op === "concat" ? sub.subs : [sub])) };
}

function withoutCaptures(node: Node): Node {
  switch (node.op) {
    case "capture":
      return withoutCaptures(node.sub);
    case "concat": {
      const subs = node.subs.map(withoutCaptures);
      return { op: "concat", subs: subs.flatMap((sub) => (sub.op === "concat" ? sub.subs : [sub])) };
    }
    case "alternate":
      return { op: "alternate", subs: node.subs.map(withoutCaptures) };
    case "repeat":
      return { ...node, sub: withoutCaptures(node.sub) };
    default:
      return node;
  }
}

/** Every text that the node matches, while they are few. */
function textsOf(node: Node): readonly string[] | undefined {
  switch (node.op) {
    case "empty":
      return [""];
    case "runes": {
      const texts: string[] = [];
      for (let at = 0; at < node.runes.length; at += 2) {
        const lo = node.runes[at] as number;
        const hi = node.runes[at + 1] as number;
        if (texts.length + hi - lo >= MAX_TEXTS) return undefined;
        for (let rune = lo; rune <= hi; rune++) texts.push(String.fromCodePoint(rune));
      }
      return texts;
    }
    case "concat": {
      let texts: readonly string[] = [""];
      for (const sub of node.subs) {
        const next = textsOf(sub);
        if (next === undefined || texts.length * next.length > MAX_TEXTS) return undefined;
        texts = next.length === 1 ? texts.map((text) => text + next[0]) : texts.flatMap((text) => next.map((end) => text + end));
      }
      return texts;
    }
    case "alternate": {
      const texts: string[] = [];
      for (const sub of node.subs) {
        const next = textsOf(sub);
        if (next === undefined || texts.length + next.length > MAX_TEXTS) return undefined;
        texts.push(...next);
      }
      return texts;
    }
    case "repeat": {
      if (node.min !== 0 || node.max !== 1) return undefined;
      const texts = textsOf(node.sub);
      return texts === undefined ? undefined : [...texts, ""];
    }
    default:
      return undefined;
  }
}

function oneOf(texts: readonly string[]): LiteralMatcher {
  const only = texts[0];
  if (texts.length === 1) return (text) => text === only;
  const known = new Set(texts);
  return (text) => known.has(text);
}

function wildcardMatcher(node: Node): LiteralMatcher | undefined {
  const subs = node.op === "concat" ? node.subs : [node];
  const texts: string[] = [""];
  let needsOne = false;
  for (const sub of subs) {
    if (sub.op === "runes" && sub.runes.length === 2 && sub.runes[0] === sub.runes[1]) {
      texts[texts.length - 1] += String.fromCodePoint(sub.runes[0] as number);
    } else if (sub.op === "repeat" && sub.sub.op === "runes" && isEverything(sub.sub.runes) && sub.min <= 1 && sub.max > 1000) {
      needsOne ||= sub.min === 1;
      texts.push("");
    } else {
      return undefined;
    }
  }
  const first = texts[0] as string;
  const last = texts[texts.length - 1] as string;
  if (texts.length === 2) {
    const length = first.length + last.length + (needsOne ? 1 : 0);
    if (last === "") return (text) => text.length >= length && text.startsWith(first);
    if (first === "") return (text) => text.length >= length && text.endsWith(last);
    return (text) => text.length >= length && text.startsWith(first) && text.endsWith(last);
  }
  if (texts.length < 2 || needsOne) return undefined;
  const middle = texts.slice(1, -1);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end;
  };
}
