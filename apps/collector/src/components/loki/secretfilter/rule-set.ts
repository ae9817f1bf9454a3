import { compileRegexp, GoError, type Regexp } from "@invar/go-compat";
import { defaultRules } from "./default-rules.generated.ts";
import type { AllowlistEntry, RuleEntry, RuleFile } from "./rule-file.ts";

export interface RuleSet {
  readonly rules: readonly SecretRule[];
  /** For findings of all rules. */
  readonly allowlists: readonly Allowlist[];
}

export interface SecretRule {
  readonly id: string;
  readonly regex: Regexp | undefined;
  /** Where it is given, the rule is for files: it applies to lines only where it matches a file without a name. */
  readonly path: Regexp | undefined;
  readonly entropy: number;
  readonly secretGroup: number;
  /** In lower case; a line has one of them, or the rule is not asked. */
  readonly keywords: readonly string[];
  readonly allowlists: readonly Allowlist[];
  readonly required: readonly RequiredRule[];
  /** Only other rules ask for it. */
  readonly skipReport: boolean;
}

export interface RequiredRule {
  readonly id: string;
  readonly withinLines: number | undefined;
  readonly withinColumns: number | undefined;
}

export interface Allowlist {
  readonly isAnd: boolean;
  readonly target: "secret" | "match" | "line";
  readonly regexes: readonly Regexp[];
  /** In lower case. */
  readonly stopwords: readonly string[];
  /** There are conditions on files or commits, which lines never fulfil. */
  readonly isForFiles: boolean;
}

/** A rule file can't be used. */
export class RuleError extends Error {}

/** How deep files extend each other. */
const MAX_DEPTH = 2;

/** The rules of a file and of those that it extends; `read` gives the content of a file. Throws `RuleError`. */
export function ruleSetOf(file: RuleFile, read: (path: string) => RuleFile, depth = 0): RuleSet {
  const own = (file.rules ?? []).map(ruleOf);
  const rules = new Map(own.map((rule) => [rule.id, rule]));
  const lists = listsOf(file.allowlist, file.allowlists, "[allowlist]", "[[allowlists]]");
  const allowlists = lists.filter(({ targetRules = [] }) => targetRules.length === 0).map((entry) => allowlistOf(entry, "[[allowlists]]"));
  const base = depth === MAX_DEPTH ? undefined : baseOf(file, read, depth);
  const extended = base === undefined ? [...rules.values()] : merged(rules, base, file.extend?.disabledRules ?? []);
  if (depth > 0) return { rules: extended, allowlists: [...allowlists, ...(base?.allowlists ?? [])] };
  for (const rule of extended) check(rule, extended);
  return { rules: withTargeted(extended, lists), allowlists: [...allowlists, ...(base?.allowlists ?? [])] };
}

/** The rules that apply where none are configured. */
export function defaultRuleSet(): RuleSet {
  return ruleSetOf(defaultRules, () => ({}));
}

function baseOf({ extend }: RuleFile, read: (path: string) => RuleFile, depth: number): RuleSet | undefined {
  const path = extend?.path ?? "";
  if (extend?.useDefault === true && path !== "")
    throw new RuleError("unable to load config due to extend.path and extend.useDefault being set");
  if (extend?.useDefault === true) return ruleSetOf(defaultRules, read, depth + 1);
  return path === "" ? undefined : ruleSetOf(read(path), read, depth + 1);
}

/** The rules of both; what a rule says anew takes the place of what the extended one says. */
function merged(own: ReadonlyMap<string, SecretRule>, base: RuleSet, disabled: readonly string[]): SecretRule[] {
  const rules = new Map(own);
  for (const rule of base.rules) {
    if (disabled.includes(rule.id)) continue;
    const change = own.get(rule.id);
    rules.set(rule.id, change === undefined ? rule : changed(rule, change));
  }
  return [...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function changed(rule: SecretRule, change: SecretRule): SecretRule {
  return {
    ...rule,
    regex: change.regex ?? rule.regex,
    path: change.path ?? rule.path,
    entropy: change.entropy === 0 ? rule.entropy : change.entropy,
    secretGroup: change.secretGroup === 0 ? rule.secretGroup : change.secretGroup,
    keywords: [...rule.keywords, ...change.keywords],
    allowlists: [...rule.allowlists, ...change.allowlists],
  };
}

function withTargeted(rules: readonly SecretRule[], lists: readonly AllowlistEntry[]): SecretRule[] {
  const added = new Map<string, Allowlist[]>();
  for (const entry of lists)
    for (const id of entry.targetRules ?? []) {
      if (!rules.some((rule) => rule.id === id)) throw new RuleError(`[[allowlists]] target rule ID '${id}' does not exist`);
      added.set(id, [...(added.get(id) ?? []), allowlistOf(entry, "[[allowlists]]")]);
    }
  return rules.map((rule) => ({ ...rule, allowlists: [...rule.allowlists, ...(added.get(rule.id) ?? [])] }));
}

function ruleOf(entry: RuleEntry): SecretRule {
  const id = entry.id ?? "";
  const lists = listsOf(entry.allowlist, entry.allowlists, `${id}: [rules.allowlist]`, "[[rules.allowlist]]");
  return {
    id,
    regex: entry.regex === undefined || entry.regex === "" ? undefined : compiled(entry.regex, id),
    path: entry.path === undefined || entry.path === "" ? undefined : compiled(entry.path, id),
    entropy: entry.entropy ?? 0,
    secretGroup: entry.secretGroup ?? 0,
    keywords: (entry.keywords ?? []).map((keyword) => keyword.toLowerCase()),
    allowlists: lists.map((each) => allowlistOf(each, `${id}: [[rules.allowlists]]`)),
    required: (entry.required ?? []).map((each) => {
      if (each.id === undefined || each.id === "") throw new RuleError(`${id}: [[rules.required]] rule ID is empty`);
      return { id: each.id, withinLines: each.withinLines, withinColumns: each.withinColumns };
    }),
    skipReport: entry.skipReport ?? false,
  };
}

function listsOf(
  one: AllowlistEntry | undefined,
  many: readonly AllowlistEntry[] | undefined,
  oldName: string,
  name: string,
): readonly AllowlistEntry[] {
  if (one === undefined) return many ?? [];
  if (many !== undefined && many.length > 0) throw new RuleError(`${oldName} is deprecated, it cannot be used alongside ${name}`);
  return [one];
}

function allowlistOf(entry: AllowlistEntry, where: string): Allowlist {
  const { condition = "", regexTarget = "", regexes = [], stopwords = [], paths = [], commits = [] } = entry;
  if (regexes.length + stopwords.length + paths.length + commits.length === 0)
    throw new RuleError(`${where} must contain at least one check for: commits, paths, regexes, or stopwords`);
  if (!["", "OR", "||", "AND", "&&"].includes(condition.toUpperCase()))
    throw new RuleError(`${where} unknown allowlist |condition| '${condition}' (expected 'and', 'or')`);
  if (!isTarget(regexTarget)) throw new RuleError(`${where} unknown allowlist |regexTarget| '${regexTarget}' (expected 'match', 'line')`);
  return {
    isAnd: ["AND", "&&"].includes(condition.toUpperCase()),
    target: regexTarget === "" ? "secret" : regexTarget,
    regexes: regexes.map((pattern) => compiled(pattern, where)),
    stopwords: stopwords.map((word) => word.toLowerCase()),
    isForFiles: paths.length + commits.length > 0,
  };
}

function isTarget(text: string): text is "" | Allowlist["target"] {
  return text === "" || text === "secret" || text === "match" || text === "line";
}

function compiled(pattern: string, where: string): Regexp {
  try {
    return compileRegexp(pattern);
  } catch (error) {
    if (error instanceof GoError) throw new RuleError(`${where}: ${error.message}`);
    throw error;
  }
}

function check({ id, regex, path, secretGroup, required }: SecretRule, all: readonly SecretRule[]): void {
  if (id.trim() === "") throw new RuleError("rule |id| is missing or empty");
  if (regex === undefined && path === undefined)
    throw new RuleError(`${id}: both |regex| and |path| are empty, this rule will have no effect`);
  const groups = (regex?.groupNames.length ?? 1) - 1;
  if (regex !== undefined && secretGroup > groups)
    throw new RuleError(`${id}: invalid regex secret group ${secretGroup}, max regex secret group ${groups}`);
  for (const each of required)
    if (!all.some((rule) => rule.id === each.id)) throw new RuleError(`${id}: [[rules.required]] rule ID '${each.id}' does not exist`);
}
