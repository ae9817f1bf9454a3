import { type Expression, leftSpine } from "./ast.ts";
import { keyLiteral } from "./literal.ts";

/** An expression on one line, literals as they were written. */
export function printExpression(expression: Expression): string {
  const spine = leftSpine(expression).reverse();
  let text = printInnermost(spine[0] as Expression);
  for (const node of spine.slice(1)) text += printAfter(node);
  return text;
}

function printInnermost(node: Expression): string {
  switch (node.kind) {
    case "literal":
      return node.text;
    case "identifier":
      return node.name;
    case "array":
      return `[${node.items.map(printExpression).join(", ")}]`;
    case "object":
      return `{${node.fields.map(({ key, quoted, value }) => `${quoted ? keyLiteral(key.text) : key.text} = ${printExpression(value)}`).join(", ")}}`;
    case "unary":
      return node.operator + printExpression(node.operand);
    case "group":
      return `(${printExpression(node.inner)})`;
    default:
      throw new Error(`expected the inner end of a left edge, came ${node.kind}`);
  }
}

// What follows the left edge of a node.
function printAfter(node: Expression): string {
  switch (node.kind) {
    case "access":
      return `.${node.member.text}`;
    case "index":
      return `[${printExpression(node.index)}]`;
    case "call":
      return `(${node.args.map(printExpression).join(", ")})`;
    case "binary":
      return ` ${node.operator} ${printExpression(node.right)}`;
    default:
      throw new Error(`expected a node with a left edge, came ${node.kind}`);
  }
}
