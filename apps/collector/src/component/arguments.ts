import type { Secret, Value } from "@invar/alloy-syntax";

/**
 * How a component describes what users may write: one value from which come decoding, `validate`, the reference, the catalogue and
 * the TypeScript type of what `create` receives. Keys keep the user's spelling.
 */
export type Type<T> = TypeShape & { readonly phantom?: T };

export type TypeShape =
  | { readonly kind: "string" | "bool" | "float" | "duration" | "bytes" | "secret" | "optional_secret" | "any" }
  | { readonly kind: "int"; readonly min?: number; readonly max?: number }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "list" | "map"; readonly of: TypeShape }
  | { readonly kind: "capsule"; readonly capsule: string };

/** Text. Numbers and booleans convert as Alloy converts them. */
export const string: Type<string> = { kind: "string" };
export const bool: Type<boolean> = { kind: "bool" };
/** A whole number, as a JavaScript number. */
export const int: Type<number> = { kind: "int" };
/** A whole number that is not negative. */
export const uint: Type<number> = { kind: "int", min: 0 };
export const float: Type<number> = { kind: "float" };
/** Go's duration text, decoded to milliseconds (fractions where shorter). */
export const duration: Type<number> = { kind: "duration" };
/** `"5MiB"` or a number, decoded to bytes. */
export const bytes: Type<number> = { kind: "bytes" };
export const secret: Type<Secret> = { kind: "secret" };
/** A string that may be secret. */
export const optionalSecret: Type<Secret> = { kind: "optional_secret" };
/** Whatever the expression gives. */
export const any: Type<Value> = { kind: "any" };
export function oneOf<const Values extends readonly string[]>(...values: Values): Type<Values[number]> {
  return { kind: "enum", values };
}
export function list<T>(of: Type<T>): Type<readonly T[]> {
  return { kind: "list", of };
}
/** An object; decoded without a prototype, so that every key is safe. */
export function map<T>(of: Type<T>): Type<Readonly<Record<string, T>>> {
  return { kind: "map", of };
}
/** A target or other set of labels: an object of texts. */
export const labels: Type<Readonly<Record<string, string>>> = map(string);
/** What another component exports as a capsule of this type name; decoded to the value inside. */
export function capsule<T>(name: string): Type<T> {
  return { kind: "capsule", capsule: name };
}

export interface Argument<T> extends ArgumentOptions<T> {
  readonly type: Type<T>;
  /** One sentence of our own words: what it decides. */
  readonly doc: string;
}

export interface ArgumentOptions<T> {
  /** Accepted and without effect, as in the incumbent; the warning says what to write instead. */
  readonly deprecated?: string;
  /** Checked, and otherwise without effect: says why there is nothing for it to do. Who writes it gets a warning. */
  readonly withoutEffect?: string;
  readonly stability?: Stability;
  /** The stability of what this value asks for, where not all values are as stable as the argument. */
  readonly stabilityOf?: (value: T) => Stability | undefined;
  /** What the decoded value must be beyond its type; the returned text is the finding. */
  readonly check?: (value: T) => string | undefined;
}

/** An argument that the user must write. */
export function required<T>(type: Type<T>, doc: string, options: ArgumentOptions<T> = {}): Argument<T> & { required: true } {
  return { type, doc, required: true, ...options };
}

/** An argument with a default: written as the user would, in JavaScript numbers and strings. */
export function defaulted<T>(type: Type<T>, doc: string, value: Plain, options: ArgumentOptions<T> = {}): Argument<T> & { default: Value } {
  return { type, doc, default: plainValue(value), ...options };
}

/** An argument that is undefined unless written. */
export function optional<T>(type: Type<T>, doc: string, options: ArgumentOptions<T> = {}): Argument<T> & { optional: true } {
  return { type, doc, optional: true, ...options };
}

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

function plainValue(plain: Plain): Value {
  if (typeof plain === "number") return Number.isInteger(plain) ? BigInt(plain) : plain;
  if (typeof plain !== "object" || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map(plainValue);
  const object: Record<string, Value> = Object.create(null);
  for (const [key, value] of Object.entries(plain as { readonly [key: string]: Plain })) object[key] = plainValue(value);
  return object;
}

/** An argument whose type is not known to TypeScript. */
export interface ArgumentShape {
  readonly type: TypeShape;
  readonly doc: string;
  readonly required?: true;
  readonly optional?: true;
  readonly default?: Value;
  readonly deprecated?: string;
  readonly withoutEffect?: string;
  readonly stability?: Stability;
  readonly stabilityOf?: (value: never) => Stability | undefined;
  readonly check?: (value: never) => string | undefined;
}

/** Adds a finding, at the named argument or block, or at the block that is checked. */
export type Report = (message: string, at?: string | Place) => void;

/** A place inside what the user wrote. Where values come from elsewhere, it is what stands for them. */
export interface Place {
  /** Names of blocks, each with its number where there may be several, then an argument and the items of its list: `["rule", 0, "names", 2]`. */
  readonly path: readonly (string | number)[];
  /** A stretch of the text that stands there, in UTF-16 units of its value. */
  readonly start?: number;
  readonly end?: number;
  /** What to write instead. */
  readonly hint?: string | undefined;
}

/** The inside of a component or block. */
export interface Schema {
  readonly arguments?: Readonly<Record<string, ArgumentShape>>;
  readonly blocks?: Readonly<Record<string, BlockSchema>>;
  /**
   * Blocks of several names whose order among each other counts (`stage.*`, `policy`): decoded to one list under this key,
   * each as `{ block: name, args }`.
   */
  readonly ordered?: OrderedBlocks;
}

export interface OrderedBlocks {
  readonly into: string;
  readonly blocks: Readonly<Record<string, BlockSchema>>;
}

export type BlockSchema = Schema & {
  readonly doc: string;
  /** How often, and what its absence means: `maybe` gives undefined, `assumed` decodes as an empty block. */
  readonly occurs: "once" | "maybe" | "assumed" | "many";
  /** Set where the block carries a label, decoded under `label`. */
  readonly labelled?: true;
  /** A block nested in itself (`stage.match`) is given as a function. */
  readonly inside?: () => Schema;
  readonly stability?: Stability;
  readonly deprecated?: string;
  /** What must hold between its arguments. */
  readonly check?: (args: never, report: Report) => void;
};

export type Stability = "experimental" | "public-preview" | "generally-available";

export interface BlockOptions<S> {
  readonly check?: (args: Decoded<S>, report: Report) => void;
  readonly stability?: Stability;
  readonly deprecated?: string;
}

/** A block that the user must write exactly once. */
export function block<const S extends Schema>(doc: string, schema: S, options: BlockOptions<S> = {}): S & { doc: string; occurs: "once" } {
  return { ...schema, ...options, doc, occurs: "once" };
}
/** A block that may be absent, which is undefined. */
export function maybe<const S extends Schema>(doc: string, schema: S, options: BlockOptions<S> = {}): S & { doc: string; occurs: "maybe" } {
  return { ...schema, ...options, doc, occurs: "maybe" };
}
/** A block whose absence means that all its defaults hold. */
export function assumed<const S extends Schema>(
  doc: string,
  schema: S,
  options: BlockOptions<S> = {},
): S & { doc: string; occurs: "assumed" } {
  return { ...schema, ...options, doc, occurs: "assumed" };
}
/** A block that may be written any number of times; decoded to a list. */
export function many<const S extends Schema>(doc: string, schema: S, options: BlockOptions<S> = {}): S & { doc: string; occurs: "many" } {
  return { ...schema, ...options, doc, occurs: "many" };
}

/** What a schema decodes to. */
export type Decoded<S> = Simplify<
  (S extends { readonly arguments?: infer A } ? Known<A, { readonly [K in keyof A]: DecodedArgument<A[K]> }> : unknown) &
    (S extends { readonly blocks?: infer B } ? Known<B, { readonly [K in keyof B]: DecodedBlock<B[K]> }> : unknown) &
    (S extends { readonly ordered?: { readonly into: infer I extends string; readonly blocks: infer O } }
      ? { readonly [K in I]: readonly OrderedBlock<O>[] }
      : unknown) &
    (S extends { readonly labelled: true } ? { readonly label: string } : unknown)
>;

type Simplify<T> = { readonly [K in keyof T]: T[K] };
/** A part that a definition does not have is inferred as the constraint, with any key: it decodes to nothing. */
type Known<Part, Result> = string extends keyof Part ? unknown : Result;
type OrderedBlock<O> = { [K in keyof O]: { readonly block: K; readonly args: Decoded<O[K]> } }[keyof O];
type DecodedArgument<A> = A extends { readonly type: Type<infer T>; readonly optional: true }
  ? T | undefined
  : A extends { readonly type: Type<infer T> }
    ? T
    : never;
type DecodedBlock<B> = B extends { readonly occurs: "many" }
  ? readonly Decoded<B>[]
  : B extends { readonly occurs: "maybe" }
    ? Decoded<B> | undefined
    : Decoded<B>;
