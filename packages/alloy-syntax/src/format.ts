import { type Body, blockName, type File } from "./ast.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { parse } from "./parser.ts";
import { printExpression } from "./print-expression.ts";
import { printFile } from "./printer.ts";

/**
 * Formats a configuration as `alloy fmt` does, byte for byte; formatting the result again changes nothing. Where the incumbent's own
 * result would mean something else (comments around the parentheses of calls, calls without arguments over two lines), or would
 * change when formatted again, it is the nearest layout of which neither is true. A text with errors is returned as it is, with them.
 */
export function format(text: string, name = ""): { text: string; diagnostics: Diagnostic[] } {
  const { file, diagnostics } = parse({ name, text });
  return { text: diagnostics.length > 0 ? text : settle(file, MAX_ROUNDS), diagnostics };
}

// Two have always been enough.
const MAX_ROUNDS = 5;

function settle(file: File, rounds: number): string {
  const { text } = file.source;
  if (printFile(file, "settled") === text || printFile(file, "exact") === text) return text;
  const printed = printFile(file, "incumbent");
  const reread = readAgain(file, printed);
  if (reread !== undefined) return rounds === 0 ? printed : settle(reread, rounds - 1);
  const exact = printFile(file, "exact");
  if (rounds === 0) return exact;
  const rereadExact = readAgain(file, exact);
  if (rereadExact === undefined)
    throw new Error(`expected the same configuration in another layout, came ${JSON.stringify(exact.slice(0, 500))}`);
  return settle(rereadExact, rounds - 1);
}

// The printed text as a file, if it still says the same.
function readAgain(file: File, printed: string): File | undefined {
  const { file: reread, diagnostics } = parse({ name: file.source.name, text: printed });
  return diagnostics.length === 0 && meaning(reread) === meaning(file) ? reread : undefined;
}

// Everything but layout: statements on one line each, then the comments.
function meaning(file: File): string {
  return [bodyText(file.body), ...file.comments.map((comment) => comment.text)].join("\n");
}

function bodyText(body: Body): string {
  return body
    .map((statement) => {
      if (statement.kind === "attribute") return `${statement.name.text} = ${printExpression(statement.value)}`;
      return `${blockName(statement)} ${statement.label?.text ?? ""} {\n${bodyText(statement.body)}\n}`;
    })
    .join("\n");
}
