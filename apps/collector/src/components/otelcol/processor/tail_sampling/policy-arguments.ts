import { compileRegexp, GoError, quote } from "@invar/go-compat";
import { block, bool, type Decoded, defaulted, float, int, list, many, maybe, required, string } from "../../../../component/arguments.ts";
import { compileConditions } from "../../../../ottl/compile.ts";

const key = required(string, "The attribute that is looked at, of resources and spans.");
const invert = defaulted(bool, "Keeps the traces in which nothing matches.", false);

/** The blocks of policies that look at a trace by themselves, by type. */
const plainPolicies = {
  latency: maybe("Keeps traces by how long they took.", {
    arguments: {
      threshold_ms: required(int, "Traces that took longer are kept."),
      upper_threshold_ms: defaulted(int, "Traces that took longer still are not; 0: no limit.", 0),
    },
  }),
  numeric_attribute: maybe("Keeps traces by an attribute that is a number.", {
    arguments: {
      key,
      min_value: required(int, "The least value that matches; 0: any."),
      max_value: required(int, "The greatest value that matches; 0: any."),
      invert_match: invert,
    },
  }),
  probabilistic: maybe("Keeps a share of the traces, by their ids.", {
    arguments: {
      hash_salt: defaulted(string, "Mixed into the hash: collectors behind each other want different ones.", ""),
      sampling_percentage: required(float, "How many percent are kept."),
    },
  }),
  status_code: maybe("Keeps traces with a span of one of these statuses.", {
    arguments: { status_codes: required(list(string), "OK, ERROR, UNSET.") },
  }),
  string_attribute: maybe("Keeps traces by an attribute that is a text.", {
    arguments: {
      key,
      values: required(list(string), "Values, or patterns of them."),
      enabled_regex_matching: defaulted(bool, "The values are patterns.", false),
      cache_max_size: defaulted(int, "Of how many texts it is remembered whether a pattern matches; 0: 128.", 0),
      invert_match: invert,
    },
  }),
  rate_limiting: maybe("Keeps traces while there are not too many spans.", {
    arguments: {
      spans_per_second: required(int, "Spans that are kept each second."),
      burst_capacity: defaulted(int, "Spans that may be kept at once; 0: those of two seconds.", 0),
    },
  }),
  bytes_limiting: maybe("Keeps traces while they are not too large together.", {
    arguments: {
      bytes_per_second: required(int, "Bytes that are kept each second."),
      burst_capacity: defaulted(int, "Bytes that may be kept at once; 0: those of two seconds.", 0),
    },
  }),
  span_count: maybe("Keeps traces by the number of their spans.", {
    arguments: {
      min_spans: required(int, "The least number of spans."),
      max_spans: defaulted(int, "The greatest number of spans; 0: any.", 0),
    },
  }),
  boolean_attribute: maybe("Keeps traces by an attribute that is true or false.", {
    arguments: { key, value: required(bool, "The value that matches."), invert_match: invert },
  }),
  ottl_condition: maybe(
    "Keeps traces with a span or event that meets a condition of the OpenTelemetry Transformation Language.",
    {
      arguments: {
        error_mode: required(string, "What becomes of errors: ignore logs them, silent does not, propagate ends the policy.", {
          check: (mode) => (["ignore", "silent", "propagate"].includes(mode.toLowerCase()) ? undefined : `unknown error mode ${mode}`),
        }),
        span: defaulted(list(string), "Conditions of spans; one is enough.", []),
        spanevent: defaulted(list(string), "Conditions of span events; one is enough.", []),
      },
    },
    {
      check(args, report) {
        for (const context of ["span", "spanevent"] as const)
          for (const { index, start, end, hint, message } of compileConditions(context, args[context]).diagnostics)
            report(message, { path: [context, index], start, end, hint });
      },
    },
  ),
  trace_state: maybe("Keeps traces by a member of their tracestate.", {
    arguments: { key: required(string, "The member's key."), values: required(list(string), "Values that match.") },
  }),
};

const named = {
  name: required(string, "What the policy is called in metrics."),
  type: required(string, "What kind of policy it is: the name of the block that configures it, always_sample or trace_flags."),
};

const plain = { arguments: named, blocks: plainPolicies };
const not = maybe("Keeps what another policy does not keep.", { blocks: { not_sub_policy: block("The other policy.", plain) } });
const subPolicies = { arguments: named, blocks: { ...plainPolicies, not } };
const and = maybe("Keeps what all of several policies keep.", { blocks: { and_sub_policy: many("One of the policies.", subPolicies) } });

/** The inside of a `policy` block. */
export const policyBlock = {
  arguments: named,
  blocks: {
    ...plainPolicies,
    not,
    and,
    drop: maybe("Drops what all of several policies keep, whatever other policies say.", {
      blocks: { drop_sub_policy: many("One of the policies.", subPolicies) },
    }),
    composite: maybe("Keeps what one of several policies keeps, each up to a rate of spans.", {
      arguments: {
        max_total_spans_per_second: required(int, "Spans that are kept each second."),
        policy_order: required(list(string), "The names of the policies, those that are asked first at the front."),
      },
      blocks: {
        composite_sub_policy: many("One of the policies.", { arguments: named, blocks: { ...plainPolicies, and } }),
        rate_allocation: many("The share of one policy; a policy without one keeps nothing.", {
          arguments: {
            policy: required(string, "The policy's name."),
            percent: required(int, "Its share of the rate, in percent; 0: the same for each."),
          },
        }),
      },
    }),
  },
};

export type PlainPolicy = Decoded<typeof plain>;
export type SubPolicy = Decoded<typeof subPolicies>;
export type PolicyArguments = Decoded<typeof policyBlock>;

const plainTypes: readonly string[] = ["always_sample", "trace_flags", ...Object.keys(plainPolicies)];

/** What is wrong with the policies. */
export function policiesFault(policies: readonly PolicyArguments[]): string | undefined {
  const names = new Set<string>();
  for (const policy of policies) {
    if (policy.name === "") return "policy name cannot be empty";
    if (names.has(policy.name)) return `duplicate policy name ${quote(policy.name)}`;
    names.add(policy.name);
    const fault = policyFault(policy);
    if (fault !== undefined) return `failed to create policy evaluator for ${quote(policy.name)}: ${fault}`;
  }
  return undefined;
}

function policyFault(policy: PolicyArguments): string | undefined {
  const { type } = policy;
  const missing = `a policy of type ${type} needs a block ${type}`;
  switch (type) {
    case "not":
      return policy.not === undefined ? missing : plainFault(policy.not.not_sub_policy);
    case "and":
      return policy.and === undefined ? missing : subsFault("and", policy.and.and_sub_policy);
    case "drop":
      return policy.drop === undefined ? missing : subsFault("drop", policy.drop.drop_sub_policy);
    case "composite": {
      if (policy.composite === undefined) return missing;
      const { composite_sub_policy: subs, policy_order: order } = policy.composite;
      const stranger = order.find((name) => !subs.some((sub) => sub.name === name));
      if (stranger !== undefined) return `policy_order names ${quote(stranger)}, which is none of the sub-policies`;
      for (const sub of subs) {
        if (sub.type === "and" && sub.and === undefined) return "a policy of type and needs a block and";
        const fault = sub.type === "and" && sub.and !== undefined ? subsFault("and", sub.and.and_sub_policy) : plainFault(sub);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }
    default:
      return plainFault(policy);
  }
}

function subsFault(kind: string, subs: readonly SubPolicy[]): string | undefined {
  if (subs.length === 0) return `at least one ${kind}_sub_policy is needed`;
  for (const sub of subs) {
    if (sub.type === "not" && sub.not === undefined) return "a policy of type not needs a block not";
    const fault = plainFault(sub.type === "not" && sub.not !== undefined ? sub.not.not_sub_policy : sub);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function plainFault(policy: PlainPolicy): string | undefined {
  const { type } = policy;
  if (!plainTypes.includes(type)) return `unknown sampling policy type ${type}`;
  if (type === "always_sample" || type === "trace_flags") return undefined;
  if (policy[type as keyof typeof plainPolicies] === undefined) return `a policy of type ${type} needs a block ${type}`;
  const { status_code, string_attribute, numeric_attribute, ottl_condition } = policy;
  if (type === "status_code" && status_code !== undefined) {
    if (status_code.status_codes.length === 0) return "expected at least one status code to filter on";
    const stranger = status_code.status_codes.find((code) => !["OK", "ERROR", "UNSET"].includes(code));
    if (stranger !== undefined) return `unknown status code ${quote(stranger)}, supported: OK, ERROR, UNSET`;
  }
  if (type === "numeric_attribute" && numeric_attribute?.min_value === 0 && numeric_attribute.max_value === 0)
    return "at least one of min_value or max_value must be set";
  if (type === "string_attribute" && string_attribute?.enabled_regex_matching === true)
    for (const value of string_attribute.values)
      try {
        compileRegexp(value);
      } catch (error) {
        if (error instanceof GoError) return `invalid regex \`${value}\`: ${error.message}`;
        throw error;
      }
  if (type === "ottl_condition" && ottl_condition !== undefined) {
    const { span, spanevent } = ottl_condition;
    if (span.length === 0 && spanevent.length === 0) return "expected at least one OTTL condition to filter on";
  }
  return undefined;
}
