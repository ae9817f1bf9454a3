import { didYouMean } from "../component/did-you-mean.ts";
import type { Signal } from "../signals/otlp/batch.ts";
import { type ContextName, contexts, contextsOfSignal, type PathContext } from "./contexts/context.ts";
import { parseCondition, parseStatement } from "./syntax/parser.ts";
import { type Argument, type Call, type Condition, type Expression, nameOf, type Place, SyntaxFault } from "./syntax/tree.ts";

/** Which context wins where paths name several. */
const PRIORITY: readonly string[] = [
  "log",
  "exemplar",
  "datapoint",
  "metric",
  "spanevent",
  "span",
  "profile",
  "scope",
  "instrumentation_scope",
  "resource",
];

export interface InferenceInput {
  readonly signal: Signal;
  readonly statements: readonly string[];
  readonly conditions: readonly string[];
  /** The functions of a context by name. */
  functionsOf(context: ContextName): ReadonlyMap<string, unknown>;
}

export interface InferenceFault {
  readonly fault: string;
  /** The text that is to blame, counted through statements and then conditions, and where in it; undefined: all of them. */
  readonly index?: number;
  readonly place?: Place;
  readonly hint?: string | undefined;
}

/** The context that statements and conditions are about, told by their paths, functions and enums; or why there is none. */
export function inferContext(input: InferenceInput): { readonly context: ContextName } | InferenceFault {
  const { signal, statements, conditions } = input;
  const supported = contextsOfSignal[signal];
  const hints = new Hints();
  try {
    for (const text of statements) {
      const { editor, where } = parseStatement(text);
      hints.call(editor);
      if (where !== undefined) hints.condition(where);
      hints.index++;
    }
    for (const text of conditions) {
      hints.condition(parseCondition(text));
      hints.index++;
    }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const fault = `unable to infer a valid context (${list(supported)}) from ${subject(input)}: ${error.message}`;
    return { fault, index: hints.index, place: error, hint: error.hint };
  }
  const named = [...hints.contexts.keys()].sort((a, b) => rank(a) - rank(b))[0];
  if (named === undefined || named === "")
    return {
      ...hints.contexts.get(""),
      fault: `unable to infer context from ${subject(input)}, path's first segment must be a valid context name ${list(supported)}, and at least one context must be capable of parsing all statements`,
    };
  const refusal = refusalOf(named, input, hints);
  if (refusal !== undefined) {
    const lower = lowerContexts(named, supported).find((context) => refusalOf(context, input, hints) === undefined);
    if (lower !== undefined) return { context: lower };
    return { ...refusal, fault: `unable to infer a valid context (${list(supported)}) from ${subject(input)}: ${refusal.fault}` };
  }
  if (isSupported(named, supported)) return { context: named };
  const fault = `context ${JSON.stringify(named)} inferred from the ${subject(input)} is not a supported context: ${list(supported)}`;
  return { fault, ...hints.contexts.get(named), hint: didYouMean(named, supported) };
}

function subject({ statements, conditions }: InferenceInput): string {
  if (statements.length === 0) return `conditions ${list(conditions)}`;
  return `statements ${list(statements)} and conditions ${list(conditions)}`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}

function rank(context: string): number {
  const at = PRIORITY.indexOf(context);
  return at < 0 ? PRIORITY.length : at;
}

function isSupported(context: string, supported: readonly ContextName[]): context is ContextName {
  return (supported as readonly string[]).includes(context);
}

/** Why a context can't be the one; functions and enums alone decide. */
function refusalOf(context: string, { signal, functionsOf }: InferenceInput, hints: Hints): InferenceFault | undefined {
  if (hints.functions.size === 0 && hints.enums.size === 0) return undefined;
  const supported = contextsOfSignal[signal];
  if (!isSupported(context, supported))
    return {
      fault: `inferred context ${JSON.stringify(context)} is not a valid candidate`,
      ...hints.contexts.get(context),
      hint: didYouMean(context, supported),
    };
  const functions = functionsOf(context);
  for (const [name, where] of hints.functions)
    if (!functions.has(name)) {
      const fault = `inferred context ${JSON.stringify(context)} does not support the function ${JSON.stringify(name)}`;
      return { fault, ...where, hint: didYouMean(name, [...functions.keys()]) };
    }
  // The name of a function that is an argument looks like an enum.
  for (const [name, where] of hints.enums)
    if (contexts[context].enums[name] === undefined && !functions.has(name)) {
      const fault = `inferred context ${JSON.stringify(context)} does not support the enum symbol ${JSON.stringify(name)}`;
      return { fault, ...where, hint: didYouMean(name, Object.keys(contexts[context].enums)) };
    }
  return undefined;
}

/** Contexts from which this one can be seen. */
function lowerContexts(context: string, supported: readonly ContextName[]): ContextName[] {
  return supported
    .filter((lower) => lower !== context && contexts[lower].pathContexts.includes(context as PathContext))
    .sort((a, b) => rank(a) - rank(b));
}

/** What a statement mentions; parameters of lambdas are no paths. */
class Hints {
  /** Each with where it was mentioned first. */
  readonly contexts = new Map<string, Mention>();
  readonly functions = new Map<string, Mention>();
  readonly enums = new Map<string, Mention>();
  /** The text that is gone through now. */
  index = 0;
  readonly #locals: string[] = [];

  call(call: Call): void {
    const { name, arguments: given, keys } = call;
    this.#mention(this.functions, name, nameOf(call));
    for (const argument of given) this.#argument(argument);
    for (const key of keys) this.expression(key);
  }

  #argument({ value }: Argument): void {
    this.expression(value);
  }

  condition(condition: Condition): void {
    switch (condition.kind) {
      case "or":
      case "and":
        for (const part of condition.parts) this.condition(part);
        return;
      case "not":
        this.condition(condition.inside);
        return;
      case "comparison":
        this.expression(condition.left);
        this.expression(condition.right);
        return;
      case "call":
        this.call(condition);
        return;
      default:
    }
  }

  expression(tree: Expression): void {
    switch (tree.kind) {
      case "enum":
        this.#mention(this.enums, tree.name, tree);
        return;
      case "list":
        for (const item of tree.items) this.expression(item);
        return;
      case "map":
        for (const [, each] of tree.entries) this.expression(each);
        return;
      case "math":
        this.expression(tree.left);
        this.expression(tree.right);
        return;
      case "negative":
        this.expression(tree.inside);
        return;
      case "call":
        this.call(tree);
        return;
      case "lambda": {
        const before = this.#locals.length;
        this.#locals.push(...tree.parameters);
        if (tree.body.kind === "condition") this.condition(tree.body.condition);
        else this.expression(tree.body);
        this.#locals.length = before;
        return;
      }
      case "path": {
        const [first, second] = tree.segments;
        for (const { keys } of tree.segments) for (const key of keys) this.expression(key);
        if (first === undefined || this.#locals.includes(first.name)) return;
        this.#mention(this.contexts, second !== undefined && first.keys.length === 0 ? first.name : "", first);
        return;
      }
      default:
    }
  }

  #mention(where: Map<string, Mention>, name: string, { start, end }: Place): void {
    if (!where.has(name)) where.set(name, { index: this.index, place: { start, end } });
  }
}

interface Mention {
  readonly index: number;
  readonly place: Place;
}
