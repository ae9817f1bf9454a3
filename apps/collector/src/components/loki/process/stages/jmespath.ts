import { compile, TreeInterpreter } from "@jmespath-community/jmespath";

type JsonValue = Parameters<typeof TreeInterpreter.search>[1];

/** Compiles a JMESPath expression once. A search that fails gives undefined. */
export function compileJmespath(expression: string): (document: unknown) => unknown {
  // Most expressions are the name of a field.
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(expression)) return (document) => fieldOf(document, expression);
  const tree = compile(expression);
  return (document) => {
    try {
      return TreeInterpreter.search(tree, document as JsonValue);
    } catch {
      // A function that got a value of the wrong type: this line has no such value.
      return undefined;
    }
  };
}

export function jmespathError(expression: string): string | undefined {
  try {
    compile(expression);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function fieldOf(document: unknown, name: string): unknown {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return null;
  return Object.hasOwn(document, name) ? (document as Record<string, unknown>)[name] : null;
}
