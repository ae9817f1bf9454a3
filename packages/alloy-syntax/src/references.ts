import { type Body, type Expression, type Identifier, leftSpine } from "./ast.ts";
import type { Reference } from "./scope.ts";

/** The names that an expression uses, each with the fields read from it, in the order of the text. */
export function references(expression: Expression): Reference[] {
  const found: Reference[] = [];
  collect(expression, found);
  return found;
}

/** The names used by all attributes of a body, nested blocks included. */
export function referencesIn(body: Body): Reference[] {
  const found: Reference[] = [];
  collectFromBody(body, found);
  return found;
}

function collectFromBody(body: Body, found: Reference[]): void {
  for (const statement of body) {
    if (statement.kind === "attribute") collect(statement.value, found);
    else collectFromBody(statement.body, found);
  }
}

function collect(expression: Expression, found: Reference[]): void {
  if (expression.kind === "literal") return;
  const spine = leftSpine(expression);
  let path: Identifier[] | undefined;
  // From the innermost node out; an access lengthens the path as long as nothing but accesses have followed its name.
  for (const node of spine.reverse()) {
    if (node.kind === "identifier") {
      path = [{ start: node.start, end: node.end, text: node.name }];
      continue;
    }
    if (node.kind === "access") {
      path?.push(node.member);
      continue;
    }
    if (path !== undefined) found.push(referenceOf(path));
    path = undefined;
    for (const child of childrenRightOfSpine(node)) collect(child, found);
  }
  if (path !== undefined) found.push(referenceOf(path));
}

function referenceOf(path: Identifier[]): Reference {
  const first = path[0] as Identifier;
  const last = path[path.length - 1] as Identifier;
  return { path, start: first.start, end: last.end };
}

function childrenRightOfSpine(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "array":
      return node.items;
    case "object":
      return node.fields.map((field) => field.value);
    case "index":
      return [node.index];
    case "call":
      return node.args;
    case "unary":
      return [node.operand];
    case "binary":
      return [node.right];
    case "group":
      return [node.inner];
    case "literal":
    case "identifier":
    case "access":
      return [];
    default:
      return node satisfies never;
  }
}
