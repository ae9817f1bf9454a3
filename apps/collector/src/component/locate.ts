import { type Block, type Body, blockName, type Expression, offsetInLiteral, type Source, type Span } from "@invar/alloy-syntax";
import type { Place } from "./arguments.ts";

/** Where a place lies in the source: as near to it as the user's text goes. Undefined where not even its first name is found. */
export function locate(body: Body, place: Place, source: Source): Span | undefined {
  const [name, ...rest] = place.path;
  const attribute = body.find((statement) => statement.kind === "attribute" && statement.name.text === name);
  if (attribute?.kind === "attribute") return inExpression(attribute.value, rest, place, source);
  const blocks = body.filter((statement): statement is Block => statement.kind === "block" && blockName(statement) === name);
  const [first] = rest;
  const block = blocks[typeof first === "number" ? first : 0];
  if (block === undefined) return undefined;
  const path = typeof first === "number" ? rest.slice(1) : rest;
  return locate(block.body, { ...place, path }, source) ?? { start: block.start, end: block.name.at(-1)?.end ?? block.start };
}

function inExpression(expression: Expression, path: readonly (string | number)[], place: Place, source: Source): Span {
  const [step, ...rest] = path;
  if (expression.kind === "group") return inExpression(expression.inner, path, place, source);
  if (step === undefined) return inText(expression, place, source);
  const inner =
    expression.kind === "array" && typeof step === "number"
      ? expression.items[step]
      : expression.kind === "object"
        ? expression.fields.find(({ key }) => key.text === step)?.value
        : undefined;
  return inner === undefined ? expression : inExpression(inner, rest, place, source);
}

/** The stretch of a string that is written as one literal. */
function inText(expression: Expression, { start, end }: Place, source: Source): Span {
  if (expression.kind !== "literal" || typeof expression.value !== "string" || start === undefined) return expression;
  const literal = source.text.slice(expression.start, expression.end);
  const from = expression.start + offsetInLiteral(literal, start);
  // The end is that of the last unit: an escape is underlined whole.
  const to = end === undefined || end <= start ? from + 1 : expression.start + offsetInLiteral(literal, end);
  return { start: from, end: Math.max(from + 1, to) };
}
