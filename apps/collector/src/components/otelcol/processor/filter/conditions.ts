import { compileConditions, functionsFor } from "../../../../ottl/compile.ts";
import { type ContextName, contextsOfSignal } from "../../../../ottl/contexts/context.ts";
import { errorModeOf } from "../../../../ottl/error-mode.ts";
import { datapointConditionFunctions } from "../../../../ottl/functions/has-attribute.ts";
import { converters } from "../../../../ottl/functions/standard.ts";
import { inferContext } from "../../../../ottl/infer-context.ts";
import type { Visit, Visits } from "../../../../ottl/telemetry/walk.ts";
import type { StatementError } from "../../../../ottl/value.ts";
import type { Signal } from "../../../../signals/otlp/batch.ts";

export const signals: readonly Signal[] = ["traces", "metrics", "logs"];

type Texts = readonly string[] | undefined;

export interface ContextConditions {
  readonly context: string | undefined;
  readonly conditions: readonly string[];
}

export interface ConditionArguments {
  readonly error_mode: string;
  readonly traces: { readonly span: Texts; readonly spanevent: Texts } | undefined;
  readonly metrics: { readonly metric: Texts; readonly datapoint: Texts } | undefined;
  readonly logs: { readonly log_record: Texts } | undefined;
  readonly trace_conditions: readonly ContextConditions[];
  readonly metric_conditions: readonly ContextConditions[];
  readonly log_conditions: readonly ContextConditions[];
}

export interface Problem {
  readonly block: string;
  readonly message: string;
}

const blocks = { traces: "trace_conditions", metrics: "metric_conditions", logs: "log_conditions" } as const;
const oldSettings = {
  traces: '"traces.resource", "traces.span", "traces.spanevent"',
  metrics: '"metrics.resource", "metrics.metric", "metrics.datapoint", "metrics.include", "metrics.exclude"',
  logs: '"logs.resource", "logs.log_record", "logs.include", "logs.exclude"',
} as const;

/** The two ways to write conditions of a signal exclude each other. */
export function exclusionFault(signal: Signal, args: ConditionArguments): Problem | undefined {
  const block = blocks[signal];
  if (args[block].length === 0 || byContext(signal, args).length === 0) return undefined;
  const name = block.slice(0, block.indexOf("_"));
  const message = `cannot use context inferred ${name} conditions ${JSON.stringify(block)} and the settings ${oldSettings[signal]} at the same time`;
  return { block, message };
}

/** Conditions of a signal as visits that say what is dropped; each of the list goes over the data after the one before. */
export function compileFilters(
  signal: Signal,
  args: ConditionArguments,
  onError: (error: StatementError, text: string) => void,
): { readonly filters: readonly Visits[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const errorMode = errorModeOf(args.error_mode);
  const compile = (block: string, needsContext: boolean, sets: readonly (readonly [ContextName, readonly string[]])[]): Visits => {
    const visits: Partial<Record<ContextName, Visit>> = {};
    for (const [context, texts] of sets) {
      const functions = context === "metric" ? datapointConditionFunctions : [];
      const { diagnostics, evaluate } = compileConditions(context, texts, { errorMode, needsContext, functions, onError });
      problems.push(...diagnostics.map(({ message }) => ({ block, message })));
      visits[context] = (frame) => {
        if (frame.cache.size > 0) frame.cache = new Map();
        return evaluate(frame);
      };
    }
    return visits;
  };
  const block = blocks[signal];
  const inferred = args[block].map((group) => {
    const name = group.context?.toLowerCase() ?? "";
    if (name === "") return compile(block, true, setsOf(signal, block, group.conditions, problems));
    const context = contextsOfSignal[signal].find((known) => known === name && known !== "exemplar");
    if (context !== undefined) return compile(block, false, [[context, group.conditions]]);
    const known = contextsOfSignal[signal].filter((each) => each !== "exemplar").join(", ");
    problems.push({ block, message: `unknown context ${JSON.stringify(group.context)} for conditions: write one of ${known}` });
    return {};
  });
  const sets = byContext(signal, args);
  const explicit = sets.length === 0 ? [] : [compile(signal, false, sets)];
  return { filters: inferred.length > 0 ? inferred : explicit, problems };
}

/** Conditions without a context are about what each of them names. */
function setsOf(
  signal: Signal,
  block: string,
  conditions: readonly string[],
  problems: Problem[],
): readonly (readonly [ContextName, readonly string[]])[] {
  const sets = new Map<ContextName, string[]>();
  for (const text of conditions) {
    const inference = inferContext({ signal, statements: [], conditions: [text], hasFunction });
    if ("fault" in inference) {
      problems.push({ block, message: inference.fault });
      continue;
    }
    const texts = sets.get(inference.context);
    if (texts === undefined) sets.set(inference.context, [text]);
    else texts.push(text);
  }
  return [...sets];
}

function hasFunction(context: ContextName, name: string): boolean {
  return functionsFor(context, converters, context === "metric" ? datapointConditionFunctions : []).has(name);
}

function byContext(signal: Signal, args: ConditionArguments): (readonly [ContextName, readonly string[]])[] {
  const { traces, metrics, logs } = args;
  const all: Readonly<Record<Signal, readonly (readonly [ContextName, Texts])[]>> = {
    traces: [
      ["span", traces?.span],
      ["spanevent", traces?.spanevent],
    ],
    metrics: [
      ["metric", metrics?.metric],
      ["datapoint", metrics?.datapoint],
    ],
    logs: [["log", logs?.log_record]],
  };
  return all[signal].flatMap(([context, texts]) => (texts === undefined || texts.length === 0 ? [] : [[context, texts] as const]));
}
