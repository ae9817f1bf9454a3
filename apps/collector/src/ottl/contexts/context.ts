import type { Signal } from "../../signals/otlp/batch.ts";
import { enumsOf } from "./enums.ts";

/** What statements are about. */
export const contextNames = ["resource", "scope", "span", "spanevent", "metric", "datapoint", "exemplar", "log"] as const;
export type ContextName = (typeof contextNames)[number];

/** What a path may begin with: a context, or the request in which the telemetry came. */
export type PathContext = ContextName | "instrumentation_scope" | "otelcol";

interface Context {
  readonly pathContexts: readonly PathContext[];
  readonly enums: Readonly<Record<string, number>>;
}

const outer = ["resource", "scope", "instrumentation_scope", "otelcol"] as const;

export const contexts: Readonly<Record<ContextName, Context>> = {
  resource: { pathContexts: ["resource", "otelcol"], enums: {} },
  scope: { pathContexts: ["scope", "instrumentation_scope", "resource", "otelcol"], enums: {} },
  span: { pathContexts: ["span", ...outer], enums: enumsOf.span },
  spanevent: { pathContexts: ["spanevent", "span", ...outer], enums: enumsOf.span },
  metric: { pathContexts: ["metric", ...outer], enums: enumsOf.metric },
  datapoint: { pathContexts: ["datapoint", "metric", ...outer], enums: enumsOf.datapoint },
  exemplar: { pathContexts: ["exemplar", "datapoint", "metric", ...outer], enums: {} },
  log: { pathContexts: ["log", ...outer], enums: enumsOf.log },
};

/** The contexts that there are for a signal. */
export const contextsOfSignal: Readonly<Record<Signal, readonly ContextName[]>> = {
  traces: ["resource", "scope", "span", "spanevent"],
  metrics: ["resource", "scope", "metric", "datapoint", "exemplar"],
  logs: ["resource", "scope", "log"],
};
