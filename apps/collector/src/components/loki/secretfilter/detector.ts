import { textFromBytes } from "@invar/go-compat";
import { KeywordScan } from "./keyword-scan.ts";
import type { Allowlist, RuleSet, SecretRule } from "./rule-set.ts";

export interface Finding {
  readonly rule: string;
  readonly secret: string;
  readonly match: string;
  /** Line and column of the match, from 0. */
  readonly line: number;
  readonly column: number;
}

/** Written in a line, it says that what looks like a secret is none. */
const ALLOW_MARK = "gitleaks:allow";

/** Finds secrets in texts. A text without a keyword of any rule costs one pass over its bytes. */
export class Detector {
  readonly #rules: readonly SecretRule[];
  readonly #byId: ReadonlyMap<string, SecretRule>;
  readonly #allowlists: readonly Allowlist[];
  readonly #keywords: KeywordScan;
  /** By keyword: the rules that have it. */
  readonly #rulesOf: readonly (readonly number[])[];
  /** Rules that are asked for every text. */
  readonly #always: readonly number[];
  /** By rule: the number of the text in which a keyword of it was found last. */
  readonly #wantedIn: Uint32Array;
  #text = 0;
  #hits = 0;

  constructor({ rules, allowlists }: RuleSet) {
    // Rules for files apply to lines only where they match a file without a name.
    this.#rules = rules.filter(({ regex, path }) => regex !== undefined && (path === undefined || path.test("")));
    this.#byId = new Map(this.#rules.map((rule) => [rule.id, rule]));
    this.#allowlists = allowlists;
    const keywords = [...new Set(this.#rules.flatMap((rule) => rule.keywords))];
    this.#keywords = new KeywordScan(keywords);
    this.#rulesOf = keywords.map((keyword) => [...this.#rules.keys()].filter((at) => this.#rules[at]?.keywords.includes(keyword)));
    this.#always = [...this.#rules.keys()].filter((at) => this.#rules[at]?.keywords.length === 0);
    this.#wantedIn = new Uint32Array(this.#rules.length);
  }

  /**
   * The secrets in a text, in order of the rules. `isLate` is asked before each rule: what was found until it says so is returned.
   */
  find(bytes: Uint8Array, start: number, end: number, isLate: () => boolean): readonly Finding[] {
    this.#text++;
    this.#hits = 0;
    this.#keywords.scan(bytes, start, end, this.#onKeyword);
    if (this.#hits === 0 && this.#always.length === 0) return none;
    for (const at of this.#always) this.#wantedIn[at] = this.#text;
    const text = textFromBytes(bytes.subarray(start, end));
    const findings: Finding[] = [];
    for (let at = 0; at < this.#rules.length; at++) {
      if (this.#wantedIn[at] !== this.#text) continue;
      if (isLate()) break;
      const rule = this.#rules[at] as SecretRule;
      if (!rule.skipReport) findings.push(...this.#findByRule(rule, text));
    }
    return findings.length < 2 ? findings : withoutRepeated(findings);
  }

  readonly #onKeyword = (keyword: number): void => {
    for (const rule of this.#rulesOf[keyword] ?? []) this.#wantedIn[rule] = this.#text;
    this.#hits++;
  };

  #findByRule(rule: SecretRule, text: string): Finding[] {
    const found = this.#matches(rule, text);
    if (found.length === 0 || rule.required.length === 0) return found;
    const companions = rule.required.map((required) => {
      const other = this.#byId.get(required.id);
      return { required, found: other === undefined ? [] : this.#matches(other, text) };
    });
    return found.filter((finding) =>
      companions.every(({ required, found: others }) =>
        others.some(
          ({ line, column }) =>
            (required.withinLines === undefined || Math.abs(line - finding.line) <= required.withinLines) &&
            (required.withinColumns === undefined || Math.abs(column - finding.column) <= required.withinColumns),
        ),
      ),
    );
  }

  #matches(rule: SecretRule, text: string): Finding[] {
    const findings: Finding[] = [];
    const { regex } = rule;
    // Whether there is a match is told ten times as fast as where: most lines with a keyword have none.
    if (regex === undefined || !regex.test(text)) return findings;
    for (let from = 0; from <= text.length; ) {
      const found = regex.exec(text, from);
      if (found === undefined) break;
      from = found.end > found.start ? found.end : found.end + 1;
      const finding = this.#finding(rule, text, found.start, found.end);
      if (finding !== undefined) findings.push(finding);
    }
    return findings;
  }

  #finding(rule: SecretRule, text: string, start: number, end: number): Finding | undefined {
    const match = text.slice(start, end).replace(/^\n+|\n+$/g, "");
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const lineEnd = text.indexOf("\n", start + match.length);
    const lines = text.slice(start === 0 ? 0 : lineStart, lineEnd < 0 ? text.length : lineEnd);
    if (lines.includes(ALLOW_MARK)) return undefined;
    const secret = secretIn(rule, match);
    if (secret === undefined || (rule.entropy !== 0 && entropyOf(secret) <= rule.entropy)) return undefined;
    const isAllowed = (list: Allowlist) => allows(list, { secret, match, line: lines });
    if (this.#allowlists.some(isAllowed) || rule.allowlists.some(isAllowed)) return undefined;
    const line = text.slice(0, start).split("\n").length - 1;
    return { rule: rule.id, secret, match, line, column: start - lineStart };
  }
}

const none: readonly Finding[] = [];

/** The group that the rule names, else the first that took part, else the match. Looked for in the match alone. */
function secretIn({ regex, secretGroup }: SecretRule, match: string): string | undefined {
  const groups = regex?.exec(match)?.groups ?? [];
  if (groups.length < 2) return match;
  if (secretGroup > 0) return groups[secretGroup] ?? "";
  return groups.slice(1).find((group) => group !== undefined && group !== "") ?? match;
}

function allows(list: Allowlist, { secret, match, line }: { secret: string; match: string; line: string }): boolean {
  const target = list.target === "match" ? match : list.target === "line" ? line : secret;
  const byRegex = target !== "" && list.regexes.some((regex) => regex.test(target));
  const lower = secret.toLowerCase();
  const byWord = secret !== "" && list.stopwords.some((word) => lower.includes(word));
  if (!list.isAnd) return byRegex || byWord;
  if (list.isForFiles) return false;
  return (list.regexes.length === 0 || byRegex) && (list.stopwords.length === 0 || byWord);
}

/** Shannon's entropy in bits a character, where the length counts in bytes. */
export function entropyOf(text: string): number {
  if (text === "") return 0;
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = Buffer.byteLength(text);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / length) * Math.log2(count / length);
  return entropy;
}

/** What a generic rule has found is left out where a particular one has found it, too. */
function withoutRepeated(findings: readonly Finding[]): Finding[] {
  const isGeneric = ({ rule }: Finding) => rule.toLowerCase().includes("generic");
  return findings.filter(
    (finding) =>
      !isGeneric(finding) ||
      !findings.some((other) => other.line === finding.line && !isGeneric(other) && other.secret.includes(finding.secret)),
  );
}
