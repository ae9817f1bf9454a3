import { compileRegexp } from "@invar/go-compat";
import { Entry, type EntryValue } from "../entry.ts";
import type { Frame, Part } from "./frame.ts";
import { functions } from "./functions.ts";
import { ExpressionError, type Node, parseExpression, predicateFunctions } from "./parse.ts";
import { predicateCall } from "./predicates.ts";
import { arithmetic, boolOf, compare, integerOf, isEqual, kindOf, listOf, memberOf, numberOf, numericOf, slice, textOf } from "./values.ts";

/** An expression ready to be evaluated on entries. Evaluating throws `ExpressionError`. */
export type Expression = (entry: Entry) => EntryValue;

/** Compiles an expression; returns what is wrong with it as text. */
export function compileExpression(text: string): Expression | string {
  try {
    const compiler = new Compiler();
    const part = compiler.compile(parseExpression(text));
    const frame: Frame = { entry: nobody, element: null, index: 0, accumulated: null, variables: compiler.variables };
    return (entry) => {
      frame.entry = entry;
      return part(frame);
    };
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}

/** Evaluates an expression that must be true or false. */
export function isTrue(expression: Expression, entry: Entry): boolean {
  const value = expression(entry);
  if (typeof value !== "boolean") throw new ExpressionError(`expected true or false, the expression gave ${kindOf(value)}`);
  return value;
}

const nobody = new Entry(null, 0);
/** Stands for what an optional member did not find, up to the end of its chain. */
const notFound: EntryValue = new Map();
const MAX_RANGE = 1_000_000n;

/** What entries are known by within expressions. */
const names: Readonly<Record<string, Part>> = {
  body: ({ entry }) => entry.body,
  // Alone, and as `$.attributes`.
  $: ({ entry }) =>
    new Map([
      ["body", entry.body],
      ["attributes", entry.attributes],
      ["resource", entry.resource],
    ]),
  attributes: ({ entry }) => entry.attributes,
  resource: ({ entry }) => entry.resource,
  severity_text: ({ entry }) => entry.severityText,
  severity_number: ({ entry }) => BigInt(entry.severity),
};
/** Functions of expr-lang that are about times, which values of entries can't be. */
const ofTimes: ReadonlySet<string> = new Set(["now", "duration", "date", "timezone"]);

class Compiler {
  /** The values of `let`, by their slot. */
  readonly variables: EntryValue[] = [];
  readonly #slots = new Map<string, number>();

  compile(node: Node): Part {
    switch (node.kind) {
      case "value": {
        const { value } = node;
        return () => value;
      }
      case "name":
        return this.#name(node.name);
      case "list": {
        const items = node.items.map((item) => this.compile(item));
        return (frame) => items.map((item) => item(frame));
      }
      case "map": {
        const pairs = node.pairs.map(([key, value]) => [this.compile(key), this.compile(value)] as const);
        return (frame) => new Map(pairs.map(([key, value]) => [textOf(key(frame)), value(frame)]));
      }
      case "member": {
        const [object, key] = [this.compile(node.object), this.compile(node.key)];
        const { isOptional } = node;
        return (frame) => {
          const from = object(frame);
          if (from === notFound || (from === null && isOptional)) return notFound;
          return memberOf(from, key(frame));
        };
      }
      case "chain": {
        const inner = this.compile(node.inner);
        return (frame) => {
          const value = inner(frame);
          return value === notFound ? null : value;
        };
      }
      case "slice": {
        const object = this.compile(node.object);
        const [from, to] = [node.from && this.compile(node.from), node.to && this.compile(node.to)];
        return (frame) => slice(object(frame), from?.(frame), to?.(frame));
      }
      case "not": {
        const inner = this.compile(node.inner);
        return (frame) => !boolOf(inner(frame));
      }
      case "minus": {
        const inner = this.compile(node.inner);
        return (frame) => -numericOf(inner(frame));
      }
      case "plus": {
        const inner = this.compile(node.inner);
        return (frame) => numericOf(inner(frame));
      }
      case "choice": {
        const [condition, yes, no] = [this.compile(node.condition), this.compile(node.yes), this.compile(node.no)];
        return (frame) => (boolOf(condition(frame)) ? yes(frame) : no(frame));
      }
      case "sequence": {
        const steps = node.steps.map((step) => this.compile(step));
        return (frame) => steps.reduce<EntryValue>((_, step) => step(frame), null);
      }
      case "let":
        return this.#let(node.name, node.value, node.inner);
      case "pointer":
        return pointer(node.name);
      case "call":
        return this.#call(node.name, node.args);
      case "binary":
        return this.#binary(node.operator, node.left, node.right);
    }
  }

  #name(name: string): Part {
    const slot = this.#slots.get(name);
    if (slot !== undefined) return ({ variables }) => variables[slot] ?? null;
    const known = names[name];
    if (known === undefined || !Object.hasOwn(names, name))
      throw new ExpressionError(`unknown name ${name}: ${Object.keys(names).join(", ")} are known here`);
    return known;
  }

  #let(name: string, value: Node, inner: Node): Part {
    if (Object.hasOwn(names, name) || Object.hasOwn(functions, name) || this.#slots.has(name))
      throw new ExpressionError(`cannot redeclare ${name}`);
    const given = this.compile(value);
    const slot = this.variables.push(null) - 1;
    this.#slots.set(name, slot);
    const rest = this.compile(inner);
    this.#slots.delete(name);
    return (frame) => {
      frame.variables[slot] = given(frame);
      return rest(frame);
    };
  }

  #call(name: string, args: readonly Node[]): Part {
    const parts = args.map((arg) => this.compile(arg));
    if (Object.hasOwn(predicateFunctions, name)) return predicateCall(name, parts);
    const called = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (called === undefined)
      throw new ExpressionError(
        ofTimes.has(name)
          ? `the function ${name} is not available: expressions know no times here`
          : `the function ${name} is not available: ${[...Object.keys(functions), ...Object.keys(predicateFunctions)].sort().join(", ")} are`,
      );
    const { least, most } = called;
    if (parts.length < least || parts.length > most)
      throw new ExpressionError(
        `invalid number of arguments for ${name} (expected ${least === most ? least : `${least} to ${most}`}, got ${parts.length})`,
      );
    return (frame) => called.call(parts.map((part) => part(frame)));
  }

  #binary(operator: string, leftNode: Node, rightNode: Node): Part {
    const [left, right] = [this.compile(leftNode), this.compile(rightNode)];
    switch (operator) {
      case "and":
      case "&&":
        return (frame) => boolOf(left(frame)) && boolOf(right(frame));
      case "or":
      case "||":
        return (frame) => boolOf(left(frame)) || boolOf(right(frame));
      case "??":
        return (frame) => left(frame) ?? right(frame);
      case "==":
        return (frame) => isEqual(left(frame), right(frame));
      case "!=":
        return (frame) => !isEqual(left(frame), right(frame));
      case "<":
        return (frame) => compare(left(frame), right(frame)) < 0;
      case "<=":
        return (frame) => compare(left(frame), right(frame)) <= 0;
      case ">":
        return (frame) => compare(left(frame), right(frame)) > 0;
      case ">=":
        return (frame) => compare(left(frame), right(frame)) >= 0;
      case "matches":
        return matches(left, rightNode, right);
      case "contains":
        return (frame) => textOf(left(frame)).includes(textOf(right(frame)));
      case "startsWith":
        return (frame) => textOf(left(frame)).startsWith(textOf(right(frame)));
      case "endsWith":
        return (frame) => textOf(left(frame)).endsWith(textOf(right(frame)));
      case "in":
        return (frame) => isIn(left(frame), right(frame));
      case "..":
        return (frame) => range(integerOf(left(frame)), integerOf(right(frame)));
      case "+":
        return (frame) => {
          const [a, b] = [left(frame), right(frame)];
          return typeof a === "string" && typeof b === "string" ? a + b : arithmetic("+", a, b);
        };
      case "-":
      case "*":
        return (frame) => arithmetic(operator, left(frame), right(frame));
      case "/":
        return (frame) => numberOf(left(frame)) / numberOf(right(frame));
      case "%":
        return (frame) => remainder(integerOf(left(frame)), integerOf(right(frame)));
      case "**":
      case "^":
        return (frame) => numberOf(left(frame)) ** numberOf(right(frame));
      default:
        throw new ExpressionError(`the operator ${operator} is not known here`);
    }
  }
}

function pointer(name: string): Part {
  if (name === "") return ({ element }) => element;
  if (name === "index") return ({ index }) => BigInt(index);
  if (name === "acc") return ({ accumulated }) => accumulated;
  throw new ExpressionError(`unknown pointer #${name}: write #, #index or #acc`);
}

/** A pattern that is written down is compiled once. */
function matches(left: Part, pattern: Node, right: Part): Part {
  const compiled = (text: string) => {
    try {
      return compileRegexp(text);
    } catch (error) {
      throw new ExpressionError(error instanceof Error ? error.message : String(error));
    }
  };
  if (pattern.kind === "value" && typeof pattern.value === "string") {
    const regexp = compiled(pattern.value);
    return (frame) => regexp.test(textOf(left(frame)));
  }
  return (frame) => compiled(textOf(right(frame))).test(textOf(left(frame)));
}

function isIn(value: EntryValue, container: EntryValue): boolean {
  if (container === null) return false;
  if (container instanceof Map) return container.has(textOf(value));
  return listOf(container).some((each) => isEqual(each, value));
}

function range(from: bigint, to: bigint): EntryValue {
  if (to - from > MAX_RANGE) throw new ExpressionError("memory budget exceeded");
  return from > to ? [] : Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));
}

function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new ExpressionError("integer divide by zero");
  return a % b;
}
