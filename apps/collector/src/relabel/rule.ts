// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of replacements look like ours
import { compileRegexp, GoError, quote } from "@invar/go-compat";
import {
  type BlockOptions,
  type Decoded,
  defaulted,
  list,
  many,
  oneOf,
  optional,
  type Report,
  string,
  uint,
} from "../component/arguments.ts";

const actions = [
  "replace",
  "keep",
  "drop",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
  "keepequal",
  "dropequal",
] as const;

const schema = {
  arguments: {
    action: defaulted(oneOf(...actions), "What the rule does with what it matches.", "replace"),
    source_labels: optional(list(string), "Labels whose values, joined by the separator, are matched."),
    separator: defaulted(string, "Stands between the joined values.", ";"),
    regex: defaulted(string, "RE2 pattern which has to match all of the joined values, or of a label's name.", "(.*)", {
      check: patternFinding,
    }),
    modulus: defaulted(uint, "The hash of the joined values is taken modulo this number.", 0),
    target_label: defaulted(string, "The label that is written.", ""),
    replacement: defaulted(string, "What is written; `$1` and `${name}` stand for captured groups.", "$1"),
  },
} as const;

/** One rule as the user wrote it, with all defaults. */
export type Rule = Decoded<typeof schema>;

/** The `rule` block of every component that relabels, by whatever name it carries there. */
export function ruleBlock(doc = "A relabelling rule; rules apply from top to bottom.", options: BlockOptions<typeof schema> = {}) {
  return many(doc, schema, { check: checkRule, ...options });
}

function patternFinding(pattern: string): string | undefined {
  try {
    compileRegexp(pattern, { anchored: true });
    return undefined;
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}

const withTarget = new Set<Rule["action"]>(["replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal"]);
const withoutReplacement = new Set<Rule["action"]>(["lowercase", "uppercase", "keepequal", "dropequal"]);
// A name in which `$1` and `${name}` may stand for any part.
const nameWithVariables = /^(?:[a-zA-Z_]|\$\{\w+\}|\$\w)(?:\w|\$\{\w+\}|\$\w)*$/;

/** What must hold between the arguments of one rule; the first finding is enough. */
export function checkRule(rule: Rule, report: Report): void {
  const finding = ruleFinding(rule);
  if (finding !== undefined) report(finding);
}

function ruleFinding(rule: Rule): string | undefined {
  const { action, target_label: target, replacement } = rule;
  if (action === "hashmod" && rule.modulus === 0) return "relabel configuration for hashmod requires non-zero modulus";
  if (withTarget.has(action) && target === "") return `relabel configuration for ${action} action requires 'target_label' value`;
  if (action === "replace" && target.includes("$") && !nameWithVariables.test(target))
    return `${quote(target)} is invalid 'target_label' for ${action} action`;
  if (withoutReplacement.has(action) && replacement !== "$1") return `'replacement' can not be set for ${action} action`;
  if (action === "labelmap" && !nameWithVariables.test(replacement))
    return `${quote(replacement)} is invalid 'replacement' for ${action} action`;
  const others = rule.modulus !== 0 || rule.separator !== ";" || replacement !== "$1";
  if ((action === "labeldrop" || action === "labelkeep") && (others || rule.source_labels !== undefined || target !== ""))
    return `${action} action requires only 'regex', and no other fields`;
  if ((action === "keepequal" || action === "dropequal") && (others || rule.regex !== "(.*)"))
    return `${action} action requires only 'source_labels' and 'target_label', and no other fields`;
  return undefined;
}
