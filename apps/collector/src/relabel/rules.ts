import { hash } from "node:crypto";
import { compileRegexp, type Regexp } from "@invar/go-compat";
import { LabelSet } from "./label-set.ts";
import type { Rule } from "./rule.ts";
import { toLowerCase, toUpperCase } from "./simple-case.ts";

/** Which names a rule may write: series and streams have the classic names, targets any text. */
export type NameScheme = "legacy" | "utf8";

/** Rules ready to be applied; what components export as `rules`. */
export interface Rules {
  /** As the user wrote them. */
  readonly source: readonly Rule[];
  /** Changes the labels in place; false where a rule says to drop what carries them. */
  apply(labels: LabelSet, names: NameScheme): boolean;
}

type Step = (labels: LabelSet, names: NameScheme) => boolean;

/** Compiles rules which were checked before. */
export function compileRules(source: readonly Rule[]): Rules {
  const steps = source.map(compileRule);
  return {
    source,
    apply(labels, names) {
      for (const step of steps) if (!step(labels, names)) return false;
      return true;
    },
  };
}

export const noRules: Rules = compileRules([]);

/** The labels after all rules, sorted by name; undefined where a rule says to drop what carries them. */
export function relabel(
  labels: Readonly<Record<string, string>>,
  rules: Rules,
  names: NameScheme = "legacy",
): Record<string, string> | undefined {
  const changing = LabelSet.of(labels);
  return rules.apply(changing, names) ? changing.toRecord() : undefined;
}

/** Whether both lists hold equal rules, so that what was derived from one holds for the other. */
export function sameRules(a: readonly Rule[], b: readonly Rule[]): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function compileRule(rule: Rule): Step {
  const regex = compileRegexp(rule.regex, { anchored: true });
  const joined = joiner(rule.source_labels ?? [], rule.separator);
  const target = rule.target_label;
  switch (rule.action) {
    case "replace":
      return replaceStep(rule, regex, joined);
    case "keep":
      return (labels) => regex.test(joined(labels));
    case "drop":
      return (labels) => !regex.test(joined(labels));
    case "keepequal":
      return (labels) => labels.get(target) === joined(labels);
    case "dropequal":
      return (labels) => labels.get(target) !== joined(labels);
    case "lowercase":
      return changes((labels) => labels.set(target, toLowerCase(joined(labels))));
    case "uppercase":
      return changes((labels) => labels.set(target, toUpperCase(joined(labels))));
    case "hashmod": {
      const modulus = BigInt(rule.modulus);
      return changes((labels) => labels.set(target, String(lowHalfOfMd5(joined(labels)) % modulus)));
    }
    case "labelmap":
      return changes((labels) => mapNames(labels, regex, rule.replacement));
    case "labeldrop":
      return changes((labels) => deleteNames(labels, (name) => regex.test(name)));
    case "labelkeep":
      return changes((labels) => deleteNames(labels, (name) => !regex.test(name)));
    default:
      return rule.action satisfies never;
  }
}

function changes(change: (labels: LabelSet) => void): Step {
  return (labels) => {
    change(labels);
    return true;
  };
}

function joiner(names: readonly string[], separator: string): (labels: LabelSet) => string {
  const [first, ...rest] = names;
  if (first === undefined) return () => "";
  if (rest.length === 0) return (labels) => labels.get(first);
  return (labels) => {
    let joined = labels.get(first);
    for (const name of rest) joined += separator + labels.get(name);
    return joined;
  };
}

function replaceStep(rule: Rule, regex: Regexp, joined: (labels: LabelSet) => string): Step {
  const { target_label, replacement } = rule;
  const isTargetFixed = !target_label.includes("$");
  const isReplacementFixed = !replacement.includes("$");
  return (labels, names) => {
    const text = joined(labels);
    if (!regex.test(text)) return true;
    // The pattern is anchored at both ends: replacing "all" expands the template once.
    const target = isTargetFixed ? target_label : regex.replaceAll(text, target_label);
    if (isLabelName(target, names)) labels.set(target, isReplacementFixed ? replacement : regex.replaceAll(text, replacement));
    return true;
  };
}

function mapNames(labels: LabelSet, regex: Regexp, replacement: string): void {
  const { names, values } = labels.snapshot();
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? "";
    if (!regex.test(name)) continue;
    const mapped = regex.replaceAll(name, replacement);
    // A label without a name could not be sent to anybody.
    if (mapped !== "") labels.set(mapped, values[i] ?? "");
  }
}

function deleteNames(labels: LabelSet, isDeleted: (name: string) => boolean): void {
  for (const name of labels.snapshot().names) if (isDeleted(name)) labels.delete(name);
}

function isLabelName(name: string, scheme: NameScheme): boolean {
  return scheme === "utf8" ? name !== "" : /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

function lowHalfOfMd5(text: string): bigint {
  return Buffer.from(hash("md5", text, "hex"), "hex").readBigUInt64BE(8);
}
