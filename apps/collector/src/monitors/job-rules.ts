// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of replacements look like ours
import { GoError } from "@invar/go-compat";
import type { Rule } from "../relabel/rule.ts";
import { compileRules } from "../relabel/rules.ts";
import type { WireRule, WireSelector } from "./wire.ts";

/** A rule with everything that is usual left out. */
export type ShortRule = Partial<Rule>;

/** As Prometheus reads it: what is absent or empty has the usual value. */
export function fullRule(short: ShortRule): Rule {
  return {
    action: short.action ?? "replace",
    source_labels: short.source_labels,
    separator: short.separator || ";",
    regex: short.regex ?? "(.*)",
    modulus: short.modulus ?? 0,
    target_label: short.target_label ?? "",
    replacement: short.replacement || "$1",
  };
}

/** What every job begins with: the rules of the component, then its name where other rules can get at it. */
export function firstRules(own: readonly Rule[]): Rule[] {
  return [...own, fullRule({ source_labels: ["job"], target_label: "__tmp_prometheus_job_name" })];
}

/** The rules that a user wrote on a custom resource. */
export function writtenRules(rules: readonly WireRule[] = []): Rule[] {
  return rules.map(({ sourceLabels, separator, targetLabel, regex, modulus, replacement, action }) =>
    fullRule({
      ...(action && { action: action.toLowerCase() as Rule["action"] }),
      ...(sourceLabels !== undefined && { source_labels: sourceLabels }),
      ...(separator !== undefined && { separator }),
      ...(targetLabel !== undefined && { target_label: targetLabel }),
      ...(regex && { regex }),
      ...(modulus !== undefined && { modulus }),
      ...(replacement !== undefined && { replacement }),
    }),
  );
}

/** Keeps what a selector selects, by the labels of a role: `service`, `pod`, `ingress`. */
export function selectorRules(selector: WireSelector = {}, role: string): Rule[] {
  const both = (key: string) => [labelOf(role, key), presentOf(role, key)];
  const exact = Object.entries(selector.matchLabels ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => fullRule({ action: "keep", source_labels: both(key), regex: `(${value});true` }));
  const others = (selector.matchExpressions ?? []).flatMap(({ key = "", operator = "", values = [] }) => {
    switch (operator) {
      case "In":
        return [fullRule({ action: "keep", source_labels: both(key), regex: `(${values.join("|")});true` })];
      case "NotIn":
        return [fullRule({ action: "drop", source_labels: both(key), regex: `(${values.join("|")});true` })];
      case "Exists":
        return [fullRule({ action: "keep", source_labels: [presentOf(role, key)], regex: "true" })];
      case "DoesNotExist":
        return [fullRule({ action: "drop", source_labels: [presentOf(role, key)], regex: "true" })];
      default:
        return [];
    }
  });
  return [...exact, ...others];
}

/** Copies a label under another name. */
export function copyRule(from: string, to: string): Rule {
  return fullRule({ source_labels: [from], target_label: to });
}

/** Copies the labels of a role's object that a resource names, where they are there. */
export function labelRules(names: readonly string[] = [], role: string): Rule[] {
  return names.map((name) => presentRule(labelOf(role, name), safeName(name)));
}

/** Copies a label where it is not empty. */
export function presentRule(from: string, to: string): Rule {
  return fullRule({ source_labels: [from], regex: "(.+)", replacement: "${1}", target_label: to });
}

export function constantRule(to: string, value: string): Rule {
  return fullRule({ target_label: to, replacement: value });
}

export function labelOf(role: string, key: string): string {
  return `__meta_kubernetes_${role}_label_${safeName(key)}`;
}

function presentOf(role: string, key: string): string {
  return `__meta_kubernetes_${role}_labelpresent_${safeName(key)}`;
}

export function safeName(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/g, "_");
}

/** Throws with what is wrong with one of the rules. */
export function checkRules(rules: readonly Rule[]): void {
  try {
    compileRules(rules);
  } catch (error) {
    throw error instanceof GoError ? new Error(`a relabelling rule is wrong: ${error.message}`) : error;
  }
}
