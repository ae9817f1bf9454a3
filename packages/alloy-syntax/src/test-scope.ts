import { EvaluationError } from "./diagnostic.ts";
import { evaluate } from "./evaluate.ts";
import { parseExpression } from "./parser.ts";
import { printValue } from "./print-value.ts";
import type { Scope } from "./scope.ts";
import { standardLibrary } from "./stdlib/library.ts";
import { Capsule, objectOf, Secret, type Value } from "./value.ts";

const object = (fields: Record<string, Value>) => objectOf(Object.entries(fields));

const library = standardLibrary({
  env: (name) => (name === "GREETING" ? "Hello!" : undefined),
  hostname: "here",
  os: "linux",
  arch: "amd64",
  version: "v0.0.0",
});

const names = object({
  secret: new Secret("hush"),
  optional: new Secret("open", false),
  hidden: new Secret("hush"),
  capsule: new Capsule("main.cap", {}),
  targets: [object({ a: "1" }), object({ b: "2" })],
  obj: object({ text: "abc", num: 5n, float: 1.5, list: [1n, "x", null], deep: object({ er: true }) }),
});

/** The standard library, and a few names of every type in front of it. */
export const testScope: Scope = {
  lookup: (name) => names[name],
  parent: { lookup: (name) => library[name] },
};

/** The value of an expression on one line, or `! column: message`. */
export function outcome(text: string, scope: Scope = testScope): string {
  const { expression, diagnostics } = parseExpression({ name: "", text });
  const [fault] = diagnostics;
  if (fault !== undefined) return `! ${fault.span.start + 1}: ${fault.message}`;
  try {
    return printValue(evaluate(expression, scope)).replaceAll(/\n\t*/g, " ").replaceAll(/ +=/g, " =");
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return `! ${error.span === undefined ? "?" : error.span.start + 1}: ${error.message.replaceAll("\n", "\\n")}`;
  }
}
