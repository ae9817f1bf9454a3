import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

const loadLanguage = () => load("./jmespath-language.ts") as typeof import("./jmespath-language.ts");

type JsonValue = Parameters<ReturnType<typeof loadLanguage>["TreeInterpreter"]["search"]>[1];

// Most expressions are the name of a field, and need no language.
const fieldName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Compiles a JMESPath expression once. A search that fails gives undefined. */
export function compileJmespath(expression: string): (document: unknown) => unknown {
  if (fieldName.test(expression)) return (document) => fieldOf(document, expression);
  const { compile, TreeInterpreter } = loadLanguage();
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
  if (fieldName.test(expression)) return undefined;
  try {
    loadLanguage().compile(expression);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function fieldOf(document: unknown, name: string): unknown {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return null;
  return Object.hasOwn(document, name) ? (document as Record<string, unknown>)[name] : null;
}
