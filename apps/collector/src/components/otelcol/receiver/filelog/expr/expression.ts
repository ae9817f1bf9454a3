import { compileRegexp } from "@invar/go-compat";
import type { Entry, EntryValue } from "../entry.ts";
import { ExpressionError, type Node, parseExpression } from "./parse.ts";

/** An expression ready to be evaluated on entries. Evaluating throws `ExpressionError`. */
export type Expression = (entry: Entry) => EntryValue;

/** Compiles an expression; returns what is wrong with it as text. */
export function compileExpression(text: string): Expression | string {
  try {
    return compile(parseExpression(text));
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

/** What entries are known by within expressions. */
const names: Readonly<Record<string, Expression>> = {
  body: (entry) => entry.body,
  $: (entry) =>
    new Map([
      ["body", entry.body],
      ["attributes", entry.attributes],
      ["resource", entry.resource],
    ]),
  attributes: (entry) => entry.attributes,
  resource: (entry) => entry.resource,
  severity_text: (entry) => entry.severityText,
  severity_number: (entry) => BigInt(entry.severity),
};

function compile(node: Node): Expression {
  switch (node.kind) {
    case "value": {
      const { value } = node;
      return () => value;
    }
    case "name": {
      const known = names[node.name];
      if (known === undefined || !Object.hasOwn(names, node.name))
        throw new ExpressionError(`unknown name ${node.name}: ${Object.keys(names).join(", ")} are known here`);
      return known;
    }
    case "list": {
      const items = node.items.map(compile);
      return (entry) => items.map((item) => item(entry));
    }
    case "member": {
      const [object, key] = [compile(node.object), compile(node.key)];
      const { isOptional } = node;
      return (entry) => {
        const from = object(entry);
        return from === null && isOptional ? null : memberOf(from, key(entry));
      };
    }
    case "not": {
      const inner = compile(node.inner);
      return (entry) => !boolOf(inner(entry));
    }
    case "minus": {
      const inner = compile(node.inner);
      return (entry) => -numberOf(inner(entry));
    }
    case "choice": {
      const [condition, yes, no] = [compile(node.condition), compile(node.yes), compile(node.no)];
      return (entry) => (boolOf(condition(entry)) ? yes(entry) : no(entry));
    }
    case "call":
      return call(node.name, node.args);
    case "binary":
      return binary(node.operator, node.left, node.right);
  }
}

function binary(operator: string, leftNode: Node, rightNode: Node): Expression {
  const [left, right] = [compile(leftNode), compile(rightNode)];
  switch (operator) {
    case "and":
    case "&&":
      return (entry) => boolOf(left(entry)) && boolOf(right(entry));
    case "or":
    case "||":
      return (entry) => boolOf(left(entry)) || boolOf(right(entry));
    case "??":
      return (entry) => left(entry) ?? right(entry);
    case "==":
      return (entry) => isEqual(left(entry), right(entry));
    case "!=":
      return (entry) => !isEqual(left(entry), right(entry));
    case "<":
      return (entry) => compare(left(entry), right(entry)) < 0;
    case "<=":
      return (entry) => compare(left(entry), right(entry)) <= 0;
    case ">":
      return (entry) => compare(left(entry), right(entry)) > 0;
    case ">=":
      return (entry) => compare(left(entry), right(entry)) >= 0;
    case "matches":
      return matches(left, rightNode, right);
    case "contains":
      return (entry) => textOf(left(entry)).includes(textOf(right(entry)));
    case "startsWith":
      return (entry) => textOf(left(entry)).startsWith(textOf(right(entry)));
    case "endsWith":
      return (entry) => textOf(left(entry)).endsWith(textOf(right(entry)));
    case "in":
      return (entry) => isIn(left(entry), right(entry));
    case "+":
      return (entry) => {
        const [a, b] = [left(entry), right(entry)];
        return typeof a === "string" && typeof b === "string" ? a + b : numberOf(a) + numberOf(b);
      };
    case "-":
      return (entry) => numberOf(left(entry)) - numberOf(right(entry));
    case "*":
      return (entry) => numberOf(left(entry)) * numberOf(right(entry));
    case "/":
      return (entry) => numberOf(left(entry)) / numberOf(right(entry));
    case "%":
      return (entry) => numberOf(left(entry)) % numberOf(right(entry));
    default:
      throw new ExpressionError(`the operator ${operator} is not known here`);
  }
}

/** A pattern that is written down is compiled once. */
function matches(left: Expression, pattern: Node, right: Expression): Expression {
  const compiled = (text: string) => {
    try {
      return compileRegexp(text);
    } catch (error) {
      throw new ExpressionError(error instanceof Error ? error.message : String(error));
    }
  };
  if (pattern.kind === "value" && typeof pattern.value === "string") {
    const regexp = compiled(pattern.value);
    return (entry) => regexp.test(textOf(left(entry)));
  }
  return (entry) => compiled(textOf(right(entry))).test(textOf(left(entry)));
}

const functions: Readonly<Record<string, (...values: EntryValue[]) => EntryValue>> = {
  len: (value) => BigInt(typeof value === "string" ? Buffer.byteLength(value) : value instanceof Map ? value.size : listOf(value).length),
  lower: (text) => textOf(text).toLowerCase(),
  upper: (text) => textOf(text).toUpperCase(),
  trim: (text) => textOf(text).trim(),
  string: (value) => (typeof value === "string" ? value : value === null || value === undefined ? "<nil>" : String(value)),
  int: (value) => BigInt(Math.trunc(typeof value === "string" ? Number(value) : numberOf(value))),
  float: (value) => (typeof value === "string" ? Number(value) : numberOf(value)),
  env: (name) => process.env[textOf(name)] ?? "",
  type: (value) => kindOf(value),
};

function call(name: string, args: readonly Node[]): Expression {
  const called = functions[name];
  if (called === undefined || !Object.hasOwn(functions, name))
    throw new ExpressionError(`the function ${name} is not available: ${Object.keys(functions).join(", ")} are`);
  if (args.length !== 1) throw new ExpressionError(`${name} takes one argument, ${args.length} are given`);
  const [argument] = args.map(compile) as [Expression];
  return (entry) => called(argument(entry));
}

function memberOf(object: EntryValue, key: EntryValue): EntryValue {
  if (object instanceof Map) return object.get(textOf(key)) ?? null;
  if (Array.isArray(object)) {
    const at = numberOf(key);
    const value = object[at < 0 ? object.length + at : at];
    if (value === undefined) throw new ExpressionError(`index out of range: ${at} (list length is ${object.length})`);
    return value;
  }
  throw new ExpressionError(`cannot fetch ${String(key)} from ${kindOf(object)}`);
}

function isEqual(a: EntryValue, b: EntryValue): boolean {
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isEqual(each, b[i] ?? null));
  return a === b;
}

function compare(a: EntryValue, b: EntryValue): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return numberOf(a) - numberOf(b);
}

function isIn(value: EntryValue, container: EntryValue): boolean {
  if (container instanceof Map) return container.has(textOf(value));
  return listOf(container).some((each) => isEqual(each, value));
}

function isNumber(value: EntryValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function numberOf(value: EntryValue): number {
  if (isNumber(value)) return Number(value);
  throw new ExpressionError(`expected a number, found ${kindOf(value)}`);
}

function textOf(value: EntryValue | undefined): string {
  if (typeof value === "string") return value;
  throw new ExpressionError(`expected a string, found ${kindOf(value ?? null)}`);
}

function boolOf(value: EntryValue): boolean {
  if (typeof value === "boolean") return value;
  throw new ExpressionError(`expected true or false, found ${kindOf(value)}`);
}

function listOf(value: EntryValue | undefined): readonly EntryValue[] {
  if (Array.isArray(value)) return value;
  throw new ExpressionError(`expected a list, found ${kindOf(value ?? null)}`);
}

function kindOf(value: EntryValue | undefined): string {
  if (value === null || value === undefined) return "nil";
  if (value instanceof Map) return "map";
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "int" : typeof value === "number" ? "float" : typeof value === "boolean" ? "bool" : "string";
}
