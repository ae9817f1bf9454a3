import type { Source, Span } from "./diagnostic.ts";

/** One configuration text. */
export interface File {
  readonly source: Source;
  readonly body: Body;
  /** In order of appearance; they belong to no node. */
  readonly comments: readonly Comment[];
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
  /** Offset of the `{`. */
  readonly open: number;
}

export interface Identifier extends Span {
  readonly text: string;
}

export type Expression =
  // `text` is the literal as it is written, quotes and escapes included.
  | (Span & { readonly kind: "literal"; readonly value: null | boolean | bigint | number | string; readonly text: string })
  | (Span & { readonly kind: "identifier"; readonly name: string })
  | (Span & { readonly kind: "array"; readonly items: readonly Expression[] })
  | (Span & { readonly kind: "object"; readonly fields: readonly ObjectField[] })
  | (Span & { readonly kind: "access"; readonly object: Expression; readonly member: Identifier })
  // `open` is the offset of the `[` or `(`, `at` that of the operator.
  | (Span & { readonly kind: "index"; readonly object: Expression; readonly index: Expression; readonly open: number })
  | (Span & { readonly kind: "call"; readonly callee: Expression; readonly args: readonly Expression[]; readonly open: number })
  | (Span & { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression })
  | (Span & {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    })
  | (Span & { readonly kind: "group"; readonly inner: Expression });

export type UnaryOperator = "-" | "!";
export type BinaryOperator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%" | "^";

export interface ObjectField extends Span {
  /** The span of a quoted key includes its quotes; its text is what stands between them, escapes unread as in the incumbent. */
  readonly key: Identifier;
  readonly quoted: boolean;
  readonly value: Expression;
}

export interface Comment extends Span {
  /** With its slashes, without carriage returns. */
  readonly text: string;
  /** Whether a token stands between this comment and the one before it. */
  readonly afterToken: boolean;
}

/** The dotted name of a block. */
export function blockName(block: Block): string {
  return block.name.map((part) => part.text).join(".");
}

/**
 * The nodes on the left edge of an expression, outermost first: `a.b[0] + 1` gives the sum, the index, the access and `a`. This edge
 * alone may be longer than the nesting limit, so whoever walks expressions loops over it instead of recursing.
 */
export function leftSpine(expression: Expression): Expression[] {
  const spine = [expression];
  for (let node = leftChild(expression); node !== undefined; node = leftChild(node)) spine.push(node);
  return spine;
}

function leftChild(node: Expression): Expression | undefined {
  switch (node.kind) {
    case "access":
    case "index":
      return node.object;
    case "call":
      return node.callee;
    case "binary":
      return node.left;
    default:
      return undefined;
  }
}
