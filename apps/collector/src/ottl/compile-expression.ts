import { GoError } from "@invar/go-compat";
import { didYouMean } from "../component/did-you-mean.ts";
import { calculate, negate } from "./arithmetic.ts";
import { compare } from "./compare.ts";
import type { Access, Key } from "./contexts/access.ts";
import { type ContextName, contexts } from "./contexts/context.ts";
import { PathFault } from "./contexts/path-parts.ts";
import { accessOf } from "./contexts/paths.ts";
import type { FunctionDefinition, LambdaFunction, ParameterShape, TextFunction, ValueKind } from "./functions/function.ts";
import {
  asBoolean,
  asBooleanLike,
  asBytesLike,
  asDouble,
  asDoubleLike,
  asDuration,
  asInteger,
  asIntegerLike,
  asList,
  asMap,
  asMoment,
  asString,
  asStringLike,
  type Getter,
  indexed,
  literal,
} from "./getter.ts";
import {
  type Argument,
  type Call,
  type Condition,
  type Expression,
  type Lambda,
  nameOf,
  type Path,
  type Place,
  pathText,
  SyntaxFault,
} from "./syntax/tree.ts";
import type { Frame } from "./telemetry/frame.ts";
import { copyOf, StatementError, typeName, type Value } from "./value.ts";

/** What a condition says of an item. */
export interface Predicate {
  readonly test: (frame: Frame) => boolean;
  /** Set where it is the same for every item. */
  readonly literal?: boolean;
}

export interface Surroundings {
  readonly context: ContextName;
  /** Paths must begin with a context. */
  readonly needsContext: boolean;
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
}

/** Turns trees into closures. Throws `SyntaxFault` with the place of what is wrong. */
export class ExpressionCompiler {
  readonly #surroundings: Surroundings;
  /** Names of lambda parameters that are in scope, by slot; "_" and those out of scope are no name. */
  readonly #locals: string[] = [];
  /** Whether something is written that other items see as well. */
  writesShared = false;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  condition(condition: Condition): Predicate {
    switch (condition.kind) {
      case "constant":
        return constant(condition.value);
      case "not": {
        const inside = this.condition(condition.inside);
        return inside.literal === undefined ? { test: (frame) => !inside.test(frame) } : constant(!inside.literal);
      }
      case "or":
      case "and":
        return joined(
          condition.kind,
          condition.parts.map((part) => this.condition(part)),
        );
      case "comparison":
        return this.#comparison(condition);
      case "call":
        return this.#booleanCall(condition);
      default:
        return condition satisfies never;
    }
  }

  #booleanCall(call: Call): Predicate {
    const { get } = this.call(call);
    return {
      test: (frame) => {
        const result = get(frame);
        if (typeof result === "boolean") return result;
        throw new StatementError(`value returned from Converter in constant expression must be bool but got ${typeName(result)}`);
      },
    };
  }

  #comparison({ operator, left: leftTree, right: rightTree }: Condition & { kind: "comparison" }): Predicate {
    const left = this.expression(leftTree);
    const right = this.expression(rightTree);
    if (left.literal !== undefined && right.literal !== undefined)
      return constant(compare(left.literal.value, right.literal.value, operator));
    if (operator === "==" || operator === "!=") {
      const [path, known] = right.literal === undefined ? [right.access, left.literal?.value] : [left.access, right.literal.value];
      const isWanted = operator === "==";
      if (known === null && path?.isNil !== undefined) return { test: (frame) => path.isNil?.(frame) === isWanted };
      if (typeof known === "string" && path?.isText !== undefined) {
        const expected = Buffer.from(known);
        return { test: (frame) => path.isText?.(frame, expected) === isWanted };
      }
    }
    return { test: (frame) => compare(left.get(frame), right.get(frame), operator) };
  }

  expression(tree: Expression): Getter {
    switch (tree.kind) {
      case "nil":
        return literal<Value>(null);
      case "string":
      case "bytes":
      case "boolean":
      case "integer":
      case "float":
        return literal<Value>(tree.value);
      case "enum": {
        const number = contexts[this.#surroundings.context].enums[tree.name];
        if (number === undefined) {
          const hint = didYouMean(tree.name, Object.keys(contexts[this.#surroundings.context].enums));
          throw new SyntaxFault(`enum symbol, ${tree.name}, not found`, { ...tree, hint });
        }
        return literal<Value>(BigInt(number));
      }
      case "list":
        return listOf(tree.items.map((item) => this.expression(item)));
      case "map":
        return mapOf(tree.entries.map(([key, each]) => [key, this.expression(each)] as const));
      case "math": {
        const left = this.expression(tree.left);
        const right = this.expression(tree.right);
        return { get: (frame) => calculate(left.get(frame), tree.operator, right.get(frame)) };
      }
      case "negative": {
        const inside = this.expression(tree.inside);
        return { get: (frame) => negate(inside.get(frame)) };
      }
      case "path":
        return this.#path(tree);
      case "call":
        return this.call(tree);
      case "lambda":
        throw new SyntaxFault("a lambda expression can only be an argument of a function that takes one", tree);
      default:
        return tree satisfies never;
    }
  }

  #path(tree: Path): Getter {
    const local = this.#local(tree);
    if (local !== undefined) return local;
    const access = this.access(tree);
    return { get: access.get, access };
  }

  /** A parameter of a lambda around this. */
  #local(tree: Path): Getter | undefined {
    const [first, ...rest] = tree.segments;
    const slot = first === undefined ? -1 : this.#locals.lastIndexOf(first.name);
    if (slot < 0 || first === undefined) return undefined;
    if (rest.length > 0)
      throw new SyntaxFault(`local identifier ${JSON.stringify(pathText(tree))} cannot use "." to access nested fields`, tree);
    return this.#withKeys({ get: (frame) => frame.locals[slot] ?? null }, first.keys);
  }

  access(tree: Path): Access {
    try {
      return accessOf(tree, this.#surroundings.context, this.#surroundings.needsContext, ({ keys }) => keys.map((key) => this.#key(key)));
    } catch (error) {
      if (error instanceof PathFault) throw new SyntaxFault(error.message, { ...(error.place ?? tree), hint: error.hint });
      throw error;
    }
  }

  #key(tree: Expression): Key {
    const getter = this.expression(tree);
    const known = getter.literal?.value;
    return {
      literal: typeof known === "string" || typeof known === "bigint" ? known : undefined,
      get: known === undefined ? getter.get : undefined,
    };
  }

  #withKeys(getter: Getter, keys: readonly Expression[]): Getter {
    if (keys.length === 0) return getter;
    const compiled = keys.map((key) => this.expression(key));
    return {
      get: (frame) => {
        let result = getter.get(frame);
        for (const key of compiled) result = indexed(result, key.get(frame));
        return result;
      },
    };
  }

  /** A function's result. */
  call(tree: Call): Getter {
    return this.#withKeys({ get: this.invocation(tree) }, tree.keys);
  }

  invocation(tree: Call): (frame: Frame) => Value {
    const definition = this.#surroundings.functions.get(tree.name);
    if (definition === undefined) {
      const hint = didYouMean(tree.name, [...this.#surroundings.functions.keys()]);
      throw new SyntaxFault(`undefined function ${JSON.stringify(tree.name)}`, { ...nameOf(tree), hint });
    }
    const args = this.#arguments(tree, definition);
    try {
      return definition.create(args as never);
    } catch (error) {
      if (error instanceof StatementError || error instanceof GoError)
        throw new SyntaxFault(`couldn't create function: ${error.message}`, tree);
      throw error;
    }
  }

  #arguments(tree: Call, definition: FunctionDefinition): Record<string, unknown> {
    const fail = (message: string, place: Place & { readonly hint?: string | undefined } = tree): SyntaxFault =>
      new SyntaxFault(`error while parsing arguments for call to ${JSON.stringify(tree.name)}: ${message}`, place);
    const names = Object.keys(definition.parameters);
    const given = tree.arguments;
    const firstNamed = given.findIndex(({ name }) => name !== undefined);
    if (firstNamed >= 0 && given.slice(firstNamed).some(({ name }) => name === undefined))
      throw fail("unnamed argument used after named argument");
    const required = names.filter((name) => definition.parameters[name]?.optional !== true);
    if (given.length < required.length || given.length > names.length)
      throw fail(`incorrect number of arguments. Expected: ${names.length} Received: ${given.length}`);
    const args: Record<string, unknown> = {};
    for (const [i, argument] of given.entries()) {
      const name = argument.name ?? (names[i] as string);
      const parameter = definition.parameters[name];
      if (parameter === undefined)
        throw fail(`no such parameter: ${name}`, {
          start: argument.start,
          end: argument.start + name.length,
          hint: didYouMean(name, names),
        });
      try {
        args[name] = this.#argument(parameter, argument);
      } catch (error) {
        if (error instanceof SyntaxFault) throw fail(`invalid argument at position ${i}: ${error.message}`, error);
        if (error instanceof StatementError) throw fail(`invalid argument at position ${i}: ${error.message}`, argument);
        throw error;
      }
    }
    // By name a required one may have been left out while an optional one was given.
    const absent = required.find((name) => !(name in args));
    if (absent !== undefined) throw fail(`the argument ${absent} is missing`);
    return args;
  }

  #argument(parameter: ParameterShape, { value: tree }: Argument): unknown {
    switch (parameter.kind) {
      case "value":
        return convertTo(parameter.as, this.expression(tree));
      case "values":
        if (tree.kind !== "list") throw new SyntaxFault("must be a list", tree);
        return tree.items.map((item) => convertTo(parameter.as, this.expression(item)));
      case "constant":
        return constantArgument(parameter.as, tree);
      case "target":
        return this.#target(parameter.as, tree);
      case "lambda":
        if (tree.kind !== "lambda") throw new SyntaxFault("must be a lambda expression", tree);
        return this.#lambda(tree);
      case "function":
        return this.#functionNamed(tree);
      default:
        return parameter satisfies never;
    }
  }

  #target(as: "any" | "map" | "list", tree: Expression): unknown {
    if (tree.kind !== "path") throw new SyntaxFault("must be a path", tree);
    const local = this.#local(tree);
    if (local !== undefined) throw new SyntaxFault(`local identifier ${JSON.stringify(pathText(tree))} cannot be set`, tree);
    const access = this.access(tree);
    if (access.isShared === true) this.writesShared = true;
    if (as === "any") return access;
    const getter: Getter = { get: access.get };
    return { ...access, get: as === "map" ? asMap(getter).get : asList(getter).get };
  }

  #lambda(tree: Lambda): LambdaFunction {
    const first = this.#locals.length;
    const arity = tree.parameters.length;
    for (const [i, name] of tree.parameters.entries()) {
      if (name !== "_" && tree.parameters.indexOf(name) < i)
        throw new SyntaxFault(`duplicate local identifier ${JSON.stringify(name)}`, tree);
      this.#locals.push(name === "_" ? "" : name);
    }
    const body: Getter = tree.body.kind === "condition" ? { get: this.condition(tree.body.condition).test } : this.expression(tree.body);
    // The slots stay taken: a lambda in the body of another must not write over its values.
    for (let i = 0; i < arity; i++) this.#locals[first + i] = "";
    return {
      arity,
      call(frame, values) {
        for (let i = 0; i < arity; i++) frame.locals[first + i] = values[i] ?? null;
        return body.get(frame);
      },
    };
  }

  #functionNamed(tree: Expression): TextFunction {
    if (tree.kind !== "enum") throw new SyntaxFault("invalid function name given", tree);
    const definition = this.#surroundings.functions.get(tree.name);
    if (definition === undefined)
      throw new SyntaxFault(`undefined function ${tree.name}`, {
        ...tree,
        hint: didYouMean(tree.name, [...this.#surroundings.functions.keys()]),
      });
    const [name, ...others] = Object.keys(definition.parameters);
    const parameter = name === undefined ? undefined : definition.parameters[name];
    if (name === undefined || parameter?.kind !== "value" || others.some((other) => definition.parameters[other]?.optional !== true))
      throw new SyntaxFault(`incorrect number of arguments. Expected: ${others.length + 1} Received: 1`, tree);
    const { as } = parameter;
    return (input) => definition.create({ [name]: convertTo(as, input) } as never);
  }
}

function constant(value: boolean): Predicate {
  return { test: () => value, literal: value };
}

/** Short circuit, and constants folded: one that decides makes the others vanish. */
function joined(kind: "or" | "and", parts: readonly Predicate[]): Predicate {
  const decisive = kind === "or";
  if (parts.some((part) => part.literal === decisive)) return constant(decisive);
  const open = parts.filter((part) => part.literal === undefined).map(({ test }) => test);
  const [first, second] = open;
  if (first === undefined) return constant(!decisive);
  if (second === undefined) return { test: first };
  if (open.length === 2)
    return decisive ? { test: (frame) => first(frame) || second(frame) } : { test: (frame) => first(frame) && second(frame) };
  return {
    test: (frame) => {
      for (const test of open) if (test(frame) === decisive) return decisive;
      return !decisive;
    },
  };
}

function listOf(items: readonly Getter[]): Getter {
  const get = (frame: Frame): Value => items.map((item) => item.get(frame));
  if (!items.every((item) => item.literal !== undefined)) return { get };
  return literal<Value>(items.map((item) => item.literal?.value ?? null));
}

function mapOf(entries: readonly (readonly [string, Getter])[]): Getter {
  const get = (frame: Frame): Value => new Map(entries.map(([key, each]) => [key, copyOf(each.get(frame))]));
  if (!entries.every(([, each]) => each.literal !== undefined)) return { get };
  return literal<Value>(new Map(entries.map(([key, each]) => [key, each.literal?.value ?? null])));
}

function convertTo(as: ValueKind, getter: Getter): Getter<unknown> {
  switch (as) {
    case "any":
      return getter;
    case "string":
      return asString(getter);
    case "stringLike":
      return asStringLike(getter);
    case "integer":
      return asInteger(getter);
    case "integerLike":
      return asIntegerLike(getter);
    case "double":
      return asDouble(getter);
    case "doubleLike":
      return asDoubleLike(getter);
    case "boolean":
      return asBoolean(getter);
    case "booleanLike":
      return asBooleanLike(getter);
    case "map":
      return asMap(getter);
    case "list":
      return asList(getter);
    case "bytesLike":
      return asBytesLike(getter);
    case "time":
      return asMoment(getter);
    case "duration":
      return asDuration(getter);
    default:
      return as satisfies never;
  }
}

function constantArgument(as: "string" | "integer" | "double" | "boolean" | "strings" | "doubles", tree: Expression): unknown {
  switch (as) {
    case "string":
      if (tree.kind === "string") return tree.value;
      throw new SyntaxFault("must be a string", tree);
    case "integer":
      if (tree.kind === "integer") return tree.value;
      throw new SyntaxFault("must be an int", tree);
    case "double":
      if (tree.kind === "float") return tree.value;
      throw new SyntaxFault("must be a float", tree);
    case "boolean":
      if (tree.kind === "boolean") return tree.value;
      throw new SyntaxFault("must be a bool", tree);
    case "doubles": {
      if (tree.kind !== "list") throw new SyntaxFault("must be a list of type float64", tree);
      return tree.items.map((item, i) => {
        if (item.kind === "float") return item.value;
        throw new SyntaxFault(`error while parsing list argument at index ${i}: must be a float`, item);
      });
    }
    case "strings": {
      if (tree.kind !== "list") throw new SyntaxFault("must be a list of type string", tree);
      return tree.items.map((item, i) => {
        if (item.kind === "string") return item.value;
        throw new SyntaxFault(`error while parsing list argument at index ${i}: must be a string`, item);
      });
    }
    default:
      return as satisfies never;
  }
}
