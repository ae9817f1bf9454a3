import { compileRegexp, GoError } from "@invar/go-compat";
import { quotedAt, unquote } from "./quoted-text.ts";
import type { StreamLabels } from "./stream-labels.ts";

/** A stream selector with line filters, `{app="x", env!~"dev.*"} |= "error" != "timeout"`, as `stage.match` takes it. */
export interface Selector {
  matchesLabels(labels: StreamLabels): boolean;
  /** Undefined where there is no line filter. */
  readonly matchesLine: ((line: string) => boolean) | undefined;
}

/** Compiles a selector, or says what is wrong with it. */
export function parseSelector(source: string): Selector | { readonly error: string } {
  const parser = new SelectorParser(source);
  try {
    const labelTests = parser.matchers();
    const lineTests = parser.filters();
    return {
      matchesLabels: (labels) => labelTests.every((test) => test(labels)),
      matchesLine: lineTests.length === 0 ? undefined : (line) => lineTests.every((test) => test(line)),
    };
  } catch (error) {
    if (error instanceof SelectorError || error instanceof GoError) return { error: error.message };
    throw error;
  }
}

class SelectorError extends Error {}

const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const SPACE = /(?:\s|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/y;
const MATCH = /=~|!~|!=|=/y;
const FILTER = /\|=|\|~|!=|!~/y;

class SelectorParser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  matchers(): ((labels: StreamLabels) => boolean)[] {
    const tests: ((labels: StreamLabels) => boolean)[] = [];
    this.#take("{", "{");
    do {
      const name = this.#need(NAME, "IDENTIFIER");
      const operator = this.#need(MATCH, "= or != or =~ or !~");
      const test = labelTest(operator, this.#string());
      tests.push((labels) => test(labels.get(name) ?? ""));
    } while (this.#find(/,/y) !== undefined);
    this.#take("}", "} or ,");
    return tests;
  }

  filters(): ((line: string) => boolean)[] {
    const tests: ((line: string) => boolean)[] = [];
    for (;;) {
      const operator = this.#find(FILTER);
      if (operator === undefined) break;
      tests.push(lineTest(operator, this.#string()));
    }
    if (this.#at < this.#source.length) throw this.#refusal("|= or |~ or != or !~ or the end");
    return tests;
  }

  #string(): string {
    this.#find(SPACE);
    const literal = quotedAt(this.#source, this.#at);
    const text = literal === undefined || literal.startsWith("'") ? undefined : unquote(literal);
    if (literal === undefined || text === undefined) throw this.#refusal("STRING");
    this.#at += literal.length;
    this.#skipSpace();
    return text;
  }

  #need(pattern: RegExp, wanted: string): string {
    const found = this.#find(pattern);
    if (found === undefined) throw this.#refusal(wanted);
    return found;
  }

  #take(mark: string, wanted: string): void {
    this.#skipSpace();
    if (this.#source[this.#at] !== mark) throw this.#refusal(wanted);
    this.#at++;
    this.#skipSpace();
  }

  #find(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    if (pattern !== SPACE) this.#skipSpace();
    return found;
  }

  #skipSpace(): void {
    this.#find(SPACE);
  }

  #refusal(wanted: string): SelectorError {
    const before = this.#source.slice(0, this.#at).split("\n");
    const rest = this.#source.slice(this.#at);
    const found = rest === "" ? "$end" : (/^(\w+|[!=|]?[~=]|.)/s.exec(rest)?.[0] ?? "");
    const position = `line ${before.length}, col ${(before.at(-1) ?? "").length + 1}`;
    return new SelectorError(`parse error at ${position}: syntax error: unexpected ${found}, expecting ${wanted}`);
  }
}

function labelTest(operator: string, operand: string): (value: string) => boolean {
  if (operator === "=") return (value) => value === operand;
  if (operator === "!=") return (value) => value !== operand;
  const regexp = compileRegexp(operand, { anchored: true });
  return operator === "=~" ? (value) => regexp.test(value) : (value) => !regexp.test(value);
}

function lineTest(operator: string, operand: string): (line: string) => boolean {
  if (operator === "|=") return (line) => line.includes(operand);
  if (operator === "!=") return (line) => !line.includes(operand);
  const regexp = compileRegexp(operand);
  return operator === "|~" ? (line) => regexp.test(line) : (line) => !regexp.test(line);
}
