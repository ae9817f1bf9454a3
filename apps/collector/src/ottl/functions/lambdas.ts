import { checkSettable } from "../contexts/access.ts";
import type { Getter } from "../getter.ts";
import type { Frame } from "../telemetry/frame.ts";
import { copyOf, isList, isMap, StatementError, typeName, type Value, type ValueMap } from "../value.ts";
import { define, type FunctionDefinition, type LambdaFunction, lambda, map, optional, value } from "./function.ts";

/** Converters that call a lambda, mostly for each entry of a map (key, value) or list (index, value). */
export const lambdaFunctions: readonly FunctionDefinition[] = [
  define("All", { source: value, predicate: lambda }, ({ source, predicate }) => {
    withArity(predicate, 2);
    return (frame) => entriesOf(source, frame).every(([key, each]) => holds(predicate, frame, key, each));
  }),
  define("Any", { source: value, predicate: lambda }, ({ source, predicate }) => {
    withArity(predicate, 2);
    return (frame) => entriesOf(source, frame).some(([key, each]) => holds(predicate, frame, key, each));
  }),
  define("Filter", { source: value, predicate: lambda }, ({ source, predicate }) => {
    withArity(predicate, 2);
    return (frame) => rebuilt(source, frame, (entries) => entries.filter(([key, each]) => holds(predicate, frame, key, each)));
  }),
  define("Find", { source: value, predicate: lambda, mapper: optional(lambda) }, ({ source, predicate, mapper }) => {
    withArity(predicate, 2, "invalid predicate: ");
    if (mapper !== undefined) withArity(mapper, 2, "invalid mapper: ");
    return (frame) => {
      const found = entriesOf(source, frame).find(([key, each]) => holds(predicate, frame, key, each));
      if (found === undefined) return null;
      return mapper === undefined ? found[1] : called(mapper, frame, found, "error while evaluating mapper lambda function");
    };
  }),
  define("MapEach", { source: value, mapper: lambda }, ({ source, mapper }) => {
    withArity(mapper, 2);
    return (frame) =>
      rebuilt(source, frame, (entries) =>
        entries.map(([key, each]) => {
          const result = called(mapper, frame, [key, each]);
          checkSettable(result);
          return [key, result] as const;
        }),
      );
  }),
  define("MapKeys", { source: map, key_mapper: lambda }, ({ source, key_mapper: mapper }) => {
    withArity(mapper, 2);
    return (frame) => {
      const result: ValueMap = new Map();
      for (const [key, each] of source.get(frame)) {
        const name = called(mapper, frame, [key, each]);
        if (typeof name !== "string")
          throw new StatementError(`lambda expression must return a value of type string, got ${typeName(name)}`);
        result.set(name, copyOf(each));
      }
      return result;
    };
  }),
  define("Reduce", { source: value, seed: value, accumulator: lambda }, ({ source, seed, accumulator }) => {
    withArity(accumulator, 3);
    return (frame) => {
      let result = seed.get(frame);
      for (const entry of entriesOf(source, frame))
        result = called(accumulator, frame, [result, ...entry], "error while evaluating accumulator function");
      return result;
    };
  }),
  define("When", { condition: lambda, true_value: value, false_value: value }, ({ condition, true_value: yes, false_value: no }) => {
    withArity(condition, 0);
    return (frame) => (isTrue(called(condition, frame, [])) ? yes : no).get(frame);
  }),
];

type Entry = readonly [string | bigint, Value];

function withArity(called: LambdaFunction, arity: number, prefix = ""): void {
  if (called.arity !== arity)
    throw new StatementError(`${prefix}lambda should be defined with exactly ${arity} formal(s), but has ${called.arity}`);
}

function entriesOf(source: Getter, frame: Frame): Entry[] {
  const found = source.get(frame);
  if (isMap(found)) return [...found];
  if (isList(found)) return found.map((each, i) => [BigInt(i), each] as const);
  throw new StatementError(`unsupported type provided: ${typeName(found)}`);
}

function rebuilt(source: Getter, frame: Frame, change: (entries: Entry[]) => readonly Entry[]): Value {
  const found = source.get(frame);
  const entries = change(entriesOf({ get: () => found }, frame));
  if (isList(found)) return entries.map(([, each]) => copyOf(each));
  return new Map(entries.map(([key, each]) => [String(key), copyOf(each)] as const));
}

function holds(predicate: LambdaFunction, frame: Frame, key: Value, each: Value): boolean {
  return isTrue(called(predicate, frame, [key, each]));
}

function isTrue(result: Value): boolean {
  if (typeof result === "boolean") return result;
  throw new StatementError(`lambda expression must return a value of type bool, got ${typeName(result)}`);
}

function called(
  lambdaFunction: LambdaFunction,
  frame: Frame,
  values: readonly Value[],
  what = "error while evaluating lambda function",
): Value {
  try {
    return lambdaFunction.call(frame, values);
  } catch (error) {
    if (error instanceof StatementError) throw new StatementError(`${what}: ${error.message}`);
    throw error;
  }
}
