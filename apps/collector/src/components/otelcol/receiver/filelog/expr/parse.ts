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
  | { readonly kind: "map"; readonly pairs: readonly (readonly [key: Node, value: Node])[] }
  | { readonly kind: "member"; readonly object: Node; readonly key: Node; readonly isOptional: boolean }
  /** Where an optional member within finds nothing, all of it is nil. */
  | { readonly kind: "chain"; readonly inner: Node }
  | { readonly kind: "slice"; readonly object: Node; readonly from: Node | undefined; readonly to: Node | undefined }
  | { readonly kind: "not" | "minus" | "plus"; readonly inner: Node }
  | { readonly kind: "choice"; readonly condition: Node; readonly yes: Node; readonly no: Node }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
  /** What a predicate is asked about: the element, `#index` or `#acc`. */
  | { readonly kind: "pointer"; readonly name: string }
  | { readonly kind: "let"; readonly name: string; readonly value: Node; readonly inner: Node }
  | { readonly kind: "sequence"; readonly steps: readonly Node[] }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Node; readonly right: Node };

/** By operator how tightly it binds. */
const bindings: Readonly<Record<string, number>> = {
  "|": 1,
  ...{ or: 10, "||": 10, and: 15, "&&": 15 },
  ...{ "==": 20, "!=": 20, "<": 20, "<=": 20, ">": 20, ">=": 20 },
  ...{ in: 20, matches: 20, contains: 20, startsWith: 20, endsWith: 20 },
  ...{ "..": 25, "+": 30, "-": 30, "*": 60, "/": 60, "%": 60, "**": 100, "^": 100, "??": 500 },
};
const unaryBindings: Readonly<Record<string, number>> = { not: 50, "!": 50, "-": 90, "+": 90 };
const negatable: ReadonlySet<string> = new Set(["in", "matches", "contains", "startsWith", "endsWith"]);
const comparisons: ReadonlySet<string> = new Set(["<", "<=", ">", ">="]);

/** Functions whose arguments behind the first are asked of each element of it; `…`: and what may follow. */
export const predicateFunctions: Readonly<Record<string, { readonly needsPredicate: boolean; readonly more: number }>> = {
  ...Object.fromEntries(
    ["all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast", "findLastIndex", "groupBy"].map((name) => [
      name,
      { needsPredicate: true, more: 0 },
    ]),
  ),
  ...{ count: { needsPredicate: false, more: 0 }, sum: { needsPredicate: false, more: 0 } },
  ...{ sortBy: { needsPredicate: true, more: 1 }, reduce: { needsPredicate: true, more: 1 } },
};

const MAX_DEPTH = 64;

const token =
  /(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*(?:(?<number>0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?<word>[A-Za-z_$][\w$]*)|(?<sign>\?\?|\?\.|\|\||&&|==|!=|<=|>=|\*\*|\.\.|::|[-+*/%<>!?:.,()[\]{}|^#=;]))/y;

interface Token {
  readonly kind: "number" | "text" | "word" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

/** Reads an expression of expr-lang. Throws `ExpressionError`. */
export function parseExpression(text: string): Node {
  return new Parser(text).whole();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  /** How many predicates stand around what is read now. */
  #predicates = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Node {
    const node = this.#sequence();
    if (this.#peek().kind !== "end") throw this.#unexpected(this.#peek(), "the end");
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    return this.#tokens[this.#next++] as Token;
  }

  #isNext(text: string): boolean {
    const { kind, text: found } = this.#peek();
    return kind !== "text" && found === text;
  }

  #skip(text: string): boolean {
    if (!this.#isNext(text)) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#skip(text)) throw this.#unexpected(this.#peek(), JSON.stringify(text));
  }

  #unexpected({ text: found, at }: Token, expected: string): ExpressionError {
    return new ExpressionError(
      `expected ${expected} at character ${at + 1} of ${JSON.stringify(this.#text)}, found ${found === "" ? "the end" : JSON.stringify(found)}`,
    );
  }

  #sequence(): Node {
    const steps = [this.#expression(0)];
    while (this.#skip(";")) {
      if (this.#peek().kind === "end") break;
      steps.push(this.#expression(0));
    }
    return steps.length === 1 ? (steps[0] as Node) : { kind: "sequence", steps };
  }

  #expression(least: number): Node {
    if (++this.#depth > MAX_DEPTH) throw new ExpressionError(`the expression is nested deeper than ${MAX_DEPTH}`);
    const node = least === 0 && this.#skip("let") ? this.#let() : least === 0 && this.#skip("if") ? this.#if() : this.#operators(least);
    this.#depth--;
    return node;
  }

  #operators(least: number): Node {
    let left = this.#unary();
    for (let before = ""; ; ) {
      const isNegated = this.#isNext("not") && negatable.has((this.#tokens[this.#next + 1] as Token).text);
      const found = this.#tokens[this.#next + (isNegated ? 1 : 0)] as Token;
      const operator = found.text;
      const binding = found.kind !== "text" && Object.hasOwn(bindings, operator) ? (bindings[operator] as number) : 0;
      if (binding === 0 || binding < least) break;
      if (before === "??" && operator !== "??")
        throw new ExpressionError(`${operator} and ?? can't be mixed in ${JSON.stringify(this.#text)}: put parentheses around either`);
      this.#next += isNegated ? 2 : 1;
      left = this.#operation(operator, binding, left);
      if (isNegated) left = { kind: "not", inner: left };
      before = operator;
    }
    while (least === 0 && this.#skip("?")) {
      const yes = this.#isNext(":") ? left : this.#expression(0);
      this.#expect(":");
      left = { kind: "choice", condition: left, yes, no: this.#expression(0) };
    }
    return left;
  }

  #operation(operator: string, binding: number, left: Node): Node {
    if (operator === "|") {
      const name = this.#take();
      if (name.kind !== "word") throw this.#unexpected(name, "a function");
      return this.#members(this.#call(name.text, [left]));
    }
    if (comparisons.has(operator)) return this.#comparisons(operator, binding, left);
    const isRightFirst = operator === "**" || operator === "^";
    return { kind: "binary", operator, left, right: this.#expression(isRightFirst ? binding : binding + 1) };
  }

  /** `1 < a < 5` is `1 < a && a < 5`. */
  #comparisons(first: string, binding: number, from: Node): Node {
    let all: Node | undefined;
    let left = from;
    for (let operator = first; ; operator = this.#take().text) {
      const right = this.#expression(binding + 1);
      const one: Node = { kind: "binary", operator, left, right };
      all = all === undefined ? one : { kind: "binary", operator: "&&", left: all, right: one };
      left = right;
      if (this.#peek().kind !== "sign" || !comparisons.has(this.#peek().text)) return all;
    }
  }

  #let(): Node {
    const name = this.#take();
    if (name.kind !== "word") throw this.#unexpected(name, "a name");
    this.#expect("=");
    const value = this.#expression(0);
    this.#expect(";");
    return { kind: "let", name: name.text, value, inner: this.#sequence() };
  }

  #if(): Node {
    const condition = this.#expression(0);
    const yes = this.#braced();
    this.#expect("else");
    return { kind: "choice", condition, yes, no: this.#skip("if") ? this.#if() : this.#braced() };
  }

  #braced(): Node {
    this.#expect("{");
    const node = this.#sequence();
    this.#expect("}");
    return node;
  }

  #unary(): Node {
    const { text: sign, kind } = this.#peek();
    if (kind !== "text" && Object.hasOwn(unaryBindings, sign)) {
      this.#next++;
      const inner = this.#expression(unaryBindings[sign] as number);
      return this.#members({ kind: sign === "-" ? "minus" : sign === "+" ? "plus" : "not", inner });
    }
    return this.#members(this.#primary());
  }

  #members(first: Node): Node {
    let node = first;
    let isChain = false;
    for (;;) {
      const isOptional = this.#isNext("?.");
      if (isOptional || this.#isNext(".")) {
        this.#next++;
        isChain ||= isOptional;
        if (!(isOptional && this.#isNext("["))) {
          const key = this.#take();
          if (key.kind !== "word") throw this.#unexpected(key, "a name");
          node = { kind: "member", object: node, key: { kind: "value", value: key.text }, isOptional };
          continue;
        }
      }
      if (!this.#skip("[")) return isChain ? { kind: "chain", inner: node } : node;
      const from = this.#isNext(":") ? undefined : this.#expression(0);
      if (this.#skip(":")) node = { kind: "slice", object: node, from, to: this.#isNext("]") ? undefined : this.#expression(0) };
      else if (from !== undefined) node = { kind: "member", object: node, key: from, isOptional };
      this.#expect("]");
    }
  }

  #primary(): Node {
    const found = this.#take();
    switch (found.kind) {
      case "number":
        return { kind: "value", value: numberOf(found.text) };
      case "text":
        return { kind: "value", value: unquoted(found.text) };
      case "word":
        if (found.text === "true" || found.text === "false") return { kind: "value", value: found.text === "true" };
        if (found.text === "nil") return { kind: "value", value: null };
        return this.#isNext("(") ? this.#call(found.text, []) : { kind: "name", name: found.text };
      case "sign":
        switch (found.text) {
          case "(": {
            const inner = this.#sequence();
            this.#expect(")");
            return inner;
          }
          case "[":
            return { kind: "list", items: this.#items("]") };
          case "{":
            return this.#map();
          case "::": {
            const name = this.#take();
            if (name.kind === "word") return this.#call(name.text, []);
            break;
          }
          case "#":
          case ".":
            if (this.#predicates > 0) return this.#pointer(found);
        }
    }
    throw this.#unexpected(found, "a value");
  }

  /** Within predicates `.name` is short for `#.name`. */
  #pointer(found: Token): Node {
    if (found.text === ".") this.#next--;
    const next = this.#peek();
    const isNamed = found.text === "#" && next.kind === "word" && next.at === found.at + 1;
    if (isNamed) this.#next++;
    return { kind: "pointer", name: isNamed ? next.text : "" };
  }

  /** `given`: what stands before a pipe. */
  #call(name: string, given: readonly Node[]): Node {
    this.#expect("(");
    const predicated = Object.hasOwn(predicateFunctions, name) ? predicateFunctions[name] : undefined;
    if (predicated === undefined) return { kind: "call", name, args: [...given, ...this.#items(")")] };
    const args = [...given];
    if (args.length === 0) args.push(this.#expression(0));
    while (!this.#isNext(")") && args.length < 2 + predicated.more) {
      if (args.length > given.length) this.#expect(",");
      if (this.#isNext(")")) break;
      args.push(args.length === 1 ? this.#predicate() : this.#expression(0));
    }
    this.#skip(",");
    this.#expect(")");
    if (predicated.needsPredicate && args.length < 2) throw new ExpressionError(`${name} needs a condition: ${name}(list, {# == "x"})`);
    return { kind: "call", name, args };
  }

  #predicate(): Node {
    this.#predicates++;
    const node = this.#isNext("{") ? this.#braced() : this.#expression(0);
    this.#predicates--;
    return node;
  }

  #items(end: string): Node[] {
    const found: Node[] = [];
    while (!this.#isNext(end)) {
      found.push(this.#expression(0));
      if (!this.#skip(",") && !this.#isNext(end)) throw this.#unexpected(this.#peek(), `a comma or ${JSON.stringify(end)}`);
    }
    this.#next++;
    return found;
  }

  #map(): Node {
    const pairs: [Node, Node][] = [];
    while (!this.#isNext("}")) {
      const { kind, text } = this.#peek();
      let key: Node;
      if (kind === "sign" && text === "(") key = this.#expression(0);
      else if (kind === "word" || kind === "number" || kind === "text")
        key = { kind: "value", value: kind === "text" ? unquoted(this.#take().text) : this.#take().text };
      else throw this.#unexpected(this.#peek(), "a key");
      this.#expect(":");
      pairs.push([key, this.#expression(0)]);
      if (!this.#skip(",") && !this.#isNext("}")) throw this.#unexpected(this.#peek(), 'a comma or "}"');
    }
    this.#next++;
    return { kind: "map", pairs };
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.replace(/(?:\s|\/\*[\s\S]*?\*\/)+$/, "").length;
  for (let at = 0; at < end; ) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match?.groups === undefined)
      throw new ExpressionError(
        `unexpected ${JSON.stringify(text.slice(at, at + 10).trim())} at character ${at + 1} of ${JSON.stringify(text)}`,
      );
    const [kind, found] = Object.entries(match.groups).find(([, value]) => value !== undefined) as [Token["kind"], string];
    tokens.push({ kind, text: found, at: token.lastIndex - found.length });
    at = token.lastIndex;
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

function numberOf(written: string): number | bigint {
  const text = written.replaceAll("_", "");
  if (/^0[xbo]/i.test(text) || !/[.eE]/.test(text)) return BigInt(text);
  return Number(text);
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
