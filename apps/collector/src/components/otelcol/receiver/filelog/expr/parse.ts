import type { EntryValue } from "../entry.ts";

/** An expression can't be read, or can't be evaluated on an entry. */
export class ExpressionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ExpressionError";
  }
}

export type Node =
  | { readonly kind: "value"; readonly value: EntryValue }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "member"; readonly object: Node; readonly key: Node; readonly isOptional: boolean }
  | { readonly kind: "not" | "minus"; readonly inner: Node }
  | { readonly kind: "choice"; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Node; readonly right: Node };

/** By operator how tightly it binds; loosest first. */
const bindings: Readonly<Record<string, number>> = {
  or: 1,
  "||": 1,
  and: 2,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  in: 3,
  matches: 3,
  contains: 3,
  startsWith: 3,
  endsWith: 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  "??": 6,
};
/** Of expr-lang, and not here. */
const unavailable: ReadonlySet<string> = new Set(["|", "..", "**", "^", "#", "{", "let", "=", ";"]);
const MAX_DEPTH = 64;

const token =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?<word>[A-Za-z_$][\w$]*)|(?<sign>\?\?|\?\.|\|\||&&|==|!=|<=|>=|\*\*|\.\.|[-+*/%<>!?:.,()[\]{}|^#=;]))/y;

interface Token {
  readonly kind: "number" | "text" | "word" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

/** Reads the subset of expr-lang that operators are written in. Throws `ExpressionError`. */
export function parseExpression(text: string): Node {
  const tokens = tokensOf(text);
  let next = 0;
  let depth = 0;
  const peek = (): Token => tokens[next] as Token;
  const take = (): Token => tokens[next++] as Token;
  const fail = ({ text: found, at }: Token, expected: string) =>
    new ExpressionError(
      `expected ${expected} at character ${at + 1} of ${JSON.stringify(text)}, found ${found === "" ? "the end" : JSON.stringify(found)}`,
    );
  const expect = (sign: string) => {
    const found = take();
    if (found.text !== sign) throw fail(found, JSON.stringify(sign));
  };

  function choice(): Node {
    if (++depth > MAX_DEPTH) throw new ExpressionError(`the expression is nested deeper than ${MAX_DEPTH}`);
    const condition = binary(1);
    let node = condition;
    if (peek().text === "?") {
      take();
      const yes = choice();
      expect(":");
      node = { kind: "choice", condition, yes, no: choice() };
    }
    depth--;
    return node;
  }

  function binary(least: number): Node {
    let left = unary();
    for (;;) {
      const found = peek();
      const isNegated = found.text === "not" && Object.hasOwn(bindings, (tokens[next + 1] as Token).text);
      const operator = isNegated ? (tokens[next + 1] as Token).text : found.text;
      const binding = found.kind !== "text" && Object.hasOwn(bindings, operator) ? (bindings[operator] as number) : 0;
      if (binding < least || binding === 0) return left;
      next += isNegated ? 2 : 1;
      const node: Node = { kind: "binary", operator, left, right: binary(binding + 1) };
      left = isNegated ? { kind: "not", inner: node } : node;
    }
  }

  function unary(): Node {
    const { text: sign, kind } = peek();
    if (kind !== "text" && (sign === "!" || sign === "not" || sign === "-" || sign === "+")) {
      if (++depth > MAX_DEPTH) throw new ExpressionError(`the expression is nested deeper than ${MAX_DEPTH}`);
      take();
      // "not" reaches over a comparison, the signs do not.
      const inner = sign === "not" ? binary(3) : unary();
      depth--;
      return sign === "+" ? inner : { kind: sign === "-" ? "minus" : "not", inner };
    }
    return members(primary());
  }

  function members(first: Node): Node {
    let node = first;
    for (;;) {
      const { text: sign, kind } = peek();
      if (kind === "sign" && (sign === "." || sign === "?.")) {
        take();
        const key = take();
        if (key.kind !== "word") throw fail(key, "a name");
        node = { kind: "member", object: node, key: { kind: "value", value: key.text }, isOptional: sign === "?." };
      } else if (kind === "sign" && sign === "[") {
        take();
        const key = choice();
        if (peek().text === ":") throw new ExpressionError("slices of lists are not available here");
        expect("]");
        node = { kind: "member", object: node, key, isOptional: false };
      } else return node;
    }
  }

  function primary(): Node {
    const found = take();
    switch (found.kind) {
      case "number":
        return { kind: "value", value: /[.eE]/.test(found.text) ? Number(found.text) : BigInt(found.text) };
      case "text":
        return { kind: "value", value: unquoted(found.text) };
      case "word":
        if (found.text === "true" || found.text === "false") return { kind: "value", value: found.text === "true" };
        if (found.text === "nil") return { kind: "value", value: null };
        if (peek().text === "(" && peek().kind === "sign") {
          take();
          return { kind: "call", name: found.text, args: items(")") };
        }
        return { kind: "name", name: found.text };
      case "sign":
        if (found.text === "(") {
          const inner = choice();
          expect(")");
          return inner;
        }
        if (found.text === "[") return { kind: "list", items: items("]") };
    }
    throw fail(found, "a value");
  }

  function items(end: string): Node[] {
    const found: Node[] = [];
    while (peek().text !== end) {
      found.push(choice());
      if (peek().text === ",") take();
      else if (peek().text !== end) throw fail(peek(), `a comma or ${JSON.stringify(end)}`);
    }
    take();
    return found;
  }

  const node = choice();
  if (peek().kind !== "end") throw fail(peek(), "the end");
  return node;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  let at = 0;
  while (at < end) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match?.groups === undefined)
      throw new ExpressionError(
        `unexpected ${JSON.stringify(text.slice(at, at + 10).trim())} at character ${at + 1} of ${JSON.stringify(text)}`,
      );
    const [kind, found] = Object.entries(match.groups).find(([, value]) => value !== undefined) as [Token["kind"], string];
    if (kind !== "text" && unavailable.has(found))
      throw new ExpressionError(`${JSON.stringify(found)} in ${JSON.stringify(text)} is not available here`);
    tokens.push({ kind, text: found, at: token.lastIndex - found.length });
    at = token.lastIndex;
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

function unquoted(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith("`")) return inner;
  return inner.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/gs, (_, byte?: string, unit?: string, other?: string) => {
    const code = byte ?? unit;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return escapes[other ?? ""] ?? other ?? "";
  });
}
