import { GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { KINDS } from "./assertion-kinds.ts";
import { type DocumentSelector, type DocumentsByTemplate, parseSelector, selectDocuments } from "./select-documents.ts";
import type { SnapshotPatterns, SnapshotResult } from "./snapshots.ts";

/** One entry of `asserts`. */
export interface Assertion {
  readonly kind: string;
  /** As it is written: `not: true`. */
  readonly isNot: boolean;
  readonly template: string;
  readonly documentIndex: number | undefined;
  readonly documentSelector: DocumentSelector | undefined;
  /** Whether the chart has to render for it. */
  readonly expectsRender: boolean;
  readonly isNegative: boolean;
  readonly check: Check;
}

export type Check = (context: CheckContext) => CheckResult;

/** What an assertion is checked against: the documents of one template. */
export interface CheckContext {
  readonly documents: readonly GoMap[];
  /** Those that the selector or index means. */
  readonly selected: readonly GoMap[];
  readonly isNegative: boolean;
  /** Why the chart did not render, where no template can be named. */
  readonly renderError: string | undefined;
  readonly compareSnapshot: (content: GoValue, patterns?: SnapshotPatterns) => SnapshotResult;
}

export interface CheckResult {
  readonly isPassed: boolean;
  /** Lines for people. */
  readonly problems: readonly string[];
}

/** What one test rendered. */
export interface Outcome {
  readonly documents: DocumentsByTemplate;
  readonly isRendered: boolean;
  readonly renderError: string | undefined;
  readonly compareSnapshot: CheckContext["compareSnapshot"];
}

export interface AssertionResult extends CheckResult {
  readonly isSkipped: boolean;
}

const OPTION_KEYS = new Set(["template", "documentIndex", "not", "documentSelector"]);

/** Reads an assertion. Throws `GoError`. */
export function parseAssertion(entry: GoValue): Assertion {
  if (!(entry instanceof Map)) throw new GoError("an assertion is a mapping with one assertion type");
  const names = [...entry.keys()].filter((key) => KINDS.has(key));
  const [kind, second] = names;
  if (second !== undefined) throw new GoError(`assertion type \`${kind}\` and \`${second}\` is declared duplicately`);
  if (kind === undefined) {
    const other = [...entry.keys()].find((key) => !OPTION_KEYS.has(key));
    throw new GoError(other === undefined ? "no assertion type defined" : `Assertion type \`${other}\` is invalid`);
  }
  const definition = KINDS.get(kind) as NonNullable<ReturnType<typeof KINDS.get>>;
  const index = entry.get("documentIndex");
  const selector = entry.get("documentSelector");
  const template = entry.get("template");
  const isNot = entry.get("not") === true;
  const parameters = entry.get(kind) ?? null;
  if (parameters !== null && !(parameters instanceof Map)) throw new GoError(`the parameters of \`${kind}\` are a mapping`);
  return {
    kind,
    isNot,
    template: typeof template === "string" ? template : "",
    documentIndex: typeof index === "bigint" && index >= 0n ? Number(index) : undefined,
    documentSelector: selector instanceof Map ? parseSelector(selector) : undefined,
    expectsRender: definition.expectsRender,
    isNegative: isNot !== definition.isAntonym,
    check: definition.parse(parameters ?? new Map()),
  };
}

/** Checks an assertion against the documents of these templates. `skipsEmpty` is what the test's own selector says. */
export function runAssertion(assertion: Assertion, outcome: Outcome, templates: readonly string[], skipsEmpty: boolean): AssertionResult {
  const all = new Map([...new Set(templates)].sort().map((template) => [template, outcome.documents.get(template)]));
  let selected: Map<string, readonly GoMap[]>;
  try {
    selected = documentsMeant(assertion, all);
  } catch (error) {
    if (error instanceof GoError) return failed(["Error:", error.message]);
    throw error;
  }
  if (selected.size === 0) {
    if (skipsEmpty) return { isPassed: true, isSkipped: true, problems: [] };
    if (assertion.expectsRender !== outcome.isRendered) return failed(["Error: rendered manifest is empty"]);
    return { ...assertion.check(contextOf(assertion, outcome, [], [])), isSkipped: false };
  }
  const problems: string[] = [];
  let isPassed = true;
  for (const [template, documents] of selected) {
    const result = checkTemplate(assertion, outcome, template, documents);
    if (result.isPassed) continue;
    isPassed = false;
    problems.push(...result.problems);
  }
  return { isPassed, isSkipped: false, problems };
}

function documentsMeant({ documentSelector, documentIndex }: Assertion, all: DocumentsByTemplate): Map<string, readonly GoMap[]> {
  if (documentSelector !== undefined && documentSelector.path !== "") return selectDocuments(documentSelector, all);
  if (documentIndex === undefined) return new Map([...all].map(([template, documents]) => [template, documents ?? []]));
  return new Map(
    [...all].map(([template, documents]) => {
      const document = documents?.[documentIndex];
      if (document === undefined) throw new GoError(`document index ${documentIndex} is out of range`);
      return [template, [document]];
    }),
  );
}

function checkTemplate(assertion: Assertion, outcome: Outcome, template: string, selected: readonly GoMap[]): CheckResult {
  const documents = outcome.documents.get(template);
  if (documents === undefined && assertion.expectsRender) {
    const problem =
      template === ""
        ? "\tassertion.template must be given if testsuite.templates is empty"
        : `\ttemplate "${template}" not exists or not selected in test suite`;
    return failed(["Error:", problem]);
  }
  const named = [`Template:\t${template}`];
  if (assertion.expectsRender !== outcome.isRendered) {
    const raw = documents?.[0]?.get("raw");
    return failed([...named, raw === undefined ? "Error: rendered manifest is empty" : `Error: Invalid rendering: ${raw}`]);
  }
  const result = assertion.check(contextOf(assertion, outcome, documents ?? [], selected));
  return result.isPassed ? result : { ...result, problems: [...named, ...result.problems] };
}

function contextOf(
  { isNegative }: Assertion,
  { renderError, compareSnapshot }: Outcome,
  documents: readonly GoMap[],
  selected: readonly GoMap[],
): CheckContext {
  return { documents, selected, isNegative, renderError, compareSnapshot };
}

function failed(problems: readonly string[]): AssertionResult {
  return { isPassed: false, isSkipped: false, problems };
}
