import { compileRegexp, formatValue, GoError, type GoMap, type GoValue, quoteMeta, type Regexp, typeOf } from "@invar/go-compat";
import type { Check, CheckContext, CheckResult } from "./assertion.ts";
import { type CompareKind, compareValue } from "./compare-value.ts";
import { containsMap, equals } from "./equals.ts";
import { explanation, problemAt } from "./explanation.ts";
import { parsePath } from "./path.ts";
import { snapshotText } from "./snapshots.ts";

export interface AssertionKind {
  /** `notEqual` beside `equal`. */
  readonly isAntonym: boolean;
  readonly expectsRender: boolean;
  readonly parse: (parameters: GoMap) => Check;
}

function kind(parse: AssertionKind["parse"], isAntonym = false): AssertionKind {
  return { parse, isAntonym, expectsRender: true };
}

/** Every assertion type by its name in suites. */
export const KINDS: ReadonlyMap<string, AssertionKind> = new Map([
  ["equal", kind(equal)],
  ["notEqual", kind(equal, true)],
  ["equalRaw", kind(equalRaw)],
  ["notEqualRaw", kind(equalRaw, true)],
  ["greaterOrEqual", kind((parameters) => ordered("greater", parameters))],
  ["notGreaterOrEqual", kind((parameters) => ordered("greater", parameters), true)],
  ["lessOrEqual", kind((parameters) => ordered("less", parameters))],
  ["notLessOrEqual", kind((parameters) => ordered("less", parameters), true)],
  ["exists", kind(exists)],
  ["notExists", kind(exists, true)],
  ["isNotNull", kind(exists)],
  ["isNull", kind(exists, true)],
  ["isNullOrEmpty", kind(isNullOrEmpty)],
  ["isNotNullOrEmpty", kind(isNullOrEmpty, true)],
  ["isEmpty", kind(isNullOrEmpty)],
  ["isNotEmpty", kind(isNullOrEmpty, true)],
  ["matchRegex", kind(matchRegex)],
  ["notMatchRegex", kind(matchRegex, true)],
  ["matchRegexRaw", kind(matchRegexRaw)],
  ["notMatchRegexRaw", kind(matchRegexRaw, true)],
  ["contains", kind(contains)],
  ["notContains", kind(contains, true)],
  ["isSubset", kind(isSubset)],
  ["isNotSubset", kind(isSubset, true)],
  ["isType", kind(isType)],
  ["isNotType", kind(isType, true)],
  ["isKind", kind((parameters) => isField("kind", " to be kind", parameters))],
  ["isAPIVersion", kind((parameters) => isField("apiVersion", " to be apiVersion", parameters))],
  ["hasDocuments", kind(hasDocuments)],
  ["containsDocument", kind(containsDocument)],
  ["lengthEqual", kind(lengthEqual)],
  ["notLengthEqual", kind(lengthEqual, true)],
  ["matchSnapshot", kind(matchSnapshot)],
  ["matchSnapshotRaw", kind(() => matchSnapshotRaw)],
  ["failedTemplate", { parse: failedTemplate, isAntonym: false, expectsRender: false }],
  ["notFailedTemplate", kind(failedTemplate, true)],
]);

/** A parameter, whatever case its letters have. */
function parameter(parameters: GoMap, name: string): GoValue {
  const key = [...parameters.keys()].find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? null : (parameters.get(key) ?? null);
}

function text(parameters: GoMap, name: string): string {
  const value = parameter(parameters, name);
  if (value === null || typeof value === "string") return value ?? "";
  throw new GoError(`'${name}' expected type 'string', got '${typeOf(value).name}': put it between quotes`);
}

function whole(parameters: GoMap, name: string): number | undefined {
  const value = parameter(parameters, name);
  if (value === null) return undefined;
  if (typeof value === "bigint") return Number(value);
  throw new GoError(`'${name}' expected type 'int', got '${typeOf(value).name}'`);
}

const PASSED: CheckResult = { isPassed: true, problems: [] };

function result(problems: readonly string[]): CheckResult {
  return problems.length === 0 ? PASSED : { isPassed: false, problems };
}

/** Without documents, only what is denied holds. */
function everyDocument(context: CheckContext, path: string, check: (document: GoMap, index: number) => readonly string[]): CheckResult {
  if (context.selected.length === 0) {
    return context.isNegative
      ? PASSED
      : result(explanation({ path, expected: " to find", wanted: "a document", actual: "no manifest found" }));
  }
  return result(context.selected.flatMap((document, index) => check(document, index)));
}

/** Checks each value that a path leads to; where it leads nowhere, only what is denied holds. */
function everyValue(
  context: CheckContext,
  path: string,
  check: (value: GoValue, at: { documentIndex: number; valueIndex: number }) => readonly string[],
): CheckResult {
  return everyDocument(context, path, (document, documentIndex) =>
    guarded({ documentIndex }, () => {
      const values = parsePath(path)(document);
      if (values.length === 0) return context.isNegative ? [] : problemAt({ documentIndex }, `unknown path ${path}`);
      return values.flatMap((value, valueIndex) => check(value, { documentIndex, valueIndex }));
    }),
  );
}

function guarded(at: { documentIndex?: number }, step: () => readonly string[]): readonly string[] {
  try {
    return step();
  } catch (error) {
    if (error instanceof GoError) return problemAt(at, error.message);
    throw error;
  }
}

/** Without spaces before line breaks and breaks at the start. */
function uniform(content: string): string {
  return content.replaceAll(/ +\r?\n/g, "\n").replace(/^\n+/, "");
}

function decoded(value: string, isBase64: boolean): string {
  if (!isBase64) return value;
  if (!/^[A-Za-z0-9+/\r\n]*={0,2}$/.test(value) || value.replaceAll(/[\r\n]/g, "").length % 4 !== 0) {
    throw new GoError(`unable to decode base64 expected content ${value}`);
  }
  return Buffer.from(value, "base64").toString();
}

function equal(parameters: GoMap): Check {
  const path = text(parameters, "path");
  const wanted = parameter(parameters, "value");
  const isBase64 = parameter(parameters, "decodeBase64") === true;
  return (context) =>
    everyValue(context, path, (value, at) => {
      const actual = typeof value === "string" ? uniform(decoded(value, isBase64)) : value;
      if (equals(wanted, actual) !== context.isNegative) return [];
      return explanation({
        ...at,
        path,
        isNot: context.isNegative,
        expected: " to equal",
        wanted: snapshotText(wanted),
        actual: snapshotText(actual),
        shows: "difference",
      });
    });
}

function rawOf(document: GoMap): string {
  return uniform(formatValue(document.get("raw") ?? null));
}

function equalRaw(parameters: GoMap): Check {
  const wanted = text(parameters, "value");
  return (context) =>
    everyDocument(context, "", (document) => {
      const actual = rawOf(document);
      if ((wanted === actual) !== context.isNegative) return [];
      return explanation({
        isNot: context.isNegative,
        expected: " to equal",
        wanted: snapshotText(wanted),
        actual: snapshotText(actual),
        shows: "difference",
      });
    });
}

function ordered(compare: CompareKind, parameters: GoMap): Check {
  const path = text(parameters, "path");
  const wanted = parameter(parameters, "value");
  return (context) =>
    everyValue(context, path, (value, at) => {
      const outcome = compareValue(compare, value, wanted);
      if (typeof outcome === "string") return problemAt(at, outcome);
      // helm-unittest holds `notGreaterOrEqual` for true of any two values of a type; suites have come to rely on it.
      if (outcome !== context.isNegative || (context.isNegative && compare === "greater")) return [];
      const claim = `the actual '${formatValue(value)}' is${context.isNegative ? "" : " not"} ${compare} or equal to the expected '${formatValue(wanted)}'`;
      return explanation({ ...at, path, isNot: context.isNegative, expected: ` to be ${compare} then or equal to, got`, wanted: claim });
    });
}

function exists(parameters: GoMap): Check {
  const path = text(parameters, "path");
  return (context) =>
    everyDocument(context, path, (document, documentIndex) =>
      guarded({ documentIndex }, () => {
        if (parsePath(path)(document).length > 0 !== context.isNegative) return [];
        return [`DocumentIndex:\t${documentIndex}`, `Path:\t${path} expected to ${context.isNegative ? "NOT " : ""}exists`];
      }),
    );
}

function isNullOrEmpty(parameters: GoMap): Check {
  const path = text(parameters, "path");
  return (context) =>
    everyValue(context, path, (value, at) => {
      if (isZero(value) !== context.isNegative) return [];
      return explanation({ ...at, path, isNot: context.isNegative, expected: " to be null or empty, got", wanted: snapshotText(value) });
    });
}

function isZero(value: GoValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return value === null || value === "" || value === 0 || value === 0n || value === false;
}

function required(value: string, name: string): void {
  if (value === "") throw new GoError(`expected field '${name}' to be filled`);
}

function matchRegex(parameters: GoMap): Check {
  const path = text(parameters, "path");
  const source = text(parameters, "pattern");
  const isBase64 = parameter(parameters, "decodeBase64") === true;
  return withPattern(source, (pattern, context) =>
    everyValue(context, path, (value, at) => {
      if (typeof value !== "string") return problemAt(at, `expect '${path}' to be a string, got:\n${snapshotText(value)}`);
      const actual = decoded(value, isBase64);
      if (pattern.test(actual) !== context.isNegative) return [];
      return explanation({ ...at, path, isNot: context.isNegative, expected: " to match", wanted: source, actual });
    }),
  );
}

function matchRegexRaw(parameters: GoMap): Check {
  const source = text(parameters, "pattern");
  return withPattern(source, (pattern, context) =>
    everyDocument(context, "", (document) => {
      const actual = rawOf(document);
      if (pattern.test(actual) !== context.isNegative) return [];
      return explanation({ isNot: context.isNegative, expected: " to match", wanted: source, actual });
    }),
  );
}

function withPattern(source: string, check: (pattern: Regexp, context: CheckContext) => CheckResult): Check {
  return (context) => {
    try {
      required(source, "pattern");
      return check(compileRegexp(source), context);
    } catch (error) {
      if (error instanceof GoError) return result(problemAt({}, error.message));
      throw error;
    }
  };
}

function contains(parameters: GoMap): Check {
  const path = text(parameters, "path");
  const content = parameter(parameters, "content");
  const count = whole(parameters, "count");
  const isAny = parameter(parameters, "any") === true;
  const isFound = (item: GoValue): boolean =>
    isAny && item instanceof Map && content instanceof Map ? containsMap(item, content) : equals(item, content);
  return (context) =>
    everyValue(context, path, (value, at) => {
      if (!Array.isArray(value)) return problemAt(at, `expect '${path}' to be an array, got:\n${snapshotText(value)}`);
      const found = value.filter(isFound).length;
      const holds = count === undefined ? found > 0 : found > 0 && found === count;
      if (holds !== context.isNegative) return [];
      if (count !== undefined && found > 0) {
        return problemAt(at, `expect count ${count} in '${path}' to be in array, got ${found}:\n${snapshotText(value)}`);
      }
      return explanation({
        ...at,
        path,
        isNot: context.isNegative,
        expected: " to contain",
        wanted: snapshotText([content]),
        actual: snapshotText(value),
        shows: "actual",
      });
    });
}

function isSubset(parameters: GoMap): Check {
  const path = text(parameters, "path");
  const content = parameter(parameters, "content");
  return (context) =>
    everyValue(context, path, (value, at) => {
      if (!(value instanceof Map) || !(content instanceof Map)) {
        return problemAt(at, `expect '${path}' to be an object, got:\n${snapshotText(value)}`);
      }
      if (containsMap(value, content) !== context.isNegative) return [];
      return explanation({
        ...at,
        path,
        isNot: context.isNegative,
        expected: " to contain",
        wanted: snapshotText(content),
        actual: snapshotText(value),
        shows: "actual",
      });
    });
}

function isType(parameters: GoMap): Check {
  const path = text(parameters, "path");
  const wanted = text(parameters, "type");
  return (context) =>
    everyValue(context, path, (value, at) => {
      const actual = value === null ? "" : typeOf(value).name;
      if ((actual === wanted) !== context.isNegative) return [];
      return explanation({ ...at, path, isNot: context.isNegative, expected: " to be of type", wanted, actual, shows: "actual" });
    });
}

function isField(field: string, expected: string, parameters: GoMap): Check {
  const wanted = text(parameters, "of");
  return (context) =>
    everyDocument(context, "", (document, documentIndex) => {
      const actual = document.get(field) ?? null;
      if ((actual === wanted) !== context.isNegative) return [];
      return explanation({ documentIndex, isNot: context.isNegative, expected, wanted, actual: snapshotText(actual) });
    });
}

function hasDocuments(parameters: GoMap): Check {
  const wanted = whole(parameters, "count") ?? 0;
  const isFilterAware = parameter(parameters, "filterAware") === true;
  return ({ documents, selected, isNegative }) => {
    const actual = (isFilterAware ? selected : documents).length;
    if ((actual === wanted) !== isNegative) return PASSED;
    return result(explanation({ isNot: isNegative, expected: " documents count to be", wanted: String(wanted), actual: String(actual) }));
  };
}

function containsDocument(parameters: GoMap): Check {
  const kindWanted = text(parameters, "kind");
  const apiVersion = text(parameters, "apiVersion");
  const name = text(parameters, "name");
  const namespace = text(parameters, "namespace");
  const isAny = parameter(parameters, "any") === true;
  const wanted = [
    `Kind = ${kindWanted}, apiVersion = ${apiVersion}`,
    ...(name === "" ? [] : [`Name = ${name}`]),
    ...(namespace === "" ? [] : [`Namespace = ${namespace}`]),
  ].join(", ");
  const isMatch = (document: GoMap): boolean => {
    const own = document.get("metadata");
    const metadata: GoMap = own instanceof Map ? own : new Map();
    return (
      fits(document.get("kind"), kindWanted) &&
      fits(document.get("apiVersion"), apiVersion) &&
      (name === "" || metadata.get("name") === name) &&
      (namespace === "" || metadata.get("namespace") === namespace)
    );
  };
  return ({ selected, isNegative }) => {
    const problem = (documentIndex: number): readonly string[] =>
      explanation({ documentIndex, isNot: isNegative, expected: " to contain document", wanted });
    if (selected.length === 0) return isNegative ? PASSED : result(problem(0));
    const problems: string[] = [];
    for (const [index, document] of selected.entries()) {
      if (isMatch(document) === isNegative) problems.push(...problem(index));
      else if (isAny !== isNegative) return PASSED;
    }
    return result(problems);
  };
}

// What a document does not say is not held against it.
function fits(value: GoValue | undefined, wanted: string): boolean {
  return typeof value !== "string" || value === wanted;
}

function lengthEqual(parameters: GoMap): Check {
  const path = text(parameters, "path");
  const count = whole(parameters, "count");
  const list = parameter(parameters, "paths");
  const paths = Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  if (path !== "" && (count === undefined || count < 0)) return () => result(problemAt({}, "'count' field must be set if 'path' is used"));
  if (path !== "" && paths.length > 0) return () => result(problemAt({}, "'paths' couldn't be used with 'path'"));
  return (context) =>
    everyDocument(context, path, (document, documentIndex) =>
      guarded({ documentIndex }, () => {
        const lengths: number[] = [];
        const problems = (path === "" ? paths : [path]).flatMap((one) => {
          const values = parsePath(one)(document);
          if (values.length === 0 && !context.isNegative) return problemAt({ documentIndex }, `unknown path ${one}`);
          return values.flatMap((value) => {
            if (!Array.isArray(value) && count === undefined) return problemAt({ documentIndex }, `${one} is not array`);
            const length = Array.isArray(value) ? value.length : 0;
            lengths.push(length);
            if (count === undefined || (length === count) !== context.isNegative) return [];
            return lengthProblem(context, { documentIndex, path: one, wanted: String(count), actual: String(length) });
          });
        });
        if (problems.length > 0 || path !== "") return problems;
        const [first] = lengths;
        const other = lengths.slice(1).find((length) => (length === first) === context.isNegative);
        if (other === undefined) return [];
        return lengthProblem(context, { documentIndex, path: paths.join(", "), wanted: String(first), actual: String(other) });
      }),
    );
}

function lengthProblem(
  { isNegative }: CheckContext,
  place: { documentIndex: number; path: string; wanted: string; actual: string },
): readonly string[] {
  return explanation({ ...place, isNot: isNegative, expected: " to match count", shows: "actual" });
}

function matchSnapshot(parameters: GoMap): Check {
  const path = text(parameters, "path");
  const matches = patternIn(parameters, "matchRegex");
  const matchesNot = patternIn(parameters, "notMatchRegex");
  return (context) =>
    snapshotDocuments(context, (document, documentIndex) =>
      guarded({ documentIndex }, () => {
        const values = parsePath(path)(document);
        if (values.length === 0) return context.isNegative ? [] : problemAt({ documentIndex }, `unknown path ${path}`);
        return values.flatMap((value, valueIndex) => {
          const compared = context.compareSnapshot(value, { matches, matchesNot });
          if (compared.isPassed !== context.isNegative) return [];
          const at = { documentIndex, valueIndex, isNot: context.isNegative };
          if (compared.message !== "") return explanation({ ...at, expected: compared.message, wanted: compared.current });
          return explanation({ ...at, path, ...snapshotTexts(compared, context.isNegative) });
        });
      }),
    );
}

function patternIn(parameters: GoMap, name: string): string {
  const value = parameter(parameters, name);
  return value instanceof Map ? text(value, "pattern").trim() : "";
}

function matchSnapshotRaw(context: CheckContext): CheckResult {
  return snapshotDocuments(context, (document) => {
    const compared = context.compareSnapshot(rawOf(document));
    if (compared.isPassed !== context.isNegative) return [];
    return explanation({ isNot: context.isNegative, ...snapshotTexts(compared, context.isNegative) });
  });
}

/** Unlike elsewhere, nothing to compare is as it should be. */
function snapshotDocuments(context: CheckContext, check: (document: GoMap, index: number) => readonly string[]): CheckResult {
  if (context.selected.length === 0 && context.isNegative) return { isPassed: false, problems: ["Error:", "\tno manifest found"] };
  return result(context.selected.flatMap((document, index) => check(document, index)));
}

function snapshotTexts({ index, stored, current }: ReturnType<CheckContext["compareSnapshot"]>, isNegative: boolean) {
  const expected = ` to match snapshot ${index}`;
  return isNegative ? { expected, wanted: stored } : { expected, wanted: stored, actual: current, shows: "only difference" as const };
}

function failedTemplate(parameters: GoMap): Check {
  const message = text(parameters, "errorMessage");
  const source = text(parameters, "errorPattern");
  if (message !== "" && source !== "") {
    return () => result(problemAt({}, "single attribute 'errorMessage' or 'errorPattern' supported at the same time"));
  }
  return ({ selected, isNegative, renderError }) => {
    const problem = (actual: string, documentIndex?: number): readonly string[] =>
      explanation({
        ...(documentIndex === undefined ? {} : { documentIndex }),
        isNot: isNegative,
        expected: source === "" ? " to equal" : " to match",
        wanted: message || source,
        actual,
      });
    const check = (actual: GoValue, documentIndex?: number): readonly string[] => {
      if (message === "" && source === "") return [];
      if (actual === null) return message !== "" && !isNegative ? problem("", documentIndex) : [];
      const shown = formatValue(actual);
      const holds = message === "" ? isLike(shown, source, isNegative) : shown === message;
      return holds !== isNegative ? [] : problem(shown, documentIndex);
    };
    if (renderError !== undefined) return result(check(renderError));
    if (selected.length === 0) return isNegative ? PASSED : result(problem("No failed document"));
    return result(selected.flatMap((document, index) => check(document.get("raw") ?? null, index)));
  };
}

/** A pattern that does not match may still be meant letter by letter. */
function isLike(actual: string, source: string, isNegative: boolean): boolean {
  let matches: boolean;
  try {
    matches = compileRegexp(source).test(actual);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    return compileRegexp(quoteMeta(source)).test(actual);
  }
  const hasSigns = /[\\.+*?()|[\]{}^$]/.test(source);
  return matches === isNegative && hasSigns ? compileRegexp(quoteMeta(source)).test(actual) : matches;
}
