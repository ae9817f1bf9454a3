import { compareTexts, GoError, type GoFunction, type GoMap, type GoValue, quote } from "@invar/go-compat";
import {
  any,
  type Budget,
  defaultBudget,
  type ExecuteOptions,
  type FunctionTable,
  fn,
  type ParsedTemplates,
  parseText,
  TemplateSet,
  text,
} from "@invar/go-template";
import type { Chart, ChartFile } from "../chart/chart.ts";
import { textOf } from "../chart/load-chart.ts";
import type { Finding } from "../finding.ts";
import { DEFAULT_HELM_VERSION, type HelmVersion } from "../helm-version.ts";
import type { Capabilities } from "./capabilities.ts";
import { chartFunctions, type Lookup } from "./functions.ts";
import { capabilitiesObject, chartObject, filesObject, plainMap, valuesObject } from "./objects.ts";
import { parseFinding, runFinding } from "./problems.ts";
import type { ReadRecorder } from "./read-recorder.ts";
import { type RenderedText, withoutNoValue } from "./rendered-text.ts";

export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly isUpgrade: boolean;
  /** 1 by default. */
  readonly revision?: bigint;
}

export interface RenderInput {
  readonly chart: Chart;
  readonly values: GoMap;
  readonly release: Release;
  readonly capabilities: Capabilities;
  readonly lookup: Lookup;
  readonly recorder?: ReadRecorder | undefined;
  /** Default 3.22. */
  readonly helmVersion?: HelmVersion;
}

export interface RenderedTemplates {
  /** By path, in the order in which they were rendered. */
  readonly texts: ReadonlyMap<string, RenderedText>;
  /** One for each template that cannot be parsed, or else for each that failed. */
  readonly findings: readonly Finding[];
}

/** Renders every template; one that fails does not keep the others from being tried. */
export function renderTemplates(input: RenderInput): RenderedTemplates {
  const { helmVersion = DEFAULT_HELM_VERSION } = input;
  const templates = collectTemplates(input, helmVersion);
  const functions = chartFunctions(input.lookup, helmVersion);
  const set = new TemplateSet({ functions });
  // Templates write into the values of those that come later: this order is part of what charts mean.
  const names = [...templates.keys()].sort(compareForRendering);
  const sources = new Map(names.map((name) => [name, textOf((templates.get(name) as Template).file)]));
  const findings = parseAll(set, templates, sources, helmVersion);
  if (findings.length > 0) return { texts: new Map(), findings };
  input.recorder?.watch(input.chart, input.values);
  const engine: Engine = { budget: defaultBudget(), includes: new Map(), tplDepth: 0, observer: input.recorder, helmVersion };
  const texts = new Map<string, RenderedText>();
  for (const name of names) {
    if (baseOf(name).startsWith("_")) continue;
    const { data, basePath } = templates.get(name) as Template;
    data.set("Template", valuesObject(plainMap({ Name: name, BasePath: basePath }), helmVersion));
    const writes: number[] = [];
    try {
      const text = run(engine, set, name, data, (offset, node) => void writes.push(offset, node.position));
      texts.set(name, withoutNoValue({ path: name, text, source: sources.get(name) as string, writes }));
    } catch (error) {
      findings.push(runFinding(error, sources, helmVersion));
      engine.includes.clear();
      input.recorder?.reset();
      engine.tplDepth = 0;
      // What all templates share is used up: every other one would fail likewise.
      if (engine.budget.steps < 0 || engine.budget.output < 0) break;
    }
  }
  return { texts, findings };
}

function parseAll(
  set: TemplateSet,
  templates: ReadonlyMap<string, Template>,
  sources: ReadonlyMap<string, string>,
  helmVersion: HelmVersion,
): Finding[] {
  const findings: Finding[] = [];
  for (const [name, source] of sources) {
    try {
      set.add(parsedFile((templates.get(name) as Template).file, name, source, helmVersion));
    } catch (error) {
      findings.push(parseFinding(name, source, error));
    }
  }
  return findings;
}

// What a template parses to depends on its text, its name and which functions there are: the same for every render.
const functionNames = new Map<HelmVersion, FunctionTable>();
const parsedFiles = new WeakMap<ChartFile, Map<string, ParsedTemplates>>();

function functionNamesOf(helmVersion: HelmVersion): FunctionTable {
  const known = functionNames.get(helmVersion) ?? chartFunctions(() => new Map(), helmVersion);
  functionNames.set(helmVersion, known);
  return known;
}

function parsedFile(file: ChartFile, name: string, source: string, helmVersion: HelmVersion): ParsedTemplates {
  const ofFile = parsedFiles.get(file) ?? new Map<string, ParsedTemplates>();
  parsedFiles.set(file, ofFile);
  const key = `${helmVersion} ${name}`;
  const known = ofFile.get(key);
  if (known !== undefined) return known;
  const parsed = parseText(name, source, { functions: functionNamesOf(helmVersion) });
  ofFile.set(key, parsed);
  return parsed;
}

const parsedTexts = new Map<string, ParsedTemplates>();
const MOST_PARSED_TEXTS = 4_000;
const LONGEST_KEPT_TEXT = 100_000;

/** A text that passes through `tpl`: the same ones come again and again. */
function parsedText(source: string, helmVersion: HelmVersion): ParsedTemplates {
  const key = `${helmVersion} ${source}`;
  const known = parsedTexts.get(key);
  if (known !== undefined) return known;
  const parsed = parseText(TEXT_TEMPLATE, source, { functions: functionNamesOf(helmVersion) });
  if (source.length <= LONGEST_KEPT_TEXT) {
    if (parsedTexts.size >= MOST_PARSED_TEXTS) parsedTexts.clear();
    parsedTexts.set(key, parsed);
  }
  return parsed;
}

interface Template {
  readonly file: ChartFile;
  readonly data: GoMap;
  readonly basePath: string;
}

function collectTemplates({ chart, values, release, capabilities }: RenderInput, helmVersion: HelmVersion): Map<string, Template> {
  const templates = new Map<string, Template>();
  const { name, namespace, isUpgrade, revision = 1n } = release;
  const shared = {
    Release: plainMap({
      Name: name,
      Namespace: namespace,
      IsUpgrade: isUpgrade,
      IsInstall: !isUpgrade,
      Revision: revision,
      Service: "Helm",
    }),
    Capabilities: capabilitiesObject(capabilities),
  };
  collect({ templates, shared, helmVersion }, chart, values, chart.name, true);
  return templates;
}

interface Collection {
  readonly templates: Map<string, Template>;
  readonly shared: Readonly<Record<string, GoValue>>;
  readonly helmVersion: HelmVersion;
}

function collect(collection: Collection, chart: Chart, values: GoMap, path: string, isRoot: boolean): GoMap {
  const subcharts: GoMap = new Map();
  const data = plainMap({
    ...collection.shared,
    Chart: chartObject(chart, isRoot, collection.helmVersion),
    Files: filesObject(chart.files, collection.helmVersion),
    Values: valuesObject(values, collection.helmVersion),
    Subcharts: subcharts,
  });
  for (const child of chart.dependencies) {
    const own = values.get(child.name);
    subcharts.set(child.name, collect(collection, child, own instanceof Map ? own : new Map(), `${path}/charts/${child.name}`, false));
  }
  const isLibrary = chart.type.toLowerCase() === "library";
  for (const file of chart.templates) {
    if (isLibrary && !baseOf(file.name).startsWith("_")) continue;
    collection.templates.set(`${path}/${file.name}`, { file, data, basePath: `${path}/templates` });
  }
  return data;
}

function compareForRendering(a: string, b: string): number {
  return b.split("/").length - a.split("/").length || compareTexts(b, a);
}

function baseOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

interface Engine {
  readonly budget: Budget;
  /** How often each template is being included right now. */
  readonly includes: Map<string, number>;
  /** How many texts are being rendered within each other right now. */
  tplDepth: number;
  readonly observer: ReadRecorder | undefined;
  readonly helmVersion: HelmVersion;
}

const MAX_INCLUDES = 1000;

function run(engine: Engine, set: TemplateSet, name: string, data: GoValue, onWrite?: ExecuteOptions["onWrite"]): string {
  const { budget, observer } = engine;
  return set.execute(name, data, {
    missingKey: "zero",
    budget,
    functions: ownFunctions(engine, set),
    ...(observer === undefined ? {} : { observer }),
    ...(onWrite === undefined ? {} : { onWrite }),
  });
}

// Made once for a set: they hold nothing of a single run.
const functionsOfSets = new WeakMap<TemplateSet, ReadonlyMap<string, GoFunction>>();

function ownFunctions(engine: Engine, set: TemplateSet): ReadonlyMap<string, GoFunction> {
  const known = functionsOfSets.get(set);
  if (known !== undefined) return known;
  const functions = new Map<string, GoFunction>([
    ["include", fn([text, any], (name, data) => include(engine, set, name, data))],
    ["tpl", fn([text, any], (source, data) => renderText(engine, set, source, data))],
  ]);
  functionsOfSets.set(set, functions);
  return functions;
}

function include(engine: Engine, set: TemplateSet, name: string, data: GoValue): string {
  engine.observer?.begin();
  const count = engine.includes.get(name) ?? 0;
  if (count > MAX_INCLUDES) throw new GoError(`rendering template has a nested reference name: ${name}: unable to execute template`);
  if (!set.has(name)) throw new GoError(`template: no template ${quote(name)} associated with template "gotpl"`);
  engine.includes.set(name, count + 1);
  try {
    return run(engine, set, name, data);
  } finally {
    engine.includes.set(name, count);
  }
}

const TEXT_TEMPLATE = "gotpl";
// Helm has no limit: its process ends when the stack does. Every level repeats the text of the error of the one below.
const MAX_TPL_DEPTH = 200;

function renderText(engine: Engine, parent: TemplateSet, source: string, data: GoValue): string {
  engine.observer?.begin();
  // Most texts that pass through here have nothing to render.
  if (!source.includes("{{")) return source.replaceAll("<no value>", "");
  if (engine.tplDepth >= MAX_TPL_DEPTH) throw new GoError(`tpl is called within tpl more than ${MAX_TPL_DEPTH} times`);
  const set = parent.clone();
  try {
    set.add(parsedText(source, engine.helmVersion));
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`cannot parse template ${quote(source)}: ${error.message}`, { cause: error });
    throw error;
  }
  engine.tplDepth++;
  try {
    const rendered = run(engine, set, TEXT_TEMPLATE, data).replaceAll("<no value>", "");
    engine.tplDepth--;
    return rendered;
  } catch (error) {
    if (error instanceof GoError)
      throw new GoError(`error during tpl function execution for ${quote(source)}: ${error.message}`, { cause: error });
    throw error;
  }
}
