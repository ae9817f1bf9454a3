import { byteLength, GoError, quote } from "@invar/go-compat";
import { type Node, nodeText } from "./nodes.ts";

export interface TemplateErrorPlace {
  /** The template that ran, which may differ from the text it is written in. */
  readonly template: string;
  /** The name of that text. */
  readonly source: string;
  readonly line: number;
  /** In bytes from the line's start, as Go counts. */
  readonly column: number;
  /** The expression. */
  readonly expression: string;
}

/** An error of a running template: Go's text as the message, and where it happened in parts. `cause` is the error of a function. */
export class TemplateError extends GoError {
  readonly place: TemplateErrorPlace;
  /** The message without the place. */
  readonly problem: string;

  constructor(place: TemplateErrorPlace, problem: string, cause?: unknown) {
    const { source, line, column, template, expression } = place;
    super(`template: ${source}:${line}:${column}: executing ${quote(template)} at <${expression}>: ${problem}`, { cause });
    this.place = place;
    this.problem = problem;
  }
}

/** Where a node stands. */
export function placeOf(node: Node, template: string): TemplateErrorPlace {
  const { text, name } = node.source;
  const before = text.slice(0, node.position);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) line++;
  return { template, source: name, line, column: byteLength(before.slice(lineStart)), expression: nodeText(node) };
}
