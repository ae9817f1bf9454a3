import { existsSync, globSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { GoError, type GoMap } from "@invar/go-compat";
import { type Chart, ChartError } from "../chart/chart.ts";
import { loadChart } from "../chart/load-chart.ts";
import { capabilitiesOf } from "../engine/capabilities.ts";
import { renderTemplates } from "../engine/render.ts";
import { coalesceValues } from "../values/coalesce.ts";
import { mergeFiles } from "../values/tables.ts";
import { readDocuments } from "../yaml/read-documents.ts";
import { runTest, type TestResult } from "./run-test.ts";
import { type SnapshotCounts, Snapshots } from "./snapshots.ts";
import { parseSuites, type Suite } from "./suite.ts";

export interface SuiteOptions {
  /** Patterns from the chart's folder. */
  readonly files: readonly string[];
  readonly valuesFiles: readonly string[];
  readonly updatesSnapshots: boolean;
  readonly includesSubcharts: boolean;
  readonly isStrict: boolean;
  readonly failsFast: boolean;
  readonly skipsSchemaValidation: boolean;
  /** The folder of a chart whose templates are suites. */
  readonly testsChart: string | undefined;
  readonly now: () => number;
}

export interface SuiteResult {
  readonly name: string;
  /** From the working folder. */
  readonly file: string;
  readonly isPassed: boolean;
  readonly isSkipped: boolean;
  readonly error: string | undefined;
  readonly tests: readonly TestResult[];
  readonly snapshots: SnapshotCounts;
}

export interface ChartResult {
  readonly name: string;
  readonly path: string;
  /** Why no suite could be run. */
  readonly error: string | undefined;
  readonly suites: readonly SuiteResult[];
}

/** Runs the suites of a chart and of the charts in its folder. */
export function runSuites(path: string, options: SuiteOptions): ChartResult {
  try {
    const chart = loadChart(path);
    const found = findSuites({ chart, path, route: chart.name }, options, chart.values);
    return { name: chart.name, path, error: undefined, suites: runAll(chart, found, options) };
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) return { name: path, path, error: error.message, suites: [] };
    throw error;
  }
}

interface Level {
  readonly chart: Chart;
  readonly path: string;
  readonly route: string;
}

interface FoundSuite {
  readonly suite: Suite;
  readonly route: string;
}

function findSuites({ chart, path, route }: Level, options: SuiteOptions, values: GoMap): FoundSuite[] {
  const files = [...new Set(options.files.flatMap((pattern) => matchingFiles(path, pattern)))];
  const own = files.flatMap((file) => named(file, () => parseSuites(file, readFileSync(file, "utf8"), { isStrict: options.isStrict })));
  const rendered = options.testsChart === undefined ? [] : renderedSuites(join(path, options.testsChart), options.isStrict);
  const found = [...own, ...rendered].map((suite) => ({ suite, route }));
  if (!options.includesSubcharts) return found;
  const merged = withValuesFiles(values, path, options.valuesFiles);
  for (const child of chart.dependencies) {
    const folder = join(path, "charts", child.name);
    if (!existsSync(folder) || !isEnabled(chart, child.name, merged)) continue;
    found.push(...findSuites({ chart: child, path: folder, route: `${route}/charts/${child.name}` }, options, merged));
  }
  return found;
}

function matchingFiles(folder: string, pattern: string): string[] {
  if (isAbsolute(pattern)) return [pattern];
  const whole = pattern.startsWith(`${folder}/`) ? pattern : join(folder, pattern);
  return globSync(whole).sort();
}

function named<Result>(file: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

function withValuesFiles(values: GoMap, path: string, files: readonly string[]): GoMap {
  return files.reduce((merged, file) => {
    const full = isAbsolute(file) ? file : join(path, file);
    const [document] = existsSync(full) ? readDocuments(readFileSync(full, "utf8")) : [];
    return document instanceof Map ? mergeFiles(merged, document) : merged;
  }, values);
}

/** Whether the parent's condition or tags leave a chart on, as far as its values say. */
function isEnabled(parent: Chart, name: string, values: GoMap): boolean {
  const declared = parent.declared.find((one) => (one.alias || one.name) === name);
  if (declared === undefined) return true;
  if (declared.condition !== "") {
    let value: unknown = values;
    for (const key of declared.condition.split(".")) value = value instanceof Map ? value.get(key) : undefined;
    return value !== false;
  }
  const tags = values.get("tags");
  if (declared.tags.length === 0 || !(tags instanceof Map)) return true;
  return declared.tags.some((tag) => tags.get(tag) === true);
}

/** The suites that a chart of suites renders to. */
function renderedSuites(path: string, isStrict: boolean): Suite[] {
  if (!existsSync(path)) return [];
  const chart = loadChart(path);
  const { texts, findings } = renderTemplates({
    chart,
    values: coalesceValues(chart, new Map()),
    release: { name: "TEST-SUITE-RELEASE", namespace: "NAMESPACE", isUpgrade: false },
    capabilities: capabilitiesOf(undefined, []),
    lookup: () => new Map(),
    recorder: undefined,
  });
  const problem = findings.find(({ severity }) => severity === "error");
  if (problem !== undefined) throw new GoError(problem.message);
  return [...texts.values()].flatMap(({ path: name, text }) => {
    const suites = parseSuites(join(path, name.slice(chart.name.length + 1)), text, { isStrict, isRendered: true });
    if (suites.length === 0) throw new GoError(`test suite template (${name}) file did not render a manifest`);
    return suites;
  });
}

function runAll(chart: Chart, found: readonly FoundSuite[], options: SuiteOptions): SuiteResult[] {
  const results: SuiteResult[] = [];
  for (const { suite, route } of found) {
    const result = runSuite(chart, suite, route, options);
    results.push(result);
    if (options.failsFast && !result.isPassed) break;
  }
  return results;
}

const NO_SNAPSHOTS: SnapshotCounts = { total: 0, failed: 0, created: 0, vanished: 0 };

function runSuite(chart: Chart, suite: Suite, route: string, options: SuiteOptions): SuiteResult {
  const file = relative(process.cwd(), suite.file);
  const base = { name: suite.name, file };
  try {
    const snapshots = new Snapshots(suite.snapshotId === "" ? suite.file : `${suite.file}_${suite.snapshotId}`, options.updatesSnapshots);
    const setting = {
      chart,
      route,
      suite,
      snapshots,
      valuesFiles: options.valuesFiles.map((path) => resolve(path)),
      skipsSchemaValidation: options.skipsSchemaValidation,
      failsFast: options.failsFast,
      now: options.now,
    };
    const tests: TestResult[] = [];
    for (const test of suite.tests) {
      const isSkipped = suite.skipReason !== "" || test.skipReason !== "";
      const result = isSkipped ? skipped(test.name) : runTest(setting, test);
      tests.push(result);
      if (options.failsFast && !result.isPassed && !result.isSkipped) break;
    }
    const isSkipped = tests.every((test) => test.isSkipped && !test.isPassed);
    const isPassed = tests.every((test) => test.isPassed || test.isSkipped);
    const isWhole = tests.length === suite.tests.length;
    if (isWhole && !isSkipped) snapshots.store();
    return { ...base, isPassed, isSkipped, error: undefined, tests, snapshots: isSkipped ? NO_SNAPSHOTS : snapshots.counts() };
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    return { ...base, isPassed: false, isSkipped: false, error: error.message, tests: [], snapshots: NO_SNAPSHOTS };
  }
}

function skipped(name: string): TestResult {
  return { name, isPassed: false, isSkipped: true, error: undefined, failures: [], durationMs: 0 };
}
