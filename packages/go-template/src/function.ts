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
  return {
    params: params.map((param) => param.type),
    isVariadic: false,
    call: (...args) => call(...(params.map((param, index) => param.read(args[index] as GoValue)) as ValuesOf<Params>)),
  };
}

/** A function whose last parameter takes any number of arguments; they come as an array. */
export function variadic<const Params extends readonly Param<unknown>[], Rest>(
  params: Params,
  rest: Param<Rest>,
  call: (...args: [...ValuesOf<Params>, rest: Rest[]]) => GoValue,
): GoFunction {
  return {
    params: [...params.map((param) => param.type), rest.type],
    isVariadic: true,
    call: (...args) => {
      const fixed = params.map((param, index) => param.read(args[index] as GoValue)) as ValuesOf<Params>;
      return call(...fixed, args.slice(params.length).map(rest.read));
    },
  };
}
