import {
  type Body,
  type Diagnostic,
  type Expression,
  evaluate,
  type Identifier,
  type ObjectValue,
  references,
  type Scope,
  type Value,
} from "@invar/alloy-syntax";
import type { TypeShape } from "../component/arguments.ts";
import { type DecodedBody, decodeBody, type Evaluated } from "../component/decode.ts";
import type { PlannedNode } from "./plan.ts";
import type { ServiceBlock, Surroundings } from "./surroundings.ts";

/** What a node shows to those that refer to it. */
export interface NodeExports {
  /** Undefined as long as no value is known. */
  readonly exports: ObjectValue | undefined;
  /** Types of the exports, where they are fixed by a definition. */
  readonly exportTypes: Readonly<Record<string, { readonly type: TypeShape }>> | undefined;
}

/** Finds what a path of names leads to, in this module or those around it. */
export type Lookup = (path: readonly Identifier[]) => { readonly node: NodeExports; readonly length: number } | undefined;

/** Decodes a node's block as the node's kind wants it, with what is known now. */
export function decodeNode(
  planned: PlannedNode,
  schema: ServiceBlock["schema"],
  surroundings: Surroundings,
  lookup: Lookup,
  diagnostics: Diagnostic[],
): DecodedBody {
  const { block, source } = planned;
  const at = { start: block.start, end: block.name.at(-1)?.end ?? block.start };
  return decodePart(block.body, at, source, schema, surroundings, lookup, diagnostics);
}

export function decodePart(
  body: Body,
  at: { readonly start: number; readonly end: number },
  source: PlannedNode["source"],
  schema: ServiceBlock["schema"],
  surroundings: Surroundings,
  lookup: Lookup,
  diagnostics: Diagnostic[],
): DecodedBody {
  return decodeBody(schema, body, at, {
    source,
    stability: surroundings.vocabulary.stability,
    diagnostics,
    evaluate: (expression) => evaluateIn(expression, surroundings, lookup),
  });
}

/** The value of an expression, or that it is not known yet. Throws `EvaluationError`. */
export function evaluateIn(expression: Expression, surroundings: Surroundings, lookup: Lookup): Evaluated {
  const names: Record<string, Value> = Object.create(null);
  let unknown: Evaluated | undefined;
  for (const reference of references(expression)) {
    const found = lookup(reference.path);
    const first = reference.path[0]?.text ?? "";
    if (found === undefined) {
      // What nothing knows has been reported where the plan was made.
      if (!Object.hasOwn(surroundings.vocabulary.library, first) && !surroundings.variables.has(first)) unknown ??= { unknown: undefined };
      continue;
    }
    const rest = reference.path.slice(found.length);
    if (found.node.exports === undefined) {
      const isWhole = reference.start === expression.start && reference.end === expression.end && rest.length === 1;
      unknown = { unknown: isWhole ? found.node.exportTypes?.[rest[0]?.text ?? ""]?.type : undefined };
    } else place(names, reference.path.slice(0, found.length), found.node.exports);
  }
  if (unknown !== undefined) return unknown;
  const library: Scope = {
    lookup: (name) => (Object.hasOwn(surroundings.vocabulary.library, name) ? surroundings.vocabulary.library[name] : undefined),
  };
  const variables: Scope = { lookup: (name) => surroundings.variables.get(name), parent: library };
  return { known: evaluate(expression, { lookup: (name) => names[name], parent: variables }) };
}

/** Puts exports where the path leads: `a.b.c` becomes `{a: {b: {c: exports}}}`, shared with other paths. */
function place(names: Record<string, Value>, path: readonly Identifier[], exports: ObjectValue): void {
  let object = names;
  for (const part of path.slice(0, -1)) {
    const known = object[part.text];
    const next: Record<string, Value> = known === undefined ? Object.create(null) : (known as Record<string, Value>);
    object[part.text] = next;
    object = next;
  }
  object[path.at(-1)?.text ?? ""] = exports;
}
