import type { Document, Node } from "@xmldom/xmldom";
import library from "xpath";
import { StatementError } from "../value.ts";

/** What the library has for compiled paths, which its type declarations leave out. */
type CompiledPaths = {
  parse(path: string): { evaluate(options: { node: Document }): { toArray?: () => Node[] } };
};

const paths = library as unknown as CompiledPaths;

/** The path is compiled now, and what is wrong with it is an error of the statement. */
export function selector(path: string): (document: Document) => Node[] {
  let expression: ReturnType<CompiledPaths["parse"]>;
  try {
    expression = paths.parse(path);
  } catch (error) {
    throw new StatementError(`invalid xpath: ${(error as Error).message}`);
  }
  return (document) => expression.evaluate({ node: document }).toArray?.() ?? [];
}
