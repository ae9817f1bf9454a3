import { unquote } from "@invar/go-compat";
import type { MathOperator } from "../arithmetic.ts";
import type { Comparison } from "../compare.ts";
import { positionOf, type Token, type TokenKind, tokenize } from "./lexer.ts";
import {
  type Argument,
  type Call,
  type Condition,
  type Expression,
  keysText,
  type Path,
  type Segment,
  type Statement,
  SyntaxFault,
} from "./tree.ts";

/** Deeper nesting is refused: a statement is written by hand. */
const MAX_DEPTH = 64;
/** What is ambiguous is read twice; nested, that doubles and doubles. */
const MAX_STEPS = 200_000;
const MAX_INTEGER = 2n ** 63n - 1n;
const KEYWORDS: ReadonlySet<string> = new Set(["nil", "not", "or", "and", "true", "false"]);

/** Reads an editor call with its `where` clause. Throws `SyntaxFault`. */
export function parseStatement(text: string): Statement {
  return withKind("statement", () => new Parser(text).statement());
}

/** Reads a boolean expression. Throws `SyntaxFault`. */
export function parseCondition(text: string): Condition {
  return withKind("condition", () => new Parser(text).wholeCondition());
}

/** Reads a value. Throws `SyntaxFault`. */
export function parseExpression(text: string): Expression {
  return withKind("expression", () => new Parser(text).wholeExpression());
}

function withKind<T>(kind: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxFault) || error instanceof RuleFault) throw error;
    throw new SyntaxFault(`${kind} has invalid syntax: ${error.message}`, error);
  }
}

/** The words are in order, but say what is not allowed. */
class RuleFault extends SyntaxFault {}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #steps = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  statement(): Statement {
    const token = this.#here;
    const editor = this.#call();
    if (/^[A-Z]/.test(editor.name)) throw new RuleFault(`editor names must start with a lowercase letter but got '${editor.name}'`, token);
    if (editor.keys.length > 0)
      throw new RuleFault(`only paths and converters may be indexed, not editors, but got ${editor.name}${keysText(editor.keys)}`, token);
    let where: Condition | undefined;
    if (this.#isWord("where")) {
      this.#at++;
      where = this.#condition();
    }
    this.#expectEnd();
    return { editor, where };
  }

  wholeCondition(): Condition {
    const condition = this.#condition();
    this.#expectEnd();
    return condition;
  }

  wholeExpression(): Expression {
    const expression = this.#value();
    this.#expectEnd();
    return expression;
  }

  #condition(): Condition {
    return this.#nested(() => this.#joined("or", () => this.#joined("and", () => this.#negatable())));
  }

  #joined(word: "or" | "and", part: () => Condition): Condition {
    const parts = [part()];
    while (this.#isWord(word)) {
      this.#at++;
      parts.push(part());
    }
    return parts.length === 1 ? (parts[0] as Condition) : { kind: word, parts };
  }

  #negatable(): Condition {
    if (!this.#isWord("not")) return this.#booleanValue();
    this.#at++;
    return { kind: "not", inside: this.#booleanValue() };
  }

  /** A parenthesis may open a calculation or a condition: what follows tells, so that the first is tried before the second. */
  #booleanValue(): Condition {
    const begin = this.#at;
    const token = this.#here;
    let fault: SyntaxFault | undefined;
    try {
      const left = this.#value();
      if (this.#here.kind === "comparison") {
        const operator = this.#next().text as Comparison;
        return { kind: "comparison", operator, left, right: this.#value() };
      }
      if (left.kind === "boolean") return { kind: "constant", value: left.value };
      if (left.kind === "call") return left;
      fault = this.#unexpected();
    } catch (error) {
      if (!(error instanceof SyntaxFault) || error instanceof RuleFault) throw error;
      fault = error;
    }
    if (token.text !== "(") throw fault;
    this.#at = begin + 1;
    const inside = this.#condition();
    this.#expect(")");
    return inside;
  }

  #value(): Expression {
    return this.#nested(() => this.#plainValue());
  }

  #plainValue(): Expression {
    const token = this.#here;
    const { start, end } = token;
    switch (token.kind) {
      case "string":
        this.#at++;
        return { kind: "string", value: this.#unquoted(token), start, end };
      case "bytes":
        this.#at++;
        if (token.text.length % 2 === 1)
          throw new SyntaxFault(`${positionOf(this.#text, start)}: encoding/hex: odd length hex string`, token);
        return { kind: "bytes", value: Buffer.from(token.text.slice(2), "hex"), start, end };
      case "mark":
        if (token.text === "[") return this.#list();
        if (token.text === "{") return this.#map();
        if (token.text === "(" && this.#isLambda()) return this.#lambda();
        return this.#sum();
      case "name":
        if (token.text === "nil" || token.text === "true" || token.text === "false") {
          this.#at++;
          return token.text === "nil" ? { kind: "nil", start, end } : { kind: "boolean", value: token.text === "true", start, end };
        }
        if (/^[A-Z]/.test(token.text) && this.#tokens[this.#at + 1]?.text !== "(") {
          this.#at++;
          return { kind: "enum", name: token.text, start, end };
        }
        return this.#sum();
      default:
        return this.#sum();
    }
  }

  #sum(): Expression {
    return this.#chain("+-", () => this.#chain("*/", () => this.#signed()));
  }

  #chain(operators: string, part: () => Expression): Expression {
    let left = part();
    while (this.#here.kind === "mark" && operators.includes(this.#here.text)) {
      const operator = this.#next().text as MathOperator;
      const right = part();
      left = { kind: "math", operator, left, right, start: left.start, end: right.end };
    }
    return left;
  }

  #signed(): Expression {
    const { start } = this.#here;
    const sign = this.#isMark("+") || this.#isMark("-") ? this.#next().text : undefined;
    if (sign !== "-") return this.#operand();
    if (this.#here.kind === "integer") {
      const token = this.#next();
      return { kind: "integer", value: this.#integer(token, true), start, end: token.end };
    }
    const inside = this.#operand();
    if (inside.kind === "float") return { ...inside, value: -inside.value, start };
    return { kind: "negative", inside, start, end: inside.end };
  }

  #operand(): Expression {
    const token = this.#here;
    const { start, end } = token;
    switch (token.kind) {
      case "integer":
        this.#at++;
        return { kind: "integer", value: this.#integer(token, false), start, end };
      case "float":
        this.#at++;
        return { kind: "float", value: Number(token.text), start, end };
      case "mark": {
        if (token.text !== "(") throw this.#unexpected();
        this.#at++;
        const inside = this.#nested(() => this.#sum());
        this.#expect(")");
        return inside;
      }
      case "name":
        if (KEYWORDS.has(token.text)) throw this.#unexpected();
        if (this.#tokens[this.#at + 1]?.text === "(") {
          const call = this.#call();
          if (/^[a-z]/.test(call.name))
            throw new RuleFault(`converter names must start with an uppercase letter but got '${call.name}'`, token);
          return call;
        }
        return this.#path();
      default:
        throw this.#unexpected();
    }
  }

  #path(): Path {
    const { start } = this.#here;
    const segments: Segment[] = [];
    for (;;) {
      const token = this.#here;
      if (token.kind !== "name" || !/^(?:[a-z][a-z0-9_]*|_)$/.test(token.text)) throw this.#unexpected();
      this.#at++;
      segments.push({ name: token.text, start: token.start, end: token.end, keys: this.#keys() });
      if (!this.#isMark(".")) break;
      this.#at++;
    }
    return { kind: "path", segments, start, end: this.#tokens[this.#at - 1]?.end ?? start };
  }

  #keys(): Expression[] {
    const keys: Expression[] = [];
    while (this.#isMark("[")) {
      this.#at++;
      const token = this.#here;
      if (token.kind === "string") {
        this.#at++;
        keys.push({ kind: "string", value: this.#unquoted(token), start: token.start, end: token.end });
      } else keys.push(this.#nested(() => this.#sum()));
      this.#expect("]");
    }
    return keys;
  }

  #call(): Call {
    const name = this.#here;
    if (name.kind !== "name" || KEYWORDS.has(name.text)) throw this.#unexpected();
    this.#at++;
    this.#expect("(");
    const list: Argument[] = [];
    if (!this.#isMark(")"))
      do {
        if (list.length > 0) this.#at++;
        list.push(this.#argument());
      } while (this.#isMark(","));
    this.#expect(")");
    const keys = this.#keys();
    return { kind: "call", name: name.text, arguments: list, keys, start: name.start, end: this.#tokens[this.#at - 1]?.end ?? name.end };
  }

  #argument(): Argument {
    const token = this.#here;
    let name: string | undefined;
    if (token.kind === "name" && /^[a-z]/.test(token.text) && this.#tokens[this.#at + 1]?.text === "=") {
      name = token.text;
      this.#at += 2;
    }
    const value = this.#value();
    return { name, value, start: token.start, end: value.end };
  }

  #list(): Expression {
    const { start } = this.#next();
    const items: Expression[] = [];
    while (!this.#isMark("]")) {
      if (this.#isMark(",") && items.length > 0) this.#at++;
      items.push(this.#value());
    }
    const { end } = this.#next();
    return { kind: "list", items, start, end };
  }

  #map(): Expression {
    const { start } = this.#next();
    const entries: (readonly [string, Expression])[] = [];
    while (!this.#isMark("}")) {
      const key = this.#here;
      if (key.kind !== "string") throw this.#unexpected();
      this.#at++;
      this.#expect(":");
      entries.push([this.#unquoted(key), this.#value()]);
      if (this.#isMark(",")) this.#at++;
    }
    const { end } = this.#next();
    return { kind: "map", entries, start, end };
  }

  #isLambda(): boolean {
    let at = this.#at + 1;
    while (this.#tokens[at]?.kind === "name" || this.#tokens[at]?.text === ",") at++;
    return this.#tokens[at]?.text === ")" && this.#tokens[at + 1]?.kind === "arrow";
  }

  #lambda(): Expression {
    const { start } = this.#next();
    const parameters: string[] = [];
    while (!this.#isMark(")")) {
      if (parameters.length > 0) this.#expect(",");
      const token = this.#here;
      if (token.kind !== "name" || !/^(?:[a-z][a-z0-9_]*|_)$/.test(token.text)) throw this.#unexpected();
      this.#at++;
      parameters.push(token.text);
    }
    this.#at += 2;
    const begin = this.#at;
    let body: Expression | undefined;
    try {
      body = this.#value();
      if (body.kind === "lambda") throw new RuleFault("lambda body cannot result into another lambda expression", body);
      if (this.#here.kind === "comparison" || this.#isWord("and") || this.#isWord("or")) body = undefined;
    } catch (error) {
      if (!(error instanceof SyntaxFault) || error instanceof RuleFault) throw error;
    }
    if (body !== undefined) return { kind: "lambda", parameters, body, start, end: body.end };
    this.#at = begin;
    const condition = this.#condition();
    return { kind: "lambda", parameters, body: { kind: "condition", condition }, start, end: this.#tokens[this.#at - 1]?.end ?? start };
  }

  #unquoted(token: Token): string {
    const text = unquote(token.text);
    if (text === undefined)
      throw new SyntaxFault(`${positionOf(this.#text, token.start)}: invalid quoted string ${token.text}: invalid syntax`, token);
    return text;
  }

  #integer(token: Token, isNegative: boolean): bigint {
    const value = BigInt(token.text);
    if (value > MAX_INTEGER + (isNegative ? 1n : 0n))
      throw new SyntaxFault(`${positionOf(this.#text, token.start)}: strconv.ParseInt: parsing "${token.text}": value out of range`, token);
    return isNegative ? -value : value;
  }

  #nested<T>(parse: () => T): T {
    if (++this.#steps > MAX_STEPS) throw new RuleFault("the expression is too complex to be read", this.#here);
    if (++this.#depth > MAX_DEPTH) throw new RuleFault(`expressions are nested deeper than ${MAX_DEPTH}`, this.#here);
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  get #here(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #next(): Token {
    return this.#tokens[this.#at++] as Token;
  }

  #isMark(text: string): boolean {
    return this.#here.kind === "mark" && this.#here.text === text;
  }

  #isWord(text: string): boolean {
    return this.#here.kind === "name" && this.#here.text === text;
  }

  #expect(text: string): void {
    if (!this.#isMark(text)) throw this.#unexpected(text);
    this.#at++;
  }

  #expectEnd(): void {
    if (this.#here.kind !== ("end" satisfies TokenKind)) throw this.#unexpected();
  }

  #unexpected(expected?: string): SyntaxFault {
    const token = this.#here;
    const wanted = expected === undefined ? "" : ` (expected ${JSON.stringify(expected)})`;
    return new SyntaxFault(`${positionOf(this.#text, token.start)}: unexpected token ${JSON.stringify(token.text)}${wanted}`, token);
  }
}
