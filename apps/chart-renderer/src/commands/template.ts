import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { GoError, type GoMap } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { filePattern } from "../chart/file-pattern.ts";
import { loadChart } from "../chart/load-chart.ts";
import { type Finding, isError } from "../finding.ts";
import { type Manifest, splitManifests } from "../manifests/manifests.ts";
import { type RenderedChart, renderChart } from "../render-chart.ts";
import { applySet, type SetKind } from "../values/set-flags.ts";
import { mergeFiles } from "../values/tables.ts";
import { readYamlMap } from "../yaml/read.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `invar-chart template [NAME] CHART`, as Helm's. */
export function templateCommand(args: readonly string[]): CommandResult {
  try {
    return render(readArguments(args));
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) return { code: 1, stdout: "", stderr: errorText(error, "") };
    throw error;
  }
}

const TEXT = { type: "string" } as const;
const TEXTS = { type: "string", multiple: true } as const;
const SWITCH = { type: "boolean" } as const;

const OPTIONS = {
  values: { ...TEXTS, short: "f" },
  set: TEXTS,
  "set-string": TEXTS,
  "set-json": TEXTS,
  "set-file": TEXTS,
  "set-literal": TEXTS,
  namespace: { ...TEXT, short: "n" },
  "kube-version": TEXT,
  "api-versions": { ...TEXTS, short: "a" },
  "include-crds": SWITCH,
  "skip-crds": SWITCH,
  "skip-schema-validation": SWITCH,
  "render-subchart-notes": SWITCH,
  "generate-name": { ...SWITCH, short: "g" },
  debug: SWITCH,
  "show-only": { ...TEXTS, short: "s" },
  "skip-tests": SWITCH,
  "no-hooks": SWITCH,
  "is-upgrade": SWITCH,
  "release-name": SWITCH,
  "output-dir": TEXT,
} as const;

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const name = /Unknown option '(-+[^' ]+)'/.exec((error as Error).message)?.[1];
    if (name === undefined) throw new ChartError((error as Error).message, { cause: error });
    const reason = UNSUPPORTED.get(name.replace(/^--/, ""));
    throw new ChartError(reason === undefined ? `unknown flag: ${name}` : `${name} is not supported: ${reason}`, { cause: error });
  }
}

const NEEDS_NETWORK = "invar-chart reads charts from folders and .tgz files only";
const NEEDS_CLUSTER = "invar-chart never talks to a cluster";
const UNSUPPORTED = new Map([
  ...["ca-file", "cert-file", "key-file", "insecure-skip-tls-verify", "plain-http", "repo", "username", "password", "pass-credentials"].map(
    (name) => [name, NEEDS_NETWORK] as const,
  ),
  ...["version", "devel", "verify", "keyring", "dependency-update", "registry-config"].map((name) => [name, NEEDS_NETWORK] as const),
  ...["validate", "dry-run", "kubeconfig", "kube-context", "kube-apiserver", "kube-token", "wait", "atomic", "timeout", "enable-dns"].map(
    (name) => [name, NEEDS_CLUSTER] as const,
  ),
  ["post-renderer", "pipe the output into the program instead"],
  ["post-renderer-args", "pipe the output into the program instead"],
  ["name-template", "give the release's name as the first argument"],
]);

type Arguments = ReturnType<typeof readArguments>;

function render({ values: flags, positionals }: Arguments): CommandResult {
  const [name, path] = nameAndChart(positionals, flags["generate-name"] === true);
  checkName(name);
  const values = valuesOf(flags);
  const rendered = renderChart({
    chart: loadChart(path),
    values,
    release: { name, namespace: flags.namespace ?? "default", isUpgrade: flags["is-upgrade"] === true },
    ...(flags["kube-version"] === undefined ? {} : { kubeVersion: flags["kube-version"] }),
    apiVersions: (flags["api-versions"] ?? []).flatMap((text) => text.split(",")),
    skipsSchemaValidation: flags["skip-schema-validation"] === true,
    rendersSubchartNotes: flags["render-subchart-notes"] === true,
  });
  const warnings = rendered.findings.filter((finding) => !isError(finding)).map(({ message }) => `${message}\n`);
  const errors = rendered.findings.filter(isError);
  if (errors.length === 0) return { code: 0, stdout: output(rendered, name, flags), stderr: warnings.join("") };
  const isDebug = flags.debug === true;
  const isManifest = errors[0]?.rule === "helm/manifest";
  const hint = isDebug || errors[0]?.rule === "helm/chart" ? "" : "\n\nUse --debug flag to render out invalid YAML";
  return { code: 1, stdout: isDebug && isManifest ? blobOf(rendered.texts) : "", stderr: warnings.join("") + errorsText(errors, hint) };
}

function nameAndChart(positionals: readonly string[], generatesName: boolean): [string, string] {
  const [first, second, ...rest] = positionals;
  if (first === undefined)
    throw new ChartError('"helm template" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]');
  if (rest.length > 0) throw new ChartError(`expected at most two arguments, unexpected arguments: ${rest.join(", ")}`);
  if (second === undefined) return ["release-name", first];
  if (generatesName) throw new ChartError("cannot set --generate-name and also specify a name");
  return [first, second];
}

const NAME_PATTERN = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

function checkName(name: string): void {
  if (name.length <= 53 && new RegExp(NAME_PATTERN).test(name)) return;
  throw new ChartError(
    `release name "${name}": invalid release name, must match regex ${NAME_PATTERN} and the length must not be longer than 53`,
  );
}

// The order in which Helm applies them, whatever the order on the command line.
const SET_KINDS: readonly SetKind[] = ["set-json", "set", "set-string", "set-file", "set-literal"];

function valuesOf(flags: Arguments["values"]): GoMap {
  let values: GoMap = new Map();
  for (const path of (flags.values ?? []).flatMap((paths) => paths.split(","))) values = mergeFiles(values, valuesFile(path));
  for (const kind of SET_KINDS) {
    for (const expression of flags[kind] ?? []) {
      const context = kind === "set-json" ? `failed parsing --set-json data ${expression}` : undefined;
      setting(context, `failed parsing --${kind} data`, () => applySet(kind, expression, values, readText));
    }
  }
  return values;
}

function setting(whole: string | undefined, prefix: string, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof ChartError || error instanceof GoError)) throw error;
    throw new ChartError(whole ?? `${prefix}: ${error.message}`, { cause: error });
  }
}

function valuesFile(path: string): GoMap {
  const text = readText(path);
  try {
    return readYamlMap(text);
  } catch (error) {
    if (error instanceof GoError) throw new ChartError(`failed to parse ${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function readText(path: string): string {
  if (/^[a-z]+:\/\//.test(path)) throw new ChartError(`${path} is not read: ${NEEDS_NETWORK}`);
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new ChartError(`open ${path}: no such file or directory`, { cause: error });
    throw new ChartError(`read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function output(rendered: RenderedChart, name: string, flags: Arguments["values"]): string {
  const crds = flags["include-crds"] === true && flags["skip-crds"] !== true ? rendered.crds : [];
  const hooks =
    flags["no-hooks"] === true ? [] : rendered.hooks.filter((hook) => !(flags["skip-tests"] === true && hook.events.includes("test")));
  const main = [...crds, ...rendered.documents];
  const folder = flags["output-dir"];
  if (folder !== undefined) return writeFiles(flags["release-name"] === true ? join(folder, name) : folder, [...main, ...hooks]);
  const text = `${main.map(sourced).join("").trim()}\n${hooks.map(sourced).join("")}`;
  const only = flags["show-only"] ?? [];
  return only.length === 0 ? text : only.flatMap((pattern) => matching(text, pattern)).join("");
}

function sourced({ path, content }: Pick<Manifest, "path" | "content">): string {
  return `---\n# Source: ${path}\n${content}\n`;
}

function matching(text: string, pattern: string): string[] {
  const matcher = filePattern(pattern);
  const documents = splitManifests(text).map(({ content }) => content);
  const found = documents.filter((document) => {
    const path = /# Source: [^/]+\/(.+)/.exec(document)?.[1];
    return path !== undefined && matcher?.test(path) === true;
  });
  if (found.length === 0) throw new ChartError(`could not find template ${pattern} in chart`);
  return found.map((document) => `---\n${document}\n`);
}

function writeFiles(folder: string, documents: readonly Pick<Manifest, "path" | "content">[]): string {
  const written = new Set<string>();
  let log = "";
  for (const document of documents) {
    const path = join(folder, document.path);
    mkdirSync(dirname(path), { recursive: true });
    const isMore = written.has(path) && existsSync(path);
    writeFileSync(path, sourced(document), { flag: isMore ? "a" : "w" });
    written.add(path);
    log += `wrote ${path}\n`;
  }
  return `${log}\n`;
}

function blobOf(texts: RenderedChart["texts"]): string {
  const files = [...texts.values()].filter(({ text }) => text.trim() !== "");
  return files.map(({ path, text }) => sourced({ path, content: text })).join("");
}

function errorText(error: Error, hint: string): string {
  return `Error: ${error.message}${hint}\n`;
}

/** Helm's text first, then what it does not tell: the places, the values, and what else is wrong. */
function errorsText([first, ...others]: readonly Finding[], hint: string): string {
  if (first === undefined) return "";
  const more = others.map((finding) => `\nAlso: ${finding.message}\n${details(finding)}`);
  return `Error: ${first.message}${hint}\n${details(first)}${more.join("")}`;
}

function details({ place, stack = [], excerpt, valuesKey }: Finding): string {
  if (place === undefined) return "";
  const at = stack.length > 0 ? stack : [place];
  const lines = at.map(({ file, line, column, expression }) => {
    const position = column === undefined ? `${line}` : `${line}:${column}`;
    return `at ${file}:${position}${expression === undefined ? "" : `  ${expression}`}`;
  });
  if (excerpt !== undefined) lines.push(`  ${place.line} | ${excerpt}`);
  if (valuesKey !== undefined) lines.push(`values: ${valuesKey}`);
  return `\n${lines.join("\n")}\n`;
}
