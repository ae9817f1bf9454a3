import type { Clock } from "../../../../component/clock.ts";
import type { NamedPolicy } from "./policies/compile.ts";
import type { Decision, TraceView } from "./policies/policy.ts";
import type { PolicyCounts, SamplerMetrics } from "./sampler-metrics.ts";

/** Asks all policies about a trace and says what becomes of it. */
export class Judge {
  readonly #policies: readonly (NamedPolicy & { readonly counts: PolicyCounts })[];
  readonly #onFirstMatch: boolean;
  readonly #metrics: SamplerMetrics;
  readonly #clock: Clock;
  readonly #onError: (policy: string, error: unknown) => void;

  constructor(
    policies: readonly NamedPolicy[],
    {
      onFirstMatch,
      metrics,
      clock,
      onError,
    }: { onFirstMatch: boolean; metrics: SamplerMetrics; clock: Clock; onError: (policy: string, error: unknown) => void },
  ) {
    this.#policies = policies.map((each) => ({ ...each, counts: metrics.ofPolicy(each.name) }));
    this.#onFirstMatch = onFirstMatch;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#onError = onError;
  }

  decide(trace: TraceView): Decision {
    let final: Decision = "not_sampled";
    for (const { name, policy, counts } of this.#policies) {
      const startMs = this.#clock.monotonic();
      let decision: Decision | undefined;
      try {
        decision = policy(trace);
      } catch (error) {
        this.#metrics.errors.add(1);
        this.#onError(name, error);
      }
      counts.microseconds.add((this.#clock.monotonic() - startMs) * 1000);
      counts.executions.add(1);
      if (decision === undefined) continue;
      counts.byDecision[decision].add(1);
      if (decision === "dropped") {
        final = decision;
        break;
      }
      if (decision === "sampled") {
        final = decision;
        if (this.#onFirstMatch) break;
      }
    }
    this.#metrics.global[final].add(1);
    return final;
  }
}
