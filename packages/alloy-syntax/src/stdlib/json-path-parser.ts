import { compileRegexp, GoError, type Regexp } from "@invar/go-compat";
import type { Value } from "../value.ts";
import { failure } from "./function.ts";

/** A step of a path: from one value to those below it that it selects. */
export type Step =
  | { readonly kind: "root" | "current" | "wildcard" | "descent" }
  | { readonly kind: "child"; readonly name: string }
  | { readonly kind: "nth"; readonly index: number }
  | { readonly kind: "union"; readonly members: readonly (string | number)[] }
  | { readonly kind: "slice"; readonly start: number; readonly end: number; readonly step: number }
  | { readonly kind: "filter"; readonly filter: Filter };

/** A condition between `[?` and `]`. */
export type Filter =
  | { readonly kind: "constant"; readonly value: Operand }
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "not"; readonly operand: Filter }
  | { readonly kind: "function"; readonly name: FilterFunction; readonly left: Filter; readonly right: Filter | undefined }
  | { readonly kind: "operation"; readonly operator: FilterOperator; readonly left: Filter; readonly right: Filter };

export type FilterFunction = "length" | "count" | "match" | "search";
export type FilterOperator =
  | "=="
  | "!="
  | "<"
  | ">"
  | "<="
  | ">="
  | "||"
  | "&&"
  | "+"
  | "-"
  | "*"
  | "/"
  | "in"
  | "empty"
  | "has"
  | "exists"
  | "~=";

/** `nothing` is what a path yields that selects nothing. */
export type Operand = Value | Regexp | typeof nothing;
export const nothing = Symbol("nothing");

/**
 * Reads a path in the dialect of the incumbent's library: `$` and `@` may be left out, so may the first dot; `[?(@.a == "b")]` takes
 * conditions with `==`, `<`, `&&`, `in`, `has`, `=~` and their like. Errors end with "at POSITION in PATH".
 */
export function parseJsonPath(path: string): Step[] {
  return new JsonPathParser(path).parsePath();
}

const MAX_NESTING = 100;
const MAX_END = 2_147_483_647;

class JsonPathParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parsePath(): Step[] {
    const steps = this.#steps();
    if (this.#at < this.#text.length) throw this.#fault("parse error");
    return steps;
  }

  #steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      const step = this.#step(steps.length === 0, steps.at(-1)?.kind === "descent");
      if (step === undefined) return steps;
      steps.push(step);
    }
  }

  #step(isFirst: boolean, isAfterDescent: boolean): Step | undefined {
    const next = this.#text.charAt(this.#at);
    if (next === ".") {
      this.#at++;
      return this.#afterDot();
    }
    if (next === "*") {
      this.#at++;
      return { kind: "wildcard" };
    }
    if (next === "[") {
      this.#at++;
      return this.#bracket();
    }
    if (isFirst && (next === "$" || next === "@")) {
      this.#at++;
      return { kind: next === "$" ? "root" : "current" };
    }
    return (isFirst || isAfterDescent) && NAME.test(next) ? { kind: "child", name: this.#name() } : undefined;
  }

  #afterDot(): Step {
    const next = this.#text.charAt(this.#at);
    if (next === "") throw this.#fault("not terminated");
    if (next === "*" || next === ".") {
      this.#at++;
      return { kind: next === "*" ? "wildcard" : "descent" };
    }
    if (NAME.test(next)) return { kind: "child", name: this.#name() };
    this.#at++;
    throw this.#fault(`an expression fragment can not start with a '${next}'`);
  }

  #name(): string {
    const start = this.#at;
    while (NAME.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #bracket(): Step {
    const next = this.#takeNext("not terminated");
    switch (next) {
      case "*":
        this.#expect("]", "not terminated");
        return { kind: "wildcard" };
      case "'":
      case '"': {
        const name = this.#string(next);
        const after = this.#takeNext("invalid bracket fragment");
        if (after === "]") return { kind: "child", name };
        if (after === ",") return this.#union([name]);
        throw this.#fault("invalid bracket fragment");
      }
      case ":":
        return this.#slice(0);
      case "?":
        return { kind: "filter", filter: this.#filter() };
      case "(":
        throw failure("jp.CompileScript has not been set");
      default:
        break;
    }
    this.#at--;
    if (!/[-0-9]/.test(next)) throw this.#fault("parse error");
    const index = this.#integer();
    const after = this.#takeNext("invalid bracket fragment");
    if (after === "]") return { kind: "nth", index };
    if (after === ",") return this.#union([index]);
    if (after === ":") return this.#slice(index);
    throw this.#fault("invalid bracket fragment");
  }

  #union(members: (string | number)[]): Step {
    for (;;) {
      const next = this.#takeNext("invalid union syntax");
      if (next === "'" || next === '"') members.push(this.#string(next));
      else {
        this.#at--;
        if (!/[-0-9]/.test(next)) throw this.#fault("invalid union syntax");
        members.push(this.#integer());
      }
      const after = this.#takeNext("invalid union syntax");
      if (after === "]") return { kind: "union", members };
      if (after !== ",") throw this.#fault("invalid union syntax");
    }
  }

  #slice(start: number): Step {
    let end = MAX_END;
    let step = 1;
    if (/[-0-9]/.test(this.#peek())) end = this.#integer();
    if (this.#peek() === ":") {
      this.#at++;
      if (/[-0-9]/.test(this.#peek())) step = this.#integer();
    }
    this.#expect("]", "invalid slice syntax");
    return { kind: "slice", start, end, step };
  }

  #filter(): Filter {
    const filter = this.#condition();
    this.#expect("]", "not terminated");
    return filter;
  }

  // Operators of one rank group to the left. `!` takes all that follows it.
  #condition(): Filter {
    this.#depth++;
    if (this.#depth > MAX_NESTING) throw this.#fault("conditions are nested too deep");
    const operands: Filter[] = [this.#operand()];
    const operators: FilterOperator[] = [];
    const reduce = (rank: number) => {
      for (let last = operators.at(-1); last !== undefined && RANKS[last] <= rank; last = operators.at(-1)) {
        operators.pop();
        const right = operands.pop() as Filter;
        const left = operands.pop() as Filter;
        operands.push({ kind: "operation", operator: last, left, right });
      }
    };
    while (!/^[,)\]]?$/.test(this.#peek())) {
      const operator = this.#operator();
      reduce(RANKS[operator]);
      operators.push(operator);
      operands.push(this.#operand());
    }
    reduce(Number.POSITIVE_INFINITY);
    this.#depth--;
    return operands[0] as Filter;
  }

  #operand(): Filter {
    const next = this.#peek();
    switch (next) {
      case "!":
        this.#at++;
        return { kind: "not", operand: this.#condition() };
      case "'":
      case '"':
        this.#at++;
        return { kind: "constant", value: this.#string(next) };
      case "@":
      case "$":
        return { kind: "path", steps: this.#steps() };
      case "(": {
        this.#at++;
        const inner = this.#condition();
        this.#expect(")", "not terminated");
        return inner;
      }
      case "[":
        this.#at++;
        return { kind: "constant", value: this.#list() };
      case "/":
        this.#at++;
        return { kind: "constant", value: this.#pattern() };
      default:
        return /[-0-9]/.test(next) ? { kind: "constant", value: this.#number() } : this.#word();
    }
  }

  #word(): Filter {
    const start = this.#at;
    const word = /[A-Za-z]*/y;
    word.lastIndex = start;
    const name = word.exec(this.#text)?.[0] ?? "";
    this.#at += name.length;
    switch (name) {
      case "true":
      case "false":
        return { kind: "constant", value: name === "true" };
      case "null":
        return { kind: "constant", value: null };
      case "Nothing":
        return { kind: "constant", value: nothing };
      case "length":
      case "count":
      case "match":
      case "search":
        return this.#call(name);
      default:
        this.#at = start;
        throw this.#fault(`'${name}' is not a value or function`);
    }
  }

  #call(name: FilterFunction): Filter {
    this.#expect("(", `expected a ${name} function`);
    const left = this.#condition();
    let right: Filter | undefined;
    if (this.#peek() === ",") {
      this.#at++;
      right = this.#condition();
    }
    this.#expect(")", "not terminated");
    return { kind: "function", name, left, right };
  }

  #operator(): FilterOperator {
    const found = SPELLINGS.find((spelling) => this.#text.startsWith(spelling, this.#at));
    if (found === undefined) throw this.#fault(`'${this.#text.charAt(this.#at)}' is not a valid operation`);
    this.#at += found.length;
    return found === "=~" ? "~=" : found;
  }

  #list(): Value[] {
    const items: Value[] = [];
    for (;;) {
      if (this.#peek() === "]" && items.length === 0) break;
      const item = this.#operand();
      if (item.kind !== "constant" || typeof item.value === "symbol") throw this.#fault("expected a constant");
      items.push(item.value as Value);
      const after = this.#peek();
      if (after === "]") break;
      if (after !== ",") throw this.#fault("expected a comma or an array close");
      this.#at++;
    }
    this.#at++;
    return items;
  }

  #pattern(): Regexp {
    const start = this.#at;
    for (; this.#text.charAt(this.#at) !== "/"; this.#at++) {
      if (this.#at >= this.#text.length) throw this.#fault("not terminated");
      if (this.#text.charAt(this.#at) === "\\") this.#at++;
    }
    const source = this.#text.slice(start, this.#at);
    this.#at++;
    try {
      return compileRegexp(source);
    } catch (error) {
      throw error instanceof GoError ? this.#fault(error.message) : error;
    }
  }

  #integer(): number {
    const digits = /-?\d+/y;
    digits.lastIndex = this.#at;
    const found = digits.exec(this.#text)?.[0];
    if (found === undefined) throw this.#fault("expected a number");
    this.#at += found.length;
    return Number(found);
  }

  #number(): bigint | number {
    const literal = /-?\d*(\.\d*)?([eE][+-]?\d+)?/y;
    literal.lastIndex = this.#at;
    const found = literal.exec(this.#text)?.[0] ?? "";
    if (!/\d/.test(found)) throw this.#fault("expected a number");
    this.#at += found.length;
    const whole = /^-?\d+$/.test(found) ? BigInt(found) : undefined;
    return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : Number(found);
  }

  // After the opening quote; `\x` and `\u` name characters, the rest is as in JSON, either quote may be escaped.
  #string(quote: string): string {
    let text = "";
    for (;;) {
      const next = this.#text.charAt(this.#at++);
      if (next === "") throw this.#fault("not terminated");
      if (next === quote) return text;
      text += next === "\\" ? this.#escape() : next;
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at++);
    const simple = ESCAPES[letter];
    if (simple !== undefined) return simple;
    const width = letter === "x" ? 2 : letter === "u" || letter === "U" ? 4 : 0;
    const digits = this.#text.slice(this.#at, this.#at + width);
    if (width === 0 || !/^[0-9a-fA-F]+$/.test(digits) || digits.length < width) {
      throw this.#fault(`${JSON.stringify(letter)} is not a valid escaped character`);
    }
    this.#at += width;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  // The next character that is no blank, without taking it; "" at the end.
  #peek(): string {
    while (this.#text.charAt(this.#at) === " ") this.#at++;
    return this.#text.charAt(this.#at);
  }

  #takeNext(messageAtEnd: string): string {
    const next = this.#peek();
    if (next === "") throw this.#fault(messageAtEnd);
    this.#at++;
    return next;
  }

  #expect(character: string, message: string): void {
    if (this.#peek() !== character) throw this.#fault(message);
    this.#at++;
  }

  #fault(message: string): Error {
    return failure(`${message} at ${this.#at + 1} in ${this.#text}`);
  }
}

// ASCII that ends a name, and nothing beyond ASCII does.
const NAME = /^[#%0-9:;?A-Z^_a-z{|}~\u0080-\uffff]$/;

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "'": "'", "\\": "\\" };

// The lower rank binds tighter.
const RANKS: Readonly<Record<FilterOperator, number>> = {
  "*": 1,
  "/": 1,
  "+": 2,
  "-": 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  ">": 3,
  "<=": 3,
  ">=": 3,
  in: 3,
  empty: 3,
  has: 3,
  exists: 3,
  "~=": 3,
  "||": 4,
  "&&": 4,
};

// Longer spellings before those that they begin with.
const SPELLINGS = ["==", "!=", "<=", ">=", "||", "&&", "~=", "=~", "<", ">", "+", "-", "*", "/", "in", "empty", "has", "exists"] as const;
