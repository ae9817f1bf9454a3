import { compileRegexp, GoError, type GoValue, type Regexp } from "@invar/go-compat";
import { compareKeys } from "../yaml/write-pretty.ts";

/** Everything in a document that a YAML JSONPath (`spec.containers[?(@.name=='a')].image`) leads to. */
export type Path = (root: GoValue) => GoValue[];

/** Reads a path; an empty one leads to the document itself. Throws `GoError`. */
export function parsePath(text: string): Path {
  const known = paths.get(text);
  if (known !== undefined) return known;
  const parser = new PathParser(text);
  const steps = parser.path();
  const path: Path = (root) => walk(steps, [root], root);
  if (paths.size >= MOST_PATHS) paths.clear();
  paths.set(text, path);
  return path;
}

// Suites ask for the same few paths of every document.
const paths = new Map<string, Path>();
const MOST_PATHS = 10_000;

type Step = (node: GoValue, root: GoValue) => GoValue[];
type Filter = (node: GoValue, root: GoValue) => boolean;
type Term = (node: GoValue, root: GoValue) => GoValue[];

function walk(steps: readonly Step[], start: GoValue[], root: GoValue): GoValue[] {
  return steps.reduce((nodes, step) => nodes.flatMap((node) => step(node, root)), start);
}

function childrenOf(node: GoValue): GoValue[] {
  if (Array.isArray(node)) return node;
  if (!(node instanceof Map)) return [];
  return [...node.keys()].sort(compareKeys).map((key) => node.get(key) ?? null);
}

function descendants(node: GoValue): GoValue[] {
  return [...childrenOf(node).flatMap(descendants), node];
}

function child(name: string): Step {
  if (name === "*") return childrenOf;
  const key = unescaped(name);
  return (node) => (node instanceof Map && node.has(key) ? [node.get(key) ?? null] : []);
}

function unescaped(name: string): string {
  return name.replaceAll(/\\(.?)/g, (_, letter: string) => (letter === "\\" ? "\\" : letter));
}

const NAME_END = new Set([".", "[", ")", " ", "&", "|", "=", "!", ">", "<", "~"]);

class PathParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): Step[] {
    if (this.#text === "") return [];
    const steps = this.#take("$") ? [] : this.#first();
    steps.push(...this.#steps());
    if (this.#at < this.#text.length) throw this.#problem(`invalid character '${this.#text[this.#at]}'`);
    return steps;
  }

  #first(): Step[] {
    if (this.#text.startsWith(".") || this.#text.startsWith("[")) return [];
    return this.#named(this.#name(new Set([...NAME_END, "]"])));
  }

  #steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (this.#take("..")) steps.push(...this.#descent());
      else if (this.#take(".")) steps.push(...this.#named(this.#name(NAME_END)));
      else if (this.#text[this.#at] === "[") steps.push(this.#bracket());
      else return steps;
    }
  }

  #descent(): Step[] {
    if (this.#text[this.#at] === "[") {
      const isFilter = this.#text.startsWith("[?(", this.#at);
      const step = this.#bracket();
      // Behind "..", a filter looks at each node itself and not at its elements.
      return [descendants, isFilter ? (node, root) => (Array.isArray(node) ? [] : step(node, root)) : step];
    }
    return [descendants, child(this.#name(new Set([".", "["])))];
  }

  #named(name: string): Step[] {
    if (!this.#take("~")) return [child(name)];
    const key = unescaped(name);
    return [(node) => (node instanceof Map && node.has(key) ? [key] : [])];
  }

  #name(ends: ReadonlySet<string>): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !ends.has(this.#text[this.#at] as string)) this.#at++;
    if (this.#at === start) throw this.#problem("child name missing");
    return this.#text.slice(start, this.#at);
  }

  #bracket(): Step {
    this.#at++;
    if (this.#take("?(")) {
      const filter = this.#or();
      this.#skip();
      if (!this.#take(")]")) throw this.#problem("missing end of filter");
      return (node, root) => (Array.isArray(node) ? node : [node]).filter((one) => filter(one, root));
    }
    this.#skip();
    if (this.#text[this.#at] === "'" || this.#text[this.#at] === '"') return this.#names();
    const end = this.#text.indexOf("]", this.#at);
    if (end < 0) throw this.#problem("unmatched [");
    const subscript = this.#text.slice(this.#at, end).trim();
    this.#at = end + 1;
    if (subscript === "*" && this.#take("~")) {
      return (node) => (node instanceof Map ? [...node.keys()].sort(compareKeys) : []);
    }
    return this.#subscript(subscript);
  }

  #names(): Step {
    const names: string[] = [];
    do {
      this.#skip();
      names.push(unescaped(this.#quoted()));
      this.#skip();
    } while (this.#take(","));
    if (!this.#take("]")) throw this.#problem('missing "]" or ","');
    if (this.#take("~")) return (node) => (node instanceof Map ? names.filter((name) => node.has(name)) : []);
    return (node) => (node instanceof Map ? names.filter((name) => node.has(name)).map((name) => node.get(name) ?? null) : []);
  }

  #quoted(): string {
    const quote = this.#text[this.#at];
    if (quote !== "'" && quote !== '"') throw this.#problem("missing quote");
    const start = ++this.#at;
    while (this.#text[this.#at] !== quote) {
      if (this.#at >= this.#text.length) throw this.#problem(`unmatched ${quote}`);
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    }
    return this.#text.slice(start, this.#at++);
  }

  #subscript(text: string): Step {
    if (text === "") throw this.#problem("subscript missing from []");
    if (text === "*") return childrenOf;
    const members = text.split(",").map((member) => this.#member(member.trim()));
    return (node) => {
      if (!Array.isArray(node)) return [];
      return members.flatMap((member) => member(node.length)).map((index) => node[index] ?? null);
    };
  }

  #member(text: string): (length: number) => number[] {
    const parts = text.split(":").map((part) => part.trim());
    if (parts.length > 3) throw this.#problem("malformed array index, too many colons");
    if (parts.some((part) => part !== "" && !/^[-+]?\d+$/.test(part))) throw this.#problem("non-integer array index");
    const [from, to, step] = parts.map((part) => (part === "" ? undefined : Number(part)));
    if (parts.length === 1) {
      if (from === undefined) throw this.#problem("array index missing");
      return (length) => range({ from, to: from === -1 ? undefined : from + 1, step: 1 }, length);
    }
    if (step === 0) throw this.#problem("array index step value must be non-zero");
    return (length) => range({ from, to, step: step ?? 1 }, length);
  }

  #or(): Filter {
    let left = this.#and();
    for (this.#skip(); this.#take("||"); this.#skip()) {
      const [first, second] = [left, this.#and()];
      left = (node, root) => first(node, root) || second(node, root);
    }
    return left;
  }

  #and(): Filter {
    let left = this.#basic();
    for (this.#skip(); this.#take("&&"); this.#skip()) {
      const [first, second] = [left, this.#basic()];
      left = (node, root) => first(node, root) && second(node, root);
    }
    return left;
  }

  #basic(): Filter {
    this.#skip();
    if (this.#text[this.#at] === "!" && this.#text[this.#at + 1] !== "=") {
      this.#at++;
      const inner = this.#basic();
      return (node, root) => !inner(node, root);
    }
    if (this.#take("(")) {
      const inner = this.#or();
      this.#skip();
      if (!this.#take(")")) throw this.#problem('missing ")"');
      return inner;
    }
    const left = this.#term();
    this.#skip();
    if (this.#take("=~")) return this.#pattern(left);
    const operator = OPERATORS.find((sign) => this.#take(sign));
    if (operator === undefined) return (node, root) => left(node, root).length > 0;
    this.#skip();
    const right = this.#term();
    return everyPair(left, right, (a, b) => isComparison(operator, a, b));
  }

  #pattern(left: Term): Filter {
    this.#skip();
    if (!this.#take("/")) throw this.#problem("regular expression does not start with /");
    let source = "";
    while (this.#text[this.#at] !== "/") {
      if (this.#at >= this.#text.length) throw this.#problem("unmatched regular expression delimiter /");
      if (this.#text.startsWith("\\/", this.#at)) this.#at++;
      source += this.#text[this.#at++];
    }
    this.#at++;
    const pattern: Regexp = compileRegexp(source);
    return (node, root) => {
      const values = left(node, root);
      return values.length > 0 && values.every((value) => typeof value === "string" && pattern.test(value));
    };
  }

  #term(): Term {
    const letter = this.#text[this.#at];
    if (letter === "@" || letter === "$") {
      this.#at++;
      const steps = this.#steps();
      return (node, root) => walk(steps, [letter === "@" ? node : root], root);
    }
    if (letter === "'" || letter === '"') {
      const value = this.#quoted();
      return () => [value];
    }
    const word = /^(?:[-+]?[0-9][0-9.eE]*|true|false|null)/.exec(this.#text.slice(this.#at))?.[0];
    if (word === undefined) throw this.#problem("invalid filter expression");
    this.#at += word.length;
    const value: GoValue = word === "null" ? null : word === "true" || word === "false" ? word === "true" : Number(word);
    return () => [value];
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #skip(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  #problem(message: string): GoError {
    return new GoError(`${message} at position ${this.#at}, following "${this.#text.slice(0, this.#at)}"`);
  }
}

const OPERATORS = ["==", "!=", ">=", "<=", ">", "<"] as const;
type Operator = (typeof OPERATORS)[number];

interface Range {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number;
}

function range({ from, to, step }: Range, length: number): number[] {
  const at = (index: number | undefined, otherwise: number): number =>
    index === undefined ? otherwise : index < 0 ? index + length : index;
  const start = at(from, step > 0 ? 0 : length - 1);
  const end = to === undefined ? (step > 0 ? length : -1) : at(to, 0);
  const found: number[] = [];
  for (let index = Math.max(-1, Math.min(start, length)); step > 0 ? index < Math.min(end, length) : index > end; index += step) {
    if (index >= 0 && index < length) found.push(index);
  }
  return found;
}

function everyPair(left: Term, right: Term, accepts: (a: GoValue, b: GoValue) => boolean): Filter {
  return (node, root) => {
    const pairs = left(node, root).flatMap((a) => right(node, root).map((b) => [a, b] as const));
    return pairs.length > 0 && pairs.every(([a, b]) => accepts(a, b));
  };
}

function isComparison(operator: Operator, a: GoValue, b: GoValue): boolean {
  const order = compareScalars(a, b);
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">":
      return order !== undefined && order > 0;
    case ">=":
      return order !== undefined && order >= 0;
    case "<":
      return order !== undefined && order < 0;
    case "<=":
      return order !== undefined && order <= 0;
    default:
      return operator satisfies never;
  }
}

function compareScalars(a: GoValue, b: GoValue): number | undefined {
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "boolean" || a === null) return a === b ? 0 : undefined;
  return undefined;
}

function isNumber(value: GoValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
