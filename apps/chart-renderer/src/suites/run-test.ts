import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { compareTexts, compileRegexp, GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { type Chart, ChartError } from "../chart/chart.ts";
import { textOf } from "../chart/load-chart.ts";
import { type Capabilities, capabilitiesOf } from "../engine/capabilities.ts";
import { renderTemplates } from "../engine/render.ts";
import { coalesceValues } from "../values/coalesce.ts";
import { resolveDependencies } from "../values/dependencies.ts";
import { validateValues } from "../values/schema.ts";
import { fillTable } from "../values/tables.ts";
import { readDocuments } from "../yaml/read-documents.ts";
import { type Assertion, type AssertionResult, type Outcome, runAssertion } from "./assertion.ts";
import { fakeLookup, withFloats } from "./fake-cluster.ts";
import { chooseTemplates, templateName } from "./select-templates.ts";
import { valuesAt } from "./set-path.ts";
import type { Snapshots } from "./snapshots.ts";
import type { Suite, SuiteTest } from "./suite.ts";

export interface TestResult {
  readonly name: string;
  readonly isPassed: boolean;
  readonly isSkipped: boolean;
  /** Why it could not be run. */
  readonly error: string | undefined;
  readonly failures: readonly Failure[];
  readonly durationMs: number;
}

export interface Failure {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface TestSetting {
  readonly chart: Chart;
  /** From the root chart's name to that which the suite belongs to. */
  readonly route: string;
  readonly suite: Suite;
  /** Values files of the command line. */
  readonly valuesFiles: readonly string[];
  readonly snapshots: Snapshots;
  readonly skipsSchemaValidation: boolean;
  readonly failsFast: boolean;
  /** In milliseconds; only differences count. */
  readonly now: () => number;
}

/** Renders the chart for one test and checks its assertions. */
export function runTest(setting: TestSetting, test: SuiteTest): TestResult {
  const start = setting.now();
  const finish = (result: Partial<TestResult>): TestResult => ({
    name: test.name,
    isPassed: false,
    isSkipped: false,
    error: undefined,
    failures: [],
    durationMs: setting.now() - start,
    ...result,
  });
  if (test.settings.usesPostRenderer || setting.suite.settings.usesPostRenderer) {
    return finish({ error: "postRenderer is not supported: invar-chart runs no other program" });
  }
  const expectsRender = test.assertions.every((assertion) => assertion.expectsRender);
  const rendered = orProblem(() => renderForTest(setting, test, expectsRender));
  if ("problem" in rendered && rendered.isFatal) return finish({ error: rendered.problem });
  const documents = "problem" in rendered ? new Map<string, GoMap[]>() : rendered.documents;
  const templates = "problem" in rendered ? [] : rendered.templates;
  let count = 0;
  const outcome: Outcome = {
    documents,
    isRendered: !("problem" in rendered) && rendered.isRendered,
    renderError: "problem" in rendered ? rendered.problem : undefined,
    compareSnapshot: (content, patterns) => setting.snapshots.compare(test.name, ++count, content, patterns),
  };
  const results: { assertion: Assertion; result: AssertionResult; index: number }[] = [];
  for (const [index, written] of test.assertions.entries()) {
    const assertion = withTestFilters(written, test);
    const own = templatesFor(setting, test, assertion, templates);
    const result = runAssertion(assertion, outcome, own, test.documentSelector?.skipsEmptyTemplates === true);
    results.push({ assertion, result, index });
    if (!result.isPassed && setting.failsFast) break;
  }
  const failed = results.filter(({ result }) => !result.isPassed);
  return finish({
    isPassed: failed.length === 0,
    isSkipped: results.every(({ result }) => result.isSkipped),
    error: failed.length > 0 ? outcome.renderError : undefined,
    failures: failed.map(({ assertion, result, index }) => ({
      title: `- asserts[${index}]${assertion.isNot ? " NOT" : ""} \`${assertion.kind}\` fail`,
      lines: result.problems,
    })),
  });
}

function withTestFilters(assertion: Assertion, test: SuiteTest): Assertion {
  return {
    ...assertion,
    documentIndex: test.documentIndex ?? assertion.documentIndex,
    documentSelector: assertion.documentSelector ?? test.documentSelector,
  };
}

/** Which templates an assertion is about: its own, the test's, the suite's, or all that were rendered. */
function templatesFor({ suite, route }: TestSetting, test: SuiteTest, assertion: Assertion, rendered: readonly string[]): string[] {
  const named = assertion.template !== "" ? [assertion.template] : test.settings.templates;
  const wanted = named.length > 0 ? named : suite.settings.templates;
  if (named.length === 0 && (wanted.length === 0 || wanted.some((name) => name.includes("*")))) return [...rendered];
  return wanted.map((name) => join(route, templateName(name)));
}

interface RenderedTest {
  readonly documents: ReadonlyMap<string, GoMap[]>;
  /** The templates that gave something. */
  readonly templates: readonly string[];
  readonly isRendered: boolean;
}

interface Problem {
  readonly problem: string;
  /** Not something that an assertion may expect. */
  readonly isFatal: boolean;
}

class FatalProblem extends Error {}

function orProblem(step: () => RenderedTest): RenderedTest | Problem {
  try {
    return step();
  } catch (error) {
    if (error instanceof FatalProblem) return { problem: error.message, isFatal: true };
    if (error instanceof ChartError || error instanceof GoError) return { problem: error.message, isFatal: false };
    throw error;
  }
}

function fatal<Result>(step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof GoError || (error as NodeJS.ErrnoException).code !== undefined) {
      throw new FatalProblem((error as Error).message, { cause: error });
    }
    throw error;
  }
}

function renderForTest(setting: TestSetting, test: SuiteTest, expectsRender: boolean): RenderedTest {
  const { suite, route } = setting;
  const values = fatal(() => userValues(setting, test));
  const release = releaseOf(suite, test);
  const chart = resolveDependencies(setting.chart, values);
  const merged = coalesceValues(chart, values);
  if (!setting.skipsSchemaValidation) validateValues(chart, merged);
  const templates = suite.settings.templates.length > 0 ? suite.settings.templates : ["**"];
  const chosen = chooseTemplates(withMetadata(chart, suite, test), { route, templates, excludeTemplates: suite.excludeTemplates });
  const kubernetes = {
    objects: [...test.settings.kubernetes.objects, ...suite.settings.kubernetes.objects],
    scheme: new Map([...test.settings.kubernetes.scheme, ...suite.settings.kubernetes.scheme]),
  };
  const { texts, findings } = renderTemplates({
    chart: chosen,
    values: merged,
    release,
    capabilities: capabilitiesFor(suite, test),
    lookup: kubernetes.objects.length > 0 ? fakeLookup(kubernetes) : () => new Map(),
    recorder: undefined,
  });
  const problem = findings.find(({ severity }) => severity === "error");
  const documents = new Map<string, GoMap[]>();
  if (suite.includesCrds)
    for (const { path, text } of crdsOf(chart, chart.name))
      documents.set(
        path,
        fatal(() => mapsIn(text)),
      );
  const crds = [...documents.keys()];
  if (problem !== undefined) {
    if (expectsRender) throw new GoError(problem.message);
    for (const [path, raw] of failureTexts(problem.message, route, templates)) {
      documents.set(path.startsWith(chart.name) ? path : `${chart.name}/${path}`, [new Map([["raw", raw]])]);
    }
    return { documents, templates: [...documents.keys()], isRendered: false };
  }
  for (const { path, text } of texts.values()) {
    if (/\.(?:yaml|yml|tpl)$/.test(path))
      documents.set(
        path,
        fatal(() => mapsIn(text)),
      );
    else if (path.endsWith(".txt")) documents.set(path, [new Map([["raw", text]])]);
  }
  return { documents, templates: [...texts.keys(), ...crds].sort(compareTexts), isRendered: true };
}

/** The values files and `set`s of suite and test, brought to where the chart of the suite finds them. */
function userValues({ suite, route, valuesFiles }: TestSetting, test: SuiteTest): GoMap {
  const names = route.split("/").filter((_, index) => index % 2 === 0);
  let values: GoMap = new Map();
  const lay = (over: GoMap): void => {
    values = fillTable(scoped(names.slice(1), withFloats(over) as GoMap), values, true);
  };
  for (const path of [...suite.settings.values, ...valuesFiles, ...test.settings.values]) {
    const [document] = readDocuments(readFileSync(isAbsolute(path) ? path : join(dirname(suite.file), path), "utf8"));
    if (document instanceof Map) lay(document);
    else if (document !== undefined && document !== null) throw new GoError(`failed to parse ${path}: a values file is a mapping`);
  }
  for (const set of [suite.settings.set, test.settings.set]) for (const [path, value] of set) lay(valuesAt(path, value));
  return values;
}

function scoped(names: readonly string[], values: GoMap): GoMap {
  return names.reduceRight<GoMap>((inner, name) => {
    const outer: GoMap = new Map();
    const globals = inner.get("global");
    if (globals !== undefined) outer.set("global", globals);
    return outer.set(name, inner);
  }, values);
}

const NAME_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

function releaseOf(suite: Suite, test: SuiteTest) {
  const [own, shared] = [test.settings.release, suite.settings.release];
  const name = own.name || shared.name;
  if (name !== "" && (name.length > 53 || !new RegExp(NAME_PATTERN).test(name))) {
    throw new GoError(`invalid release name, must match regex ${NAME_PATTERN} and the length must not be longer than 53`);
  }
  return {
    name: name || "RELEASE-NAME",
    namespace: own.namespace || shared.namespace || "NAMESPACE",
    isUpgrade: own.isUpgrade || shared.isUpgrade,
    revision: own.revision || shared.revision,
  };
}

// That of helm-unittest, which is built without one: suites expect what charts do for it.
const DEFAULT_KUBE_VERSION = "1.20.0";

function capabilitiesFor(suite: Suite, test: SuiteTest): Capabilities {
  const [own, shared] = [test.settings.capabilities, suite.settings.capabilities];
  const standard = capabilitiesOf(DEFAULT_KUBE_VERSION, []);
  const major = own.majorVersion || shared.majorVersion || standard.major;
  const minor = own.minorVersion || shared.minorVersion || standard.minor;
  const kubeVersion = `v${major}.${minor}.0`;
  return {
    ...standard,
    kubeVersion,
    fullKubeVersion: kubeVersion,
    major,
    minor,
    apiVersions: own.apiVersions === null ? [] : [...(own.apiVersions ?? []), ...(shared.apiVersions ?? [])],
  };
}

function withMetadata(chart: Chart, suite: Suite, test: SuiteTest): Chart {
  const version = test.settings.chart.version || suite.settings.chart.version;
  const appVersion = test.settings.chart.appVersion || suite.settings.chart.appVersion;
  const changed = (one: Chart): Chart => ({
    ...one,
    version: version || one.version,
    metadata: new Map<string, GoValue>([
      ...one.metadata,
      ...(version === "" ? [] : [["version", version] as const]),
      ...(appVersion === "" ? [] : [["appVersion", appVersion] as const]),
    ]),
  });
  return { ...changed(chart), dependencies: chart.dependencies.map(changed) };
}

function mapsIn(text: string): GoMap[] {
  return readDocuments(text.replaceAll(/(?:^|\s*\n)---\s*/g, "\n---\n")).flatMap((document) => {
    if (document === null) return [];
    if (!(document instanceof Map))
      throw new GoError(`yaml: unmarshal errors:\n  cannot unmarshal \`${String(document)}\` into a manifest`);
    return document.size === 0 ? [] : [document];
  });
}

function crdsOf(chart: Chart, path: string): { path: string; text: string }[] {
  const own = chart.files.filter(({ name }) => name.startsWith("crds/") && /\.(?:yaml|yml|json)$/i.test(name));
  return [
    ...own.map((file) => ({ path: `${path}/${file.name}`, text: textOf(file) })),
    ...chart.dependencies.flatMap((child) => crdsOf(child, `${path}/charts/${child.name}`)),
  ];
}

// Finds the template and the message in an error's text.
const ERROR_PATTERN = compileRegexp("(?msU)^(?:.+: |.+ \\()(?:(.+):\\d+:\\d+).+(?:.+>)*: (.+)$");

/** What assertions see in place of documents when rendering fails. */
function failureTexts(message: string, route: string, templates: readonly string[]): Map<string, string> {
  const match = ERROR_PATTERN.exec(message);
  if (match === undefined) throw new GoError(message);
  const [, path = "", text = ""] = match.groups;
  const lineEnd = message.indexOf("\n");
  const raw = (lineEnd < 0 ? text : message.slice(lineEnd + 1)).replace(/^\n+/, "");
  if (!path.slice(path.lastIndexOf("/") + 1).startsWith("_")) return new Map([[path, raw]]);
  return new Map(templates.map((name) => [`${route}/${templateName(name)}`, raw]));
}
