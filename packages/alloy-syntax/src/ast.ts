import type { Source, Span } from "./diagnostic.ts";

/** One configuration text. */
export interface File {
  readonly source: Source;
  readonly body: Body;
}

export type Body = readonly Statement[];
export type Statement = Attribute | Block;

export interface Attribute extends Span {
  readonly kind: "attribute";
  readonly name: Identifier;
  readonly value: Expression;
}

export interface Block extends Span {
  readonly kind: "block";
  /** `prometheus.scrape` is `["prometheus", "scrape"]`. */
  readonly name: readonly Identifier[];
  readonly label: (Span & { readonly text: string }) | undefined;
  readonly body: Body;
}

export interface Identifier extends Span {
  readonly text: string;
}

export type Expression =
  | (Span & { readonly kind: "literal"; readonly value: null | boolean | bigint | number | string })
  | (Span & { readonly kind: "identifier"; readonly name: string })
  | (Span & { readonly kind: "array"; readonly items: readonly Expression[] })
  | (Span & { readonly kind: "object"; readonly fields: readonly ObjectField[] })
  | (Span & { readonly kind: "access"; readonly object: Expression; readonly member: Identifier })
  | (Span & { readonly kind: "index"; readonly object: Expression; readonly index: Expression })
  | (Span & { readonly kind: "call"; readonly callee: Expression; readonly args: readonly Expression[] })
  | (Span & { readonly kind: "unary"; readonly operator: "-" | "!"; readonly operand: Expression })
  | (Span & { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression })
  | (Span & { readonly kind: "group"; readonly inner: Expression });

export type BinaryOperator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%" | "^";

export interface ObjectField extends Span {
  readonly key: Identifier;
  readonly value: Expression;
}

/** The dotted name of a block. */
export function blockName(block: Block): string {
  return block.name.map((part) => part.text).join(".");
}
