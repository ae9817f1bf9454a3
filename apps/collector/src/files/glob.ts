/** A glob pattern that is no pattern. */
export class BadPattern extends Error {
  constructor(pattern: string) {
    super(`syntax error in pattern ${JSON.stringify(pattern)}`);
    this.name = "BadPattern";
  }
}

/** One part of a path between slashes: a name as it is, any number of directories, or a test of names. */
export type Segment = { readonly kind: "name"; readonly name: string } | { readonly kind: "any depth" } | NameTest;

export interface NameTest {
  readonly kind: "test";
  matches(name: string): boolean;
}

// A pattern of a few alternatives can stand for very many.
const MAX_ALTERNATIVES = 4096;

/**
 * Whether whole paths match a pattern: `*` and `?` within a name, `**` over directories, `[a-z]`, `[^a]`, `{a,b/c}`, `\` before a sign that is
 * meant. Throws `BadPattern`.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const expressions = expandBraces(pattern).map((alternative) => new RegExp(`^${pathExpression(splitPath(alternative))}$`, "su"));
  return (path) => expressions.some((expression) => expression.test(path));
}

/** The segments of each alternative of an absolute or relative pattern. Throws `BadPattern`. */
export function globSegments(pattern: string): Segment[][] {
  return expandBraces(pattern).map((alternative) => {
    const segments: Segment[] = [];
    for (const part of splitPath(alternative)) {
      if (part === "**") {
        if (segments.at(-1)?.kind !== "any depth") segments.push({ kind: "any depth" });
      } else if (/[*?[]/.test(part)) {
        const expression = new RegExp(`^${nameExpression(part)}$`, "su");
        segments.push({ kind: "test", matches: (name) => expression.test(name) });
      } else segments.push({ kind: "name", name: part.replace(/\\(.)/gs, "$1") });
    }
    return segments;
  });
}

/** `{a,b{c,d}}` as `a`, `bc`, `bd`; the first brace is replaced until there is none. */
function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    if (done.length + open.length > MAX_ALTERNATIVES) throw new BadPattern(pattern);
    const alternatives = firstAlternatives(current);
    if (alternatives === undefined) done.push(current);
    else open.push(...alternatives.reverse());
  }
  return [...new Set(done)];
}

function firstAlternatives(pattern: string): string[] | undefined {
  const start = findUnescaped(pattern, "{", 0);
  if (start < 0) return undefined;
  const parts: string[] = [];
  let partStart = start + 1;
  let depth = 1;
  for (let at = start + 1; at < pattern.length; at++) {
    const sign = pattern[at];
    if (sign === "\\") at++;
    else if (sign === "{") depth++;
    else if (sign === "," && depth === 1) {
      parts.push(pattern.slice(partStart, at));
      partStart = at + 1;
    } else if (sign === "}" && --depth === 0) {
      parts.push(pattern.slice(partStart, at));
      return parts.map((part) => pattern.slice(0, start) + part + pattern.slice(at + 1));
    }
  }
  throw new BadPattern(pattern);
}

// A slash in a character class does not separate.
function splitPath(pattern: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at] as string;
    if (sign === "/") {
      parts.push(part);
      part = "";
    } else if (sign === "\\") part += sign + (pattern[++at] ?? missing(pattern));
    else part += sign;
  }
  parts.push(part);
  return parts;
}

function pathExpression(parts: readonly string[]): string {
  let expression = "";
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1;
    // "a/**" is "a" too.
    if (part === "**" && isLast) return at === 0 ? ".*" : `${expression.slice(0, -1)}(?:/.*)?`;
    if (part === "**") expression += "(?:[^/]*/)*";
    else expression += nameExpression(part) + (isLast ? "" : "/");
  }
  return expression;
}

function nameExpression(part: string): string {
  let expression = "";
  for (let at = 0; at < part.length; at++) {
    const sign = String.fromCodePoint(part.codePointAt(at) as number);
    if (sign.length > 1) at++;
    if (sign === "*") expression += expression.endsWith("[^/]*") ? "" : "[^/]*";
    else if (sign === "?") expression += "[^/]";
    else if (sign === "\\") {
      expression += literal(part[at + 1] ?? missing(part));
      at++;
    } else if (sign === "[") {
      const end = findUnescaped(part, "]", at + 1);
      if (end < 0) throw new BadPattern(part);
      expression += classExpression(part, at + 1, end);
      at = end;
    } else expression += literal(sign);
  }
  return expression;
}

function classExpression(part: string, start: number, end: number): string {
  const isNegated = part[start] === "!" || part[start] === "^";
  const from = isNegated ? start + 1 : start;
  if (from === end) throw new BadPattern(part);
  const signs: { text: string; escaped: boolean }[] = [];
  for (const match of part.slice(from, end).matchAll(/\\(.)|./gsu))
    signs.push({ text: match[1] ?? match[0], escaped: match[1] !== undefined });
  let inside = "";
  for (let at = 0; at < signs.length; at++) {
    const first = signs[at] as { text: string };
    const dash = signs[at + 1];
    const last = signs[at + 2];
    if (dash !== undefined && last !== undefined && dash.text === "-" && !dash.escaped) {
      // A range that runs backwards matches nothing.
      if (first.text <= last.text) inside += `${classSign(first.text)}-${classSign(last.text)}`;
      at += 2;
    } else inside += classSign(first.text);
  }
  if (inside === "") return isNegated ? "[\\s\\S]" : "[^\\s\\S]";
  return `[${isNegated ? "^" : ""}${inside}]`;
}

function classSign(sign: string): string {
  return /[\\\]^[-]/.test(sign) ? `\\${sign}` : sign;
}

function literal(sign: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(sign) ? `\\${sign}` : sign;
}

function findUnescaped(text: string, sign: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === sign) return at;
  }
  return -1;
}

function missing(pattern: string): never {
  throw new BadPattern(pattern);
}
