import type { Clock } from "../../../../../component/clock.ts";
import type { StatementError } from "../../../../../ottl/value.ts";
import type { PlainPolicy, PolicyArguments, SubPolicy } from "../policy-arguments.ts";
import { booleanAttribute, numericAttribute, stringAttribute } from "./attributes.ts";
import { ottlCondition } from "./conditions.ts";
import { type Policy, sampledIf } from "./policy.ts";
import { bytesLimiting, probabilistic, rateLimiting } from "./rates.ts";
import { alwaysSample, latency, spanCount, statusCodes, traceFlags, traceState } from "./spans.ts";

export interface NamedPolicy {
  readonly name: string;
  readonly policy: Policy;
}

interface Surroundings {
  readonly clock: Clock;
  readonly onError: (error: StatementError, text: string) => void;
}

/** Takes policies in which `policiesFault` finds nothing. Those that drop are asked first. */
export function compilePolicies(policies: readonly PolicyArguments[], surroundings: Surroundings): NamedPolicy[] {
  const first = [...policies].sort((a, b) => Number(b.type === "drop") - Number(a.type === "drop"));
  return first.map((policy) => ({ name: policy.name, policy: compile(policy, surroundings) }));
}

function compile(policy: PolicyArguments, surroundings: Surroundings): Policy {
  const subs = (list: readonly SubPolicy[]) => list.map((sub) => compileSub(sub, surroundings));
  if (policy.type === "and") return allOf(subs(policy.and?.and_sub_policy ?? []));
  if (policy.type === "drop") {
    const all = allOf(subs(policy.drop?.drop_sub_policy ?? []));
    return (trace) => (all(trace) === "sampled" ? "dropped" : "not_sampled");
  }
  if (policy.type === "composite" && policy.composite !== undefined) return composite(policy.composite, surroundings);
  return compileSub(policy, surroundings);
}

function compileSub(policy: SubPolicy, surroundings: Surroundings): Policy {
  if (policy.type !== "not" || policy.not === undefined) return compilePlain(policy, surroundings);
  const other = compilePlain(policy.not.not_sub_policy, surroundings);
  return (trace) => sampledIf(other(trace) !== "sampled");
}

function allOf(policies: readonly Policy[]): Policy {
  return (trace) => sampledIf(policies.every((policy) => policy(trace) === "sampled"));
}

/** Spans are counted by the second; a policy that has used up its share keeps nothing until the next one. */
function composite(args: NonNullable<PolicyArguments["composite"]>, surroundings: Surroundings): Policy {
  const { max_total_spans_per_second: total, policy_order: order, composite_sub_policy: subs, rate_allocation: shares } = args;
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const policies = [...subs]
    .sort((a, b) => rank(a.name) - rank(b.name))
    .map((sub) => {
      const share = shares.find(({ policy }) => policy === sub.name);
      const percent = share === undefined ? 0 : share.percent > 0 ? share.percent : 100 / subs.length;
      const policy =
        sub.type === "and"
          ? allOf((sub.and?.and_sub_policy ?? []).map((each) => compileSub(each, surroundings)))
          : compilePlain(sub, surroundings);
      return { policy, limit: Math.min(Math.trunc((percent / 100) * total), total), used: 0 };
    });
  let second = -1;
  return (trace) => {
    const now = Math.floor(surroundings.clock.monotonic() / 1000);
    if (now !== second) for (const each of policies) each.used = 0;
    second = now;
    for (const each of policies) {
      if (each.policy(trace) !== "sampled") continue;
      if (each.used + trace.spans > each.limit) return "not_sampled";
      each.used += trace.spans;
      return "sampled";
    }
    return "not_sampled";
  };
}

function compilePlain(policy: PlainPolicy, { clock, onError }: Surroundings): Policy {
  const { type } = policy;
  const given = <T>(args: T | undefined): T => {
    if (args === undefined) throw new Error(`a policy with a block ${type} was expected`);
    return args;
  };
  switch (type) {
    case "always_sample":
      return alwaysSample;
    case "trace_flags":
      return traceFlags();
    case "latency":
      return latency(given(policy.latency));
    case "numeric_attribute":
      return numericAttribute(given(policy.numeric_attribute));
    case "probabilistic":
      return probabilistic(given(policy.probabilistic));
    case "status_code":
      return statusCodes(given(policy.status_code).status_codes);
    case "string_attribute":
      return stringAttribute(given(policy.string_attribute));
    case "rate_limiting":
      return rateLimiting(given(policy.rate_limiting), clock);
    case "bytes_limiting":
      return bytesLimiting(given(policy.bytes_limiting), clock);
    case "span_count":
      return spanCount(given(policy.span_count));
    case "boolean_attribute":
      return booleanAttribute(given(policy.boolean_attribute));
    case "ottl_condition":
      return ottlCondition(given(policy.ottl_condition), onError);
    case "trace_state":
      return traceState(given(policy.trace_state));
    default:
      throw new Error(`a type of policy was expected, ${type} came`);
  }
}
