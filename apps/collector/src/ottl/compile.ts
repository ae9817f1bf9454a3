import { ExpressionCompiler, type Predicate } from "./compile-expression.ts";
import type { ContextName } from "./contexts/context.ts";
import type { FunctionDefinition } from "./functions/function.ts";
import { spanFunctions } from "./functions/span.ts";
import { converters, standardFunctions } from "./functions/standard.ts";
import { parseCondition, parseStatement } from "./syntax/parser.ts";
import { SyntaxFault } from "./syntax/tree.ts";
import type { Frame } from "./telemetry/frame.ts";
import { StatementError } from "./value.ts";

/** What becomes of an error on an item: logged and passed over, passed over, or the end of the whole batch. */
export const errorModes = ["ignore", "silent", "propagate"] as const;
export type ErrorMode = (typeof errorModes)[number];

/** Something wrong with one of the texts. */
export interface StatementProblem {
  /** Which of the texts. */
  readonly index: number;
  /** Where in it. */
  readonly start: number;
  readonly end: number;
  /** What to write instead. */
  readonly hint: string | undefined;
  /** With the text, as the incumbent says it. */
  readonly message: string;
}

export interface CompileOptions {
  /** Editors and converters beyond the standard ones. */
  readonly functions?: readonly FunctionDefinition[];
  /** Paths must name their context, as where it is inferred; without, they may. */
  readonly needsContext?: boolean;
  readonly errorMode?: ErrorMode;
  /** Told of errors on items in mode `ignore`: often, in a loop over items. */
  readonly onError?: (error: StatementError, text: string) => void;
}

export interface ConditionOptions extends CompileOptions {
  /** Whether one of the conditions is enough (`or`, the default) or all are needed. */
  readonly combine?: "or" | "and";
}

export interface CompiledConditions {
  readonly diagnostics: readonly StatementProblem[];
  /**
   * Whether the item that the frame stands on meets the conditions; false where there are none. Throws `StatementError` in mode `propagate`, which
   * is the default. Not to be called where there are diagnostics.
   */
  readonly evaluate: (frame: Frame) => boolean;
}

export interface CompiledStatements {
  readonly diagnostics: readonly StatementProblem[];
  /** Carries out the statements on what the frame stands on, one after the other. Errors as for conditions. */
  readonly execute: (frame: Frame) => void;
  /** Whether something is written that other items see as well: a resource, a scope, the metric of a data point. */
  readonly writesShared: boolean;
}

/**
 * Compiles conditions of a context once, to be evaluated for many items:
 *
 *   const { diagnostics, evaluate } = compileConditions("span", ['attributes["http.method"] == "GET"'], { errorMode: "ignore" });
 *   const frame = new Frame("traces").begin(batch.client);
 *   const cursor = new ItemCursor("traces").reset(chunk);
 *   while (cursor.next()) if (evaluate(frame.at(cursor))) …
 */
export function compileConditions(context: ContextName, texts: readonly string[], options: ConditionOptions = {}): CompiledConditions {
  const functions = functionsFor(context, converters, options.functions);
  const compiled: { text: string; test: Predicate["test"] }[] = [];
  const diagnostics = collect(texts, "condition", (text) => {
    const compiler = new ExpressionCompiler({ context, needsContext: options.needsContext === true, functions });
    compiled.push({ text, test: compiler.condition(parseCondition(text)).test });
  });
  const { combine = "or", errorMode = "propagate", onError } = options;
  const isOr = combine === "or";
  const [only] = compiled;
  if (errorMode === "propagate" && compiled.length === 1 && only !== undefined) return { diagnostics, evaluate: propagating(only) };
  return {
    diagnostics,
    evaluate: (frame) => {
      let matched = false;
      for (let i = 0; i < compiled.length; i++) {
        const { text, test } = compiled[i] as { text: string; test: Predicate["test"] };
        let result: boolean;
        try {
          result = test(frame);
        } catch (error) {
          if (!(error instanceof StatementError)) throw error;
          if (errorMode === "propagate") throw failedCondition(text, error);
          if (errorMode === "ignore") onError?.(error, text);
          continue;
        }
        if (result === isOr) return isOr;
        matched = true;
      }
      // Where all that are needed failed, none of them was met.
      return !isOr && matched;
    },
  };
}

function propagating({ text, test }: { text: string; test: Predicate["test"] }): (frame: Frame) => boolean {
  return (frame) => {
    try {
      return test(frame);
    } catch (error) {
      throw error instanceof StatementError ? failedCondition(text, error) : error;
    }
  };
}

function failedCondition(text: string, error: StatementError): StatementError {
  return new StatementError(`failed to eval condition: ${text}, ${error.message}`);
}

/** Compiles statements of a context: an editor each, and when to call it. */
export function compileStatements(context: ContextName, texts: readonly string[], options: CompileOptions = {}): CompiledStatements {
  const functions = functionsFor(context, standardFunctions, options.functions);
  const compiled: { text: string; run: (frame: Frame) => unknown; where: Predicate["test"] | undefined }[] = [];
  let writesShared = false;
  const diagnostics = collect(texts, "statement", (text) => {
    const compiler = new ExpressionCompiler({ context, needsContext: options.needsContext === true, functions });
    const { editor, where } = parseStatement(text);
    const run = compiler.invocation(editor);
    const predicate = where === undefined ? undefined : compiler.condition(where);
    if (compiler.writesShared) writesShared = true;
    if (predicate?.literal !== false) compiled.push({ text, run, where: predicate?.literal === true ? undefined : predicate?.test });
  });
  const { errorMode = "propagate", onError } = options;
  return {
    diagnostics,
    writesShared,
    execute: (frame) => {
      for (let i = 0; i < compiled.length; i++) {
        const { text, run, where } = compiled[i] as (typeof compiled)[number];
        try {
          if (where === undefined || where(frame)) run(frame);
        } catch (error) {
          if (!(error instanceof StatementError)) throw error;
          if (errorMode === "propagate") throw new StatementError(`failed to execute statement: ${text}, ${error.message}`);
          if (errorMode === "ignore") onError?.(error, text);
        }
      }
    },
  };
}

/** The functions of a context by name; later ones win. */
export function functionsFor(
  context: ContextName,
  standard: readonly FunctionDefinition[],
  more: readonly FunctionDefinition[] = [],
): ReadonlyMap<string, FunctionDefinition> {
  const own = context === "span" ? spanFunctions : [];
  return new Map([...standard, ...own, ...more].map((definition) => [definition.name, definition]));
}

function collect(texts: readonly string[], kind: "statement" | "condition", compile: (text: string) => void): StatementProblem[] {
  const problems: StatementProblem[] = [];
  for (const [index, text] of texts.entries()) {
    try {
      compile(text);
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      const message = `unable to parse OTTL ${kind} ${JSON.stringify(text)}: ${error.message}`;
      problems.push({ index, start: error.start, end: error.end, hint: error.hint, message });
    }
  }
  return problems;
}
