import type { MathOperator } from "../arithmetic.ts";
import type { Comparison } from "../compare.ts";

/** Where something stands in the statement's text. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Statement {
  readonly editor: Call;
  readonly where: Condition | undefined;
}

export type Condition =
  | { readonly kind: "or" | "and"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly inside: Condition }
  | { readonly kind: "comparison"; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "constant"; readonly value: boolean }
  | Call;

export type Expression =
  | ({ readonly kind: "nil" } & Place)
  | ({ readonly kind: "string"; readonly value: string } & Place)
  | ({ readonly kind: "bytes"; readonly value: Uint8Array } & Place)
  | ({ readonly kind: "boolean"; readonly value: boolean } & Place)
  | ({ readonly kind: "integer"; readonly value: bigint } & Place)
  | ({ readonly kind: "float"; readonly value: number } & Place)
  | ({ readonly kind: "enum"; readonly name: string } & Place)
  | ({ readonly kind: "list"; readonly items: readonly Expression[] } & Place)
  | ({ readonly kind: "map"; readonly entries: readonly (readonly [string, Expression])[] } & Place)
  | ({ readonly kind: "math"; readonly operator: MathOperator; readonly left: Expression; readonly right: Expression } & Place)
  | ({ readonly kind: "negative"; readonly inside: Expression } & Place)
  | Lambda
  | Path
  | Call;

export interface Path extends Place {
  readonly kind: "path";
  readonly segments: readonly Segment[];
}

export interface Segment extends Place {
  readonly name: string;
  readonly keys: readonly Expression[];
}

export interface Call extends Place {
  readonly kind: "call";
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly keys: readonly Expression[];
}

export interface Argument extends Place {
  readonly name: string | undefined;
  readonly value: Expression;
}

export interface Lambda extends Place {
  readonly kind: "lambda";
  /** `_` where a parameter is not used. */
  readonly parameters: readonly string[];
  readonly body: Expression | { readonly kind: "condition"; readonly condition: Condition };
}

/** Why a text is not a statement, and where. */
export class SyntaxFault extends Error {
  readonly start: number;
  readonly end: number;
  /** What to write instead. */
  readonly hint: string | undefined;
  constructor(message: string, { start, end, hint }: Place & { readonly hint?: string | undefined }) {
    super(message);
    this.start = start;
    this.end = end;
    this.hint = hint;
  }
}

/** Where the name of a function stands. */
export function nameOf({ start, name }: Call): Place {
  return { start, end: start + name.length };
}

/** A path as the user wrote it, keys without quotes, as messages show it. */
export function pathText(path: Path): string {
  return path.segments.map(({ name, keys }) => name + keysText(keys)).join(".");
}

export function keysText(keys: readonly Expression[]): string {
  return keys.map((key) => `[${keyText(key)}]`).join("");
}

function keyText(key: Expression): string {
  switch (key.kind) {
    case "string":
      return key.value;
    case "integer":
      return String(key.value);
    case "float":
      return key.value.toFixed(10);
    case "path":
      return pathText(key);
    default:
      return "";
  }
}
