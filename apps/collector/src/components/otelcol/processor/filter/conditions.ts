import type { Place } from "../../../../component/arguments.ts";
import { didYouMean } from "../../../../component/did-you-mean.ts";
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
  readonly message: string;
  readonly place: Place;
}

/** A condition, and where it was written. */
interface Written {
  readonly text: string;
  readonly path: readonly (string | number)[];
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
  return { message, place: { path: [block] } };
}

/** Conditions of a signal as visits that say what is dropped; each of the list goes over the data after the one before. */
export function compileFilters(
  signal: Signal,
  args: ConditionArguments,
  onError: (error: StatementError, text: string) => void,
): { readonly filters: readonly Visits[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const errorMode = errorModeOf(args.error_mode);
  const compile = (needsContext: boolean, sets: readonly (readonly [ContextName, readonly Written[]])[]): Visits => {
    const visits: Partial<Record<ContextName, Visit>> = {};
    for (const [context, written] of sets) {
      const functions = context === "metric" ? datapointConditionFunctions : [];
      const texts = written.map(({ text }) => text);
      const { diagnostics, evaluate } = compileConditions(context, texts, { errorMode, needsContext, functions, onError });
      for (const { index, start, end, hint, message } of diagnostics)
        problems.push({ message, place: { path: written[index]?.path ?? [], start, end, hint } });
      visits[context] = (frame) => {
        if (frame.cache.size > 0) frame.cache = new Map();
        return evaluate(frame);
      };
    }
    return visits;
  };
  const block = blocks[signal];
  const inferred = args[block].map((group, i) => {
    const name = group.context?.toLowerCase() ?? "";
    const written = writtenIn([block, i, "conditions"], group.conditions);
    if (name === "") return compile(true, setsOf(signal, written, problems));
    const known = contextsOfSignal[signal].filter((each) => each !== "exemplar");
    const context = known.find((each) => each === name);
    if (context !== undefined) return compile(false, [[context, written]]);
    const message = `unknown context ${JSON.stringify(group.context)} for conditions: write one of ${known.join(", ")}`;
    problems.push({ message, place: { path: [block, i, "context"], hint: didYouMean(name, known) } });
    return {};
  });
  const sets = byContext(signal, args);
  const explicit = sets.length === 0 ? [] : [compile(false, sets)];
  return { filters: inferred.length > 0 ? inferred : explicit, problems };
}

function writtenIn(path: readonly (string | number)[], texts: readonly string[]): Written[] {
  return texts.map((text, i) => ({ text, path: [...path, i] }));
}

/** Conditions without a context are about what each of them names. */
function setsOf(
  signal: Signal,
  conditions: readonly Written[],
  problems: Problem[],
): readonly (readonly [ContextName, readonly Written[]])[] {
  const sets = new Map<ContextName, Written[]>();
  for (const written of conditions) {
    const { text, path } = written;
    const inference = inferContext({ signal, statements: [], conditions: [text], functionsOf });
    if ("fault" in inference) {
      const { fault, place, hint } = inference;
      problems.push({ message: fault, place: { path, ...(place !== undefined && { start: place.start, end: place.end }), hint } });
      continue;
    }
    const known = sets.get(inference.context);
    if (known === undefined) sets.set(inference.context, [written]);
    else known.push(written);
  }
  return [...sets];
}

function functionsOf(context: ContextName): ReadonlyMap<string, unknown> {
  return functionsFor(context, converters, context === "metric" ? datapointConditionFunctions : []);
}

function byContext(signal: Signal, args: ConditionArguments): (readonly [ContextName, readonly Written[]])[] {
  const { traces, metrics, logs } = args;
  const all: Readonly<Record<Signal, readonly (readonly [ContextName, string, Texts])[]>> = {
    traces: [
      ["span", "span", traces?.span],
      ["spanevent", "spanevent", traces?.spanevent],
    ],
    metrics: [
      ["metric", "metric", metrics?.metric],
      ["datapoint", "datapoint", metrics?.datapoint],
    ],
    logs: [["log", "log_record", logs?.log_record]],
  };
  return all[signal].flatMap(([context, argument, texts]) =>
    texts === undefined || texts.length === 0 ? [] : [[context, writtenIn([signal, argument], texts)] as const],
  );
}
