import type { MetricDoc } from "../../../../component/definition.ts";
import type { Counter, MetricScope } from "../../../../component/metrics.ts";
import type { Decision } from "./policies/policy.ts";

const PREFIX = "otelcol_processor_tail_sampling_";
const latencyBuckets = [
  1, 2, 5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 2000, 3000, 4000, 5000, 10000, 20000, 30000, 50000,
];
const ageBuckets = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

const docs = {
  count_traces_sampled_total: ["counter", "Decisions of each policy."],
  early_releases_from_cache_decision_total: ["counter", "Spans whose fate was known from the decision caches."],
  global_count_traces_sampled_total: ["counter", "Traces that were decided about."],
  new_trace_id_received_total: ["counter", "Traces that were new."],
  sampling_decision_timer_latency_milliseconds: ["histogram", "How long each round of decisions took."],
  sampling_late_span_age_seconds: ["histogram", "How long after the decision spans of its trace came."],
  sampling_policy_evaluation_error_total: ["counter", "Policies that could not tell."],
  sampling_policy_execution_count_total: ["counter", "How often each policy was asked."],
  sampling_policy_execution_time_sum_microseconds_total: ["counter", "How long each policy took in all."],
  sampling_trace_dropped_too_early_total: ["counter", "Traces that had to go before they were decided about."],
  sampling_trace_removal_age_seconds: ["histogram", "How old traces were when they were forgotten."],
  sampling_traces_on_memory: ["gauge", "Traces that are known now."],
  traces_dropped_too_large_total: ["counter", "Traces that were larger than allowed."],
} as const satisfies Record<string, readonly [MetricDoc["kind"], string]>;
type Name = keyof typeof docs;

export const tailSamplingMetricDocs: readonly MetricDoc[] = Object.entries(docs).map(([name, [kind, doc]]) => ({
  name: PREFIX + name,
  kind,
  doc,
}));

export interface PolicyCounts {
  readonly byDecision: Readonly<Record<Decision, Counter>>;
  readonly executions: Counter;
  readonly microseconds: Counter;
}

export type SamplerMetrics = ReturnType<typeof samplerMetrics>;

/** The metrics of one component. */
export function samplerMetrics(scope: MetricScope, id: string) {
  const options = (name: Name, ...labels: string[]) => ({ help: docs[name][1], labels });
  const counter = (name: Name, ...labels: string[]) => scope.counter(PREFIX + name, options(name, ...labels));
  const histogram = (name: Name, buckets: readonly number[]) => scope.histogram(PREFIX + name, { ...options(name), buckets }).of();
  const byDecision = (of: (sampled: string, decision: string) => Counter): Readonly<Record<Decision, Counter>> => ({
    sampled: of("true", "sampled"),
    not_sampled: of("false", "not_sampled"),
    dropped: of("false", "dropped"),
  });
  const early = counter("early_releases_from_cache_decision_total", "sampled");
  const byPolicy = counter("count_traces_sampled_total", "policy", "sampled", "decision");
  const executions = counter("sampling_policy_execution_count_total", "policy");
  const microseconds = counter("sampling_policy_execution_time_sum_microseconds_total", "policy");
  const global = counter("global_count_traces_sampled_total", "sampled", "decision");
  return {
    early: { kept: early.of("true"), dropped: early.of("false") },
    global: byDecision((sampled, decision) => global.of(sampled, decision)),
    newTraces: counter("new_trace_id_received_total").of(),
    errors: counter("sampling_policy_evaluation_error_total").of(),
    tooEarly: counter("sampling_trace_dropped_too_early_total").of(),
    tooLarge: counter("traces_dropped_too_large_total").of(),
    onMemory: scope.gauge(`${PREFIX}sampling_traces_on_memory`, options("sampling_traces_on_memory")).of(),
    latency: histogram("sampling_decision_timer_latency_milliseconds", latencyBuckets),
    lateSpanAge: histogram("sampling_late_span_age_seconds", ageBuckets),
    removalAge: histogram("sampling_trace_removal_age_seconds", ageBuckets),
    ofPolicy: (name: string): PolicyCounts => {
      const policy = `${id}.${name}`;
      return {
        byDecision: byDecision((sampled, decision) => byPolicy.of(policy, sampled, decision)),
        executions: executions.of(policy),
        microseconds: microseconds.of(policy),
      };
    },
  };
}
