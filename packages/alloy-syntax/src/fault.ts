import type { Expression } from "./ast.ts";
import { EvaluationError } from "./diagnostic.ts";
import { printExpression } from "./print-expression.ts";

/** What a function of the standard library throws when one of its arguments, or something inside of that, is wrong. */
export class ArgumentError extends EvaluationError {
  readonly argument: number;
  /** Where in the argument: `[2, "name"]` is the field `name` of its third element. */
  readonly path: readonly (number | string)[];
  constructor(code: string, argument: number, message: string, path: readonly (number | string)[] = []) {
    super(code, message);
    this.argument = argument;
    this.path = path;
  }
}

/** The error that an expression's value causes; the message completes a sentence that begins with the expression. */
export function fault(code: string, node: Expression, message: string, hint?: string): EvaluationError {
  return new EvaluationError(code, `${subject(node)} ${message}`, { start: node.start, end: node.end }, hint);
}

/** Lays an error of a function at the door of the argument that caused it, or of the function. */
export function blame(error: EvaluationError, call: Expression & { kind: "call" }): EvaluationError {
  if (error.span !== undefined) return error;
  let node = call.callee;
  let access = "";
  if (error instanceof ArgumentError) {
    node = call.args[error.argument] ?? call.callee;
    for (const step of error.path) {
      const inner = access === "" ? elementOf(node, step) : undefined;
      if (inner !== undefined) node = inner;
      else access += typeof step === "number" ? `[${step}]` : `.${step}`;
    }
  }
  return new EvaluationError(error.code, `${subject(node)}${access} ${error.message}`, { start: node.start, end: node.end }, error.hint);
}

// The expression of an element, where the array or object is written out.
function elementOf(node: Expression, step: number | string): Expression | undefined {
  if (node.kind === "array" && typeof step === "number") return node.items[step];
  if (node.kind === "object") return node.fields.findLast((field) => field.key.text === step)?.value;
  return undefined;
}

const SUBJECT_LENGTH = 100;

function subject(node: Expression): string {
  const text = printExpression(node);
  return text.length <= SUBJECT_LENGTH ? text : `${text.slice(0, SUBJECT_LENGTH - 3)}...`;
}
