import {
  ANY,
  ANY_MAP,
  ANY_SLICE,
  BOOL,
  FLOAT64,
  type GoFunction,
  type GoMap,
  type GoType,
  type GoValue,
  INT,
  INT64,
  rawOf,
  STRING,
} from "@invar/go-compat";

/** A parameter's type as templates see it, and how the function behind wants the value. */
export interface Param<Value> {
  readonly type: GoType;
  readonly read: (value: GoValue) => Value;
}

export const text: Param<string> = { type: STRING, read: (value) => rawOf(value) as string };
export const int: Param<bigint> = { type: INT, read: (value) => rawOf(value) as bigint };
export const int64Param: Param<bigint> = { type: INT64, read: (value) => rawOf(value) as bigint };
export const float: Param<number> = { type: FLOAT64, read: (value) => rawOf(value) as number };
export const flag: Param<boolean> = { type: BOOL, read: (value) => rawOf(value) as boolean };
export const any: Param<GoValue> = { type: ANY, read: (value) => value };
export const anyMap: Param<GoMap | null> = { type: ANY_MAP, read: (value) => rawOf(value) as GoMap | null };
export const anySlice: Param<readonly GoValue[] | null> = { type: ANY_SLICE, read: (value) => rawOf(value) as readonly GoValue[] | null };

type ValuesOf<Params extends readonly Param<unknown>[]> = {
  [Index in keyof Params]: Params[Index] extends Param<infer Value> ? Value : never;
};

/** A function for templates with this many parameters. It throws `GoError` where Go's would return an error. */
export function fn<const Params extends readonly Param<unknown>[]>(
  params: Params,
  call: (...args: ValuesOf<Params>) => GoValue,
): GoFunction {
  const body = call as (...args: unknown[]) => GoValue;
  const types = params.map((param) => param.type);
  const [first, second] = params;
  // One and two parameters are most functions: no array for them.
  if (first !== undefined && params.length === 1) return { params: types, isVariadic: false, call: (a) => body(first.read(a as GoValue)) };
  if (first !== undefined && second !== undefined && params.length === 2) {
    return { params: types, isVariadic: false, call: (a, b) => body(first.read(a as GoValue), second.read(b as GoValue)) };
  }
  return { params: types, isVariadic: false, call: (...args) => body(...params.map((param, index) => param.read(args[index] as GoValue))) };
}

/** A function whose last parameter takes any number of arguments; they come as an array. */
export function variadic<const Params extends readonly Param<unknown>[], Rest>(
  params: Params,
  rest: Param<Rest>,
  call: (...args: [...ValuesOf<Params>, rest: Rest[]]) => GoValue,
): GoFunction {
  const body = call as (...args: unknown[]) => GoValue;
  const types = [...params.map((param) => param.type), rest.type];
  const [first] = params;
  if (first === undefined) return { params: types, isVariadic: true, call: (...args) => body(args.map(rest.read)) };
  if (params.length === 1)
    return { params: types, isVariadic: true, call: (a, ...args) => body(first.read(a as GoValue), args.map(rest.read)) };
  return {
    params: types,
    isVariadic: true,
    call: (...args) => body(...params.map((param, index) => param.read(args[index] as GoValue)), args.slice(params.length).map(rest.read)),
  };
}
