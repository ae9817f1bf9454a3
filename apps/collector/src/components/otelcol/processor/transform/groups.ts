import type { Place } from "../../../../component/arguments.ts";
import { compileConditions, compileStatements, functionsFor, type StatementProblem } from "../../../../ottl/compile.ts";
import { type ContextName, contextsOfSignal } from "../../../../ottl/contexts/context.ts";
import { errorModeOf } from "../../../../ottl/error-mode.ts";
import { datapointConditionFunctions } from "../../../../ottl/functions/has-attribute.ts";
import { standardFunctions } from "../../../../ottl/functions/standard.ts";
import { type InferenceFault, inferContext } from "../../../../ottl/infer-context.ts";
import type { Frame } from "../../../../ottl/telemetry/frame.ts";
import type { StatementError } from "../../../../ottl/value.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";
import { functionsOf } from "./functions/functions.ts";

export const signals: readonly Signal[] = ["traces", "metrics", "logs"];

/** Contexts that users may write. */
export const writtenContexts: readonly string[] = ["resource", "scope", "span", "spanevent", "metric", "datapoint", "log"];

export interface ContextStatements {
  readonly context: string;
  readonly conditions: readonly string[] | undefined;
  readonly statements: readonly string[];
  readonly error_mode: string | undefined;
}

export interface StatementArguments {
  readonly trace_statements: readonly ContextStatements[];
  readonly metric_statements: readonly ContextStatements[];
  readonly log_statements: readonly ContextStatements[];
  readonly statements:
    | {
        readonly trace: readonly string[] | undefined;
        readonly metric: readonly string[] | undefined;
        readonly log: readonly string[] | undefined;
      }
    | undefined;
}

export interface Group {
  /** Where it was written: the block, with its number where there may be several. */
  readonly block: readonly (string | number)[];
  /** The argument of the block that holds the statements. */
  readonly argument: string;
  /** "" where it is to be inferred. */
  readonly context: string;
  readonly conditions: readonly string[];
  readonly statements: readonly string[];
  readonly errorMode: string | undefined;
}

const blocks = { traces: "trace", metrics: "metric", logs: "log" } as const;

/** The groups of a signal in the order in which they are carried out. */
export function groupsOf(signal: Signal, args: StatementArguments): Group[] {
  const name = blocks[signal];
  const groups: Group[] = args[`${name}_statements`].map((group, i) => ({
    block: [`${name}_statements`, i],
    argument: "statements",
    context: group.context.toLowerCase(),
    conditions: group.conditions ?? [],
    statements: group.statements,
    errorMode: group.error_mode === "" ? undefined : group.error_mode,
  }));
  const flat = args.statements?.[name];
  if (flat !== undefined)
    groups.push({ block: ["statements"], argument: name, context: "", conditions: [], statements: flat, errorMode: undefined });
  return groups;
}

/** Statements of one context, ready to be carried out on what a frame stands on. */
export interface Pass {
  readonly context: ContextName;
  readonly execute: (frame: Frame) => void;
}

/** What is wrong with a group, and where. */
export interface Problem {
  readonly message: string;
  readonly place: Place;
}

/** Compiles groups to as few passes over the data as possible. */
export function compileGroups(
  signal: Signal,
  groups: readonly Group[],
  defaultMode: string,
  onError: (error: StatementError, text: string) => void,
): { readonly passes: readonly Pass[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const passes: (Pass & { readonly isSeparate: boolean })[] = [];
  for (const group of groups) {
    const context = contextOf(signal, group);
    if ("fault" in context) {
      problems.push({ message: context.fault, place: placeOfFault(group, context) });
      continue;
    }
    const errorMode = errorModeOf(group.errorMode ?? defaultMode);
    const options = { needsContext: group.context === "", errorMode, onError };
    const statements = compileStatements(context.context, group.statements, { ...options, functions: functionsOf(context.context) });
    const conditions = compileConditions(context.context, group.conditions, {
      ...options,
      functions: context.context === "metric" ? datapointConditionFunctions : [],
    });
    problems.push(
      ...statements.diagnostics.map((problem) => problemIn([...group.block, group.argument], problem)),
      ...conditions.diagnostics.map((problem) => problemIn([...group.block, "conditions"], problem)),
    );
    const { execute } = statements;
    const { evaluate } = conditions;
    const hasConditions = group.conditions.length > 0;
    const run = (frame: Frame): void => {
      if (frame.cache.size > 0) frame.cache = new Map();
      if (!hasConditions || evaluate(frame)) execute(frame);
    };
    // Groups go over the data one after the other. Where items don't see what is done to others, all may be done to one item at once.
    const isSeparate = statements.writesShared || context.context === "metric" || context.context === "datapoint";
    const before = passes.at(-1);
    if (before?.context === context.context && !before.isSeparate && !isSeparate) {
      const first = before.execute;
      passes[passes.length - 1] = {
        ...before,
        execute: (frame) => {
          first(frame);
          run(frame);
        },
      };
    } else passes.push({ context: context.context, execute: run, isSeparate });
  }
  return { passes, problems };
}

function problemIn(list: readonly (string | number)[], { index, start, end, hint, message }: StatementProblem): Problem {
  return { message, place: { path: [...list, index], start, end, hint } };
}

/** Texts of statements and then conditions are counted through. */
function placeOfFault({ block, argument, statements }: Group, { index, place, hint }: InferenceFault): Place {
  if (index === undefined || place === undefined) return { path: argument === "statements" ? block : [...block, argument], hint };
  const at = index < statements.length ? [argument, index] : ["conditions", index - statements.length];
  return { path: [...block, ...at], start: place.start, end: place.end, hint };
}

function contextOf(signal: Signal, group: Group): { readonly context: ContextName } | InferenceFault {
  const supported = contextsOfSignal[signal];
  if (group.context !== "") {
    const context = supported.find((name) => name === group.context);
    const fault = `unknown context ${JSON.stringify(group.context)} for statements: [${group.statements.join(" ")}]: write one of ${supported.join(", ")}`;
    return context === undefined ? { fault } : { context };
  }
  return inferContext({ signal, statements: group.statements, conditions: group.conditions, functionsOf: allFunctionsOf });
}

function allFunctionsOf(context: ContextName): ReadonlyMap<string, unknown> {
  return functionsFor(context, standardFunctions, [...functionsOf(context), ...(context === "metric" ? datapointConditionFunctions : [])]);
}
