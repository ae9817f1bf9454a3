import { Capsule, type Diagnostic, evaluate, parse, type Source, type Value } from "@invar/alloy-syntax";
import type { Decoded, Report, Schema, Stability } from "./arguments.ts";
import { decodeBody } from "./decode.ts";

/** Decodes the inside of a block from text, with these names known: for tests of components, and for defaults. Throws on any finding. */
export function decodeText<S extends Schema>(
  schema: S & { readonly check?: (args: never, report: Report) => void },
  text: string,
  names: Readonly<Record<string, Value>> = {},
): Decoded<S> {
  const { args, diagnostics } = tryDecodeText(schema, text, names);
  if (args === undefined) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join("; "));
  return args;
}

/** The same with its findings as values. */
export function tryDecodeText<S extends Schema>(
  schema: S & { readonly check?: (args: never, report: Report) => void },
  text: string,
  names: Readonly<Record<string, Value>> = {},
  stability: Stability = "experimental",
): { readonly args: Decoded<S> | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const source: Source = { name: "arguments", text };
  const { file, diagnostics } = parse(source);
  if (diagnostics.length > 0) return { args: undefined, diagnostics };
  const found: Diagnostic[] = [];
  const { args } = decodeBody(
    schema,
    file.body,
    { start: 0, end: 0 },
    {
      source,
      stability,
      diagnostics: found,
      evaluate: (expression) => ({ known: evaluate(expression, { lookup: (name) => names[name] }) }),
    },
  );
  return { args: args as Decoded<S> | undefined, diagnostics: found };
}

/** A capsule for a name in a test: `decodeText(schema, "forward_to = [sink]", { sink: capsuleOf("loki.LogsReceiver", consumer) })`. */
export function capsuleOf(type: string, value: unknown): Capsule {
  return new Capsule(type, value);
}
