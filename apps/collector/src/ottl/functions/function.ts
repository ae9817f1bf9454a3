import type { Access } from "../contexts/access.ts";
import type { Getter } from "../getter.ts";
import type { Frame } from "../telemetry/frame.ts";
import type { Moment, Span, Value, ValueList, ValueMap } from "../value.ts";

/** What a parameter takes, and as what the function gets it. */
export type Parameter<T> = ParameterShape & { readonly phantom?: T };

export type ParameterShape =
  | { readonly kind: "value"; readonly as: ValueKind }
  | { readonly kind: "values"; readonly as: ValueKind }
  | { readonly kind: "constant"; readonly as: "string" | "integer" | "double" | "boolean" | "strings" | "doubles" }
  | { readonly kind: "target"; readonly as: "any" | "map" | "list" }
  | { readonly kind: "lambda" }
  | { readonly kind: "function" };

export type ValueKind =
  | "any"
  | "string"
  | "stringLike"
  | "integer"
  | "integerLike"
  | "double"
  | "doubleLike"
  | "boolean"
  | "booleanLike"
  | "map"
  | "list"
  | "bytesLike"
  | "time"
  | "duration";

/** Calls a lambda with as many values as it has parameters. */
export interface LambdaFunction {
  readonly arity: number;
  call(frame: Frame, values: readonly Value[]): Value;
}

/** A function that was named as an argument, made for one text at a time. */
export type TextFunction = (input: Getter<string>) => (frame: Frame) => Value;

export const value: Parameter<Getter> = { kind: "value", as: "any" };
export const string: Parameter<Getter<string>> = { kind: "value", as: "string" };
export const stringLike: Parameter<Getter<string | null>> = { kind: "value", as: "stringLike" };
export const integer: Parameter<Getter<bigint>> = { kind: "value", as: "integer" };
export const integerLike: Parameter<Getter<bigint | null>> = { kind: "value", as: "integerLike" };
export const double: Parameter<Getter<number>> = { kind: "value", as: "double" };
export const doubleLike: Parameter<Getter<number | null>> = { kind: "value", as: "doubleLike" };
export const boolean: Parameter<Getter<boolean>> = { kind: "value", as: "boolean" };
export const booleanLike: Parameter<Getter<boolean | null>> = { kind: "value", as: "booleanLike" };
export const map: Parameter<Getter<ValueMap>> = { kind: "value", as: "map" };
export const list: Parameter<Getter<ValueList>> = { kind: "value", as: "list" };
export const bytesLike: Parameter<Getter<Uint8Array>> = { kind: "value", as: "bytesLike" };
export const time: Parameter<Getter<Moment>> = { kind: "value", as: "time" };
export const duration: Parameter<Getter<Span>> = { kind: "value", as: "duration" };
export const values: Parameter<readonly Getter[]> = { kind: "values", as: "any" };
export const strings: Parameter<readonly Getter<string>[]> = { kind: "values", as: "string" };
export const stringLikes: Parameter<readonly Getter<string | null>[]> = { kind: "values", as: "stringLike" };
/** Written out in the statement. */
export const constantString: Parameter<string> = { kind: "constant", as: "string" };
export const constantInteger: Parameter<bigint> = { kind: "constant", as: "integer" };
export const constantDouble: Parameter<number> = { kind: "constant", as: "double" };
export const constantBoolean: Parameter<boolean> = { kind: "constant", as: "boolean" };
export const constantStrings: Parameter<readonly string[]> = { kind: "constant", as: "strings" };
/** A path that is written. */
export const target: Parameter<Access> = { kind: "target", as: "any" };
export const mapTarget: Parameter<MapTarget> = { kind: "target", as: "map" };
export const listTarget: Parameter<ListTarget> = { kind: "target", as: "list" };
export const lambda: Parameter<LambdaFunction> = { kind: "lambda" };
export const textFunction: Parameter<TextFunction> = { kind: "function" };

export interface MapTarget extends Omit<Access, "get"> {
  get(frame: Frame): ValueMap;
}

export interface ListTarget extends Omit<Access, "get"> {
  get(frame: Frame): ValueList;
}

export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> & { readonly optional: true } {
  return { ...parameter, optional: true } as Parameter<T | undefined> & { readonly optional: true };
}

/** One editor or converter. */
export interface FunctionDefinition {
  readonly name: string;
  readonly parameters: Readonly<Record<string, ParameterShape & { readonly optional?: true }>>;
  /** Throws `StatementError` for arguments that don't go together. */
  create(args: never): (frame: Frame) => Value;
}

type ArgumentsOf<P> = { readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

/** Parameters by their names in the order in which they are passed; optional ones last. */
export function define<const P extends Readonly<Record<string, ParameterShape>>>(
  name: string,
  parameters: P,
  create: (args: ArgumentsOf<P>) => (frame: Frame) => Value,
): FunctionDefinition {
  return { name, parameters, create: create as FunctionDefinition["create"] };
}
