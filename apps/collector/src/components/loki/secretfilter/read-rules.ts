import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import type { AllowlistEntry, RequiredEntry, RuleEntry, RuleFile } from "./rule-file.ts";
import { RuleError, type RuleSet, ruleSetOf } from "./rule-set.ts";

/** The rules of a file in TOML. Throws `RuleError`. */
export function readRules(path: string): RuleSet {
  return ruleSetOf(readFile(path), readFile);
}

function readFile(path: string): RuleFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new RuleError(`read gitleaks config: open ${path}: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return ruleFileOf(parse(text));
  } catch (error) {
    if (error instanceof TomlError) throw new RuleError(`parse gitleaks config: ${path}: ${error.message}`);
    throw error;
  }
}

/** What the incumbent's reader takes: keys in any case, unknown ones ignored, numbers where texts could be refused. */
function ruleFileOf(content: unknown): RuleFile {
  const root = tableOf(content);
  const extend = tableOf(root.extend);
  return {
    extend: { path: textIn(extend, "path"), useDefault: extend.usedefault === true, disabledRules: textsIn(extend, "disabledrules") },
    ...(root.allowlist === undefined ? {} : { allowlist: allowlistOf(root.allowlist) }),
    allowlists: tablesIn(root, "allowlists").map(allowlistOf),
    rules: tablesIn(root, "rules").map(ruleOf),
  };
}

function ruleOf(content: unknown): RuleEntry {
  const rule = tableOf(content);
  return {
    id: textIn(rule, "id"),
    regex: textIn(rule, "regex"),
    path: textIn(rule, "path"),
    entropy: numberIn(rule, "entropy") ?? 0,
    secretGroup: numberIn(rule, "secretgroup") ?? 0,
    keywords: textsIn(rule, "keywords"),
    skipReport: rule.skipreport === true,
    ...(rule.allowlist === undefined ? {} : { allowlist: allowlistOf(rule.allowlist) }),
    allowlists: tablesIn(rule, "allowlists").map(allowlistOf),
    required: tablesIn(rule, "required").map(requiredOf),
  };
}

function requiredOf(content: unknown): RequiredEntry {
  const required = tableOf(content);
  const withinLines = numberIn(required, "withinlines");
  const withinColumns = numberIn(required, "withincolumns");
  return {
    id: textIn(required, "id"),
    ...(withinLines === undefined ? {} : { withinLines }),
    ...(withinColumns === undefined ? {} : { withinColumns }),
  };
}

function allowlistOf(content: unknown): AllowlistEntry {
  const list = tableOf(content);
  return {
    condition: textIn(list, "condition"),
    regexTarget: textIn(list, "regextarget"),
    regexes: textsIn(list, "regexes"),
    stopwords: textsIn(list, "stopwords"),
    paths: textsIn(list, "paths"),
    commits: textsIn(list, "commits"),
    targetRules: textsIn(list, "targetrules"),
  };
}

type Table = Readonly<Record<string, unknown>>;

function tableOf(content: unknown): Table {
  if (content === undefined) return {};
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw new RuleError("parse gitleaks config: expected a table");
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key.toLowerCase(), value]));
}

function tablesIn(table: Table, key: string): readonly unknown[] {
  const value = table[key] ?? [];
  if (!Array.isArray(value)) throw new RuleError(`parse gitleaks config: ${key} must be tables: [[${key}]]`);
  return value;
}

function textIn(table: Table, key: string): string {
  const value = table[key] ?? "";
  if (typeof value === "object") throw new RuleError(`parse gitleaks config: ${key} must be a text`);
  return String(value);
}

function textsIn(table: Table, key: string): string[] {
  const value = table[key] ?? [];
  if (!Array.isArray(value)) throw new RuleError(`parse gitleaks config: ${key} must be a list of texts`);
  return value.map(String);
}

function numberIn(table: Table, key: string): number | undefined {
  const value = table[key];
  if (value === undefined) return undefined;
  if (typeof value !== "number" && typeof value !== "bigint") throw new RuleError(`parse gitleaks config: ${key} must be a number`);
  return Number(value);
}
