import type { ContextName } from "../../../../../ottl/contexts/context.ts";
import type { FunctionDefinition } from "../../../../../ottl/functions/function.ts";
import { logFunctions } from "./log-formats.ts";
import { mergeHistogramBuckets } from "./merge-buckets.ts";
import { metricFunctions, summaryFunctions } from "./metrics.ts";
import { setSemconvSpanName } from "./set-semconv-span-name.ts";

/** What statements of a context may call beyond the standard functions. */
export function functionsOf(context: ContextName): readonly FunctionDefinition[] {
  return byContext[context] ?? [];
}

const byContext: Partial<Readonly<Record<ContextName, readonly FunctionDefinition[]>>> = {
  span: [setSemconvSpanName],
  metric: metricFunctions,
  log: logFunctions,
  datapoint: [...summaryFunctions, mergeHistogramBuckets],
};
