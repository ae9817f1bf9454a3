import { closeSync, fstatSync, openSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { GoError, type GoMap, type GoValue, textFromBytes } from "@invar/go-compat";
import { type LogEntry, printed } from "../helm-log.ts";
import { DEFAULT_HELM_VERSION, type HelmVersion } from "../helm-version.ts";
import { readValues } from "../values/values-text.ts";
import { readYaml } from "../yaml/read.ts";
import { readArchive, readArchiveFile, withoutMark } from "./archive.ts";
import { type Chart, ChartError, type ChartFile, type Dependency } from "./chart.ts";
import { type IsIgnored, parseIgnoreRules } from "./ignore-rules.ts";
import { readMetadata, validatedMetadata } from "./metadata.ts";

/** Loads a chart from a folder or a .tgz, as that version of Helm does. Throws `ChartError`. */
export function loadChart(path: string, helmVersion: HelmVersion = DEFAULT_HELM_VERSION): Chart {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new ChartError(`path "${path}" not found`);
  if (!status.isDirectory()) return chartOf(readArchiveFile(resolve(path), readFileSync(path)), 0, helmVersion);
  return chartOf(readFolder(path), 0, helmVersion);
}

const MAX_FILE_BYTES = 5 * 1024 * 1024;
const MAX_NESTING = 50;

function readFolder(path: string): ChartFile[] {
  const root = realpathSync(path);
  const rules = join(root, ".helmignore");
  const isIgnored = parseIgnoreRules(statSync(rules, { throwIfNoEntry: false }) === undefined ? "" : readFileSync(rules, "utf8"));
  const files: ChartFile[] = [];
  walk({ root, isIgnored, files }, "");
  return files;
}

interface Walk {
  readonly root: string;
  readonly isIgnored: IsIgnored;
  readonly files: ChartFile[];
}

function walk(task: Walk, folder: string): void {
  const entries = readdirSync(join(task.root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    const path = folder === "" ? name : `${folder}/${name}`;
    const full = resolve(task.root, path);
    const status = entry.isSymbolicLink() ? statSync(linkTarget(task, path, full)) : entry;
    if (task.isIgnored(path, status.isDirectory())) continue;
    if (status.isDirectory()) walk(task, path);
    else if (!status.isFile()) throw new ChartError(`cannot load irregular file ${full} as it has file mode type bits set`);
    else task.files.push({ name: path, data: withoutMark(readBounded(name, full)) });
  }
}

function readBounded(name: string, path: string): Buffer {
  const file = openSync(path, "r");
  try {
    if (fstatSync(file).size > MAX_FILE_BYTES)
      throw new ChartError(`chart file "${name}" is larger than the maximum file size ${MAX_FILE_BYTES}`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Where a link leads: never out of the chart, nor to a folder above itself, which would never end. */
function linkTarget(task: Walk, path: string, full: string): string {
  const real = realpathSync(full);
  if (!real.startsWith(task.root + sep))
    throw new ChartError(`the chart's file ${path} is a link that leads out of the chart: copy the file into the chart`);
  if (full.startsWith(real + sep)) throw new ChartError(`the chart's folder ${path} is a link to a folder that contains it`);
  return real;
}

function chartOf(files: readonly ChartFile[], nesting: number, helmVersion: HelmVersion): Chart {
  if (nesting > MAX_NESTING) throw new ChartError(`charts are nested deeper than ${MAX_NESTING} levels`);
  const own = (name: string): string | undefined => {
    const file = files.find((candidate) => candidate.name === name);
    return file === undefined ? undefined : textOf(file);
  };
  const chartText = own("Chart.yaml");
  if (chartText === undefined) throw new ChartError("Chart.yaml file is missing");
  const given = parse("cannot load Chart.yaml", () => readMetadata(readYaml(chartText)));
  if (textAt(given, "apiVersion") === "") given.set("apiVersion", "v1");
  const warnings: LogEntry[] = [];
  const requirements = own("requirements.yaml");
  if (requirements !== undefined) {
    if (textAt(given, "apiVersion") !== "v1") warnings.push(MOVED_REQUIREMENTS);
    for (const [key, value] of parse("cannot load requirements.yaml", () => readMetadata(readYaml(requirements)))) given.set(key, value);
  }
  if (own("requirements.lock") !== undefined && textAt(given, "apiVersion") !== "v1") warnings.push(MOVED_LOCK);
  const metadata = validatedMetadata(given);
  const isVersion1 = textAt(metadata, "apiVersion") === "v1";
  const valuesText = own("values.yaml");
  const name = textAt(metadata, "name");
  return {
    name,
    version: textAt(metadata, "version"),
    kubeVersion: textAt(metadata, "kubeVersion"),
    type: textAt(metadata, "type"),
    metadata,
    declared: listAt(metadata, "dependencies").flatMap(dependencyOf),
    dependencies: subcharts(files, name, nesting, helmVersion),
    values: valuesText === undefined ? new Map() : parse("cannot load values.yaml", () => readValues(valuesText, helmVersion)),
    valuesText: valuesText ?? "",
    schema: own("values.schema.json"),
    templates: files.filter((file) => file.name.startsWith("templates/")),
    warnings,
    files: files.filter((file) => isPlainFile(file.name, isVersion1)),
  };
}

function isPlainFile(name: string, isVersion1: boolean): boolean {
  if (name === "requirements.yaml" || name === "requirements.lock") return isVersion1;
  if (SPECIAL_FILES.has(name) || name.startsWith("templates/")) return false;
  return !name.startsWith("charts/") || name.endsWith(".prov");
}

const SPECIAL_FILES = new Set(["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"]);

function subcharts(files: readonly ChartFile[], parent: string, nesting: number, helmVersion: HelmVersion): Chart[] {
  const groups = new Map<string, ChartFile[]>();
  for (const file of files) {
    if (!file.name.startsWith("charts/") || file.name.endsWith(".prov")) continue;
    const name = file.name.slice("charts/".length);
    const group = name.split("/")[0] as string;
    if (/^[_.]/.test(group)) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [{ name, data: file.data }]);
    else members.push({ name, data: file.data });
  }
  return [...groups.keys()].sort().map((group) => {
    const members = groups.get(group) as ChartFile[];
    return wrap(`error unpacking subchart ${group} in ${parent}`, () =>
      group.endsWith(".tgz")
        ? chartOf(readArchive((members[0] as ChartFile).data), nesting + 1, helmVersion)
        : chartOf(
            members.filter(({ name }) => name.includes("/")).map(({ name, data }) => ({ name: name.slice(group.length + 1), data })),
            nesting + 1,
            helmVersion,
          ),
    );
  });
}

const MOVED_REQUIREMENTS = printed(
  "load.go:120",
  'Warning: Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.',
);
const MOVED_LOCK = printed(
  "load.go:138",
  'Warning: Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.',
);

function dependencyOf(value: GoValue): Dependency[] {
  if (!(value instanceof Map)) return [];
  return [
    {
      name: textAt(value, "name"),
      version: textAt(value, "version"),
      repository: textAt(value, "repository"),
      condition: textAt(value, "condition"),
      tags: listAt(value, "tags").filter((tag) => typeof tag === "string"),
      alias: textAt(value, "alias"),
      importValues: listAt(value, "import-values"),
    },
  ];
}

export function textAt(map: ReadonlyMap<string, GoValue>, key: string): string {
  const value = map.get(key);
  return typeof value === "string" ? value : "";
}

export function listAt(map: ReadonlyMap<string, GoValue>, key: string): readonly GoValue[] {
  const value = map.get(key);
  return Array.isArray(value) ? value : [];
}

export function textOf(file: ChartFile): string {
  return textFromBytes(file.data);
}

function parse(context: string, read: () => GoMap): GoMap {
  return wrap(context, read);
}

function wrap<Result>(context: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof GoError || error instanceof ChartError) throw new ChartError(`${context}: ${error.message}`, { cause: error });
    throw error;
  }
}
