import { asString } from "../convert.ts";
import { EvaluationError } from "../diagnostic.ts";
import { ArgumentError } from "../fault.ts";
import { type FunctionValue, isObject, type ObjectValue, typeName, type Value } from "../value.ts";

export interface FunctionShape {
  readonly name: string;
  /** How many arguments; the last kind repeats without end when `variadic`. */
  readonly arity: number;
  readonly variadic?: boolean;
  readonly experimental?: boolean;
  call(args: readonly Value[]): Value;
}

/** A function that counts its arguments and gives every error that is not about an argument to the function itself. */
export function defineFunction(shape: FunctionShape): FunctionValue {
  const { name, arity, variadic = false, experimental = false } = shape;
  return {
    kind: "function",
    name,
    ...(experimental ? { experimental } : {}),
    call(args) {
      if (variadic ? args.length < arity : args.length !== arity) {
        const expected = variadic ? `at least ${arity}` : `${arity}`;
        throw new EvaluationError("call.arguments", `expected ${expected} args, got ${args.length}`);
      }
      return shape.call(args);
    },
  };
}

/** The same function under its old, global name. */
export function deprecated(name: string, current: FunctionValue): FunctionValue {
  return { ...current, name, deprecated: true };
}

/** The error of a function whose arguments have the right types but cannot be worked with. */
export function failure(message: string): EvaluationError {
  return new EvaluationError("call.failed", message);
}

export function textArgument(args: readonly Value[], at: number): string {
  return inArgument(at, [], () => asString(args[at] ?? null));
}

/** An argument that has to be an array as it stands: null is none. */
export function arrayArgument(args: readonly Value[], at: number): readonly Value[] {
  const value = args[at] ?? null;
  if (Array.isArray(value)) return value;
  throw wrongType("array", value, at);
}

/** An argument that has to be an array of objects. */
export function objectsArgument(args: readonly Value[], at: number): readonly ObjectValue[] {
  return arrayArgument(args, at).map((item, index) => {
    if (item !== null && isObject(item)) return item;
    throw wrongType("object", item, at, [index]);
  });
}

export function boolArgument(args: readonly Value[], at: number): boolean {
  const value = args[at] ?? null;
  if (typeof value === "boolean") return value;
  throw wrongType("bool", value, at);
}

export function wrongType(expected: string, value: Value, argument: number, path: readonly (number | string)[] = []): ArgumentError {
  return new ArgumentError("value.type", argument, `should be ${expected}, got ${typeName(value)}`, path);
}

/** Lays what a conversion throws at the door of an argument. */
export function inArgument<T>(argument: number, path: readonly (number | string)[], convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new ArgumentError(error.code, argument, error.message, path);
  }
}
