import { existsSync } from "node:fs";
import { join } from "node:path";
import { GoError, quote } from "@invar/go-compat";
import { parseTemplate, sprigFunctions } from "@invar/go-template";
import { ChartError } from "../chart/chart.ts";
import { filePattern } from "../chart/file-pattern.ts";
import { loadChart } from "../chart/load-chart.ts";
import { capabilitiesOf } from "../engine/capabilities.ts";
import { lookupIn } from "../engine/lookup.ts";
import { type Finding, isError } from "../finding.ts";
import { type HelmVersion, helmVersionOf, isHelm4 } from "../helm-version.ts";
import { splitManifests } from "../manifests/manifests.ts";
import { type RenderedChart, renderChart } from "../render-chart.ts";
import { describeFlags, type FlagDefinition, type ParsedFlags, parseFlags } from "./flags.ts";
import { mergedValues, NEEDS_NETWORK, objectsAt, readText, valuesIn } from "./given-values.ts";
import { sourced, writeFiles } from "./output-folder.ts";
import { OutputProblem } from "./output-problem.ts";
import { findProgram, postRender } from "./post-render.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The stack was too small for the templates, not the limit of Helm. */
  readonly isOutOfStack?: boolean;
}

/** `invar-chart template [NAME] CHART`, as Helm's. */
export function templateCommand(args: readonly string[]): CommandResult {
  try {
    return render(parseFlags(args, FLAGS, UNSUPPORTED));
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) return { code: 1, stdout: "", stderr: errorText(error, "") };
    if (error instanceof RangeError && error.message.includes("call stack")) {
      return { code: 1, stdout: "", stderr: "Error: the chart, its values or its output nest too deep\n", isOutOfStack: true };
    }
    throw error;
  }
}

const FLAGS = {
  "api-versions": { kind: "list", short: "a", help: "API versions that .Capabilities.APIVersions has besides the usual ones" },
  debug: { kind: "switch", help: "print what was rendered even when a document is no YAML" },
  "generate-name": { kind: "switch", short: "g", help: "make up the release's name instead of taking it as an argument" },
  "helm-version": { kind: "text", help: "render as this version of Helm: 3.22 (default), 4.1 or 4.2" },
  help: { kind: "switch", short: "h", help: "print this" },
  "include-crds": { kind: "switch", help: "print the files of crds folders too" },
  "is-upgrade": { kind: "switch", help: "set .Release.IsUpgrade instead of .Release.IsInstall" },
  "kube-version": { kind: "text", help: "version of Kubernetes that .Capabilities.KubeVersion tells" },
  "name-template": { kind: "text", help: "template of the release's name" },
  namespace: { kind: "text", short: "n", help: "namespace of the release" },
  "no-hooks": { kind: "switch", help: "leave hooks out" },
  objects: { kind: "texts", help: "YAML files with the objects that lookup finds" },
  "output-dir": { kind: "text", help: "write one file a template below this folder instead of printing" },
  "post-renderer": { kind: "text", help: "program that gets the manifests as input and prints those to take instead" },
  "post-renderer-args": { kind: "list", help: "arguments of that program" },
  "release-name": { kind: "switch", help: "put the release's name between the output folder and the chart's" },
  "render-subchart-notes": { kind: "switch", help: "render the notes of charts below, too" },
  set: { kind: "texts", help: "values: a.b=1,c[0]=x" },
  "set-file": { kind: "texts", help: "values that are the text of files: a.b=path" },
  "set-json": { kind: "texts", help: "values that are JSON: a.b={...}" },
  "set-literal": { kind: "texts", help: "a value that is a text as it stands: a.b=text" },
  "set-string": { kind: "texts", help: "values that are texts whatever they look like: a.b=1" },
  "show-only": { kind: "texts", short: "s", help: "print only what these templates gave: templates/x.yaml, may have wildcards" },
  "skip-crds": { kind: "switch", help: "changes nothing, as in Helm: without --include-crds the crds folders are left out" },
  "skip-schema-validation": { kind: "switch", help: "do not check values against values.schema.json" },
  "skip-tests": { kind: "switch", help: "leave test hooks out" },
  values: { kind: "list", short: "f", help: "values file, - for the standard input; the last one wins" },
} satisfies Readonly<Record<string, FlagDefinition>>;

type Flags = ParsedFlags<keyof typeof FLAGS>;

const USAGE = `Renders the templates of a chart and prints the manifests, as helm template does.
What a cluster would know comes from flags.

Usage:
  invar-chart template [NAME] CHART [flags]

Flags:
${describeFlags(FLAGS)}`;

const NEEDS_CLUSTER = "invar-chart never talks to a cluster";
const INSTALLS = "it changes nothing of what is rendered: leave it out";

const UNSUPPORTED = new Map(
  (
    [
      [
        NEEDS_NETWORK,
        "ca-file cert-file dependency-update devel insecure-skip-tls-verify key-file keyring pass-credentials password plain-http " +
          "registry-config repo repository-cache repository-config username verify version",
      ],
      [
        NEEDS_CLUSTER,
        "enable-dns kube-apiserver kube-as-group kube-as-user kube-ca-file kube-context kube-insecure-skip-tls-verify " +
          "kube-tls-server-name kube-token kubeconfig validate",
      ],
      [
        INSTALLS,
        "atomic burst-limit create-namespace description disable-openapi-validation dry-run force hide-notes labels qps replace " +
          "take-ownership timeout wait wait-for-jobs",
      ],
    ] as const
  ).flatMap(([reason, names]) => names.split(" ").map((name) => [name, reason] as const)),
);

function render(flags: Flags): CommandResult {
  if (flags.isSet("help")) return { code: 0, stdout: USAGE, stderr: "" };
  const kubeVersion = flags.text("kube-version");
  const helmVersion = helmVersionOf(flags.text("helm-version"));
  if (kubeVersion !== undefined && kubeVersion !== "") capabilitiesOf(kubeVersion, [], helmVersion);
  const [name, path] = nameAndChart(flags);
  const program = postRendererOf(flags, helmVersion);
  const files = flags.texts("values").map((file) => valuesIn(file, readText(file), helmVersion));
  const rendered = renderChart({
    chart: loadChart(locatedChart(path), helmVersion),
    values: mergedValues(files, flags.texts, helmVersion),
    release: { name, namespace: flags.text("namespace") || "default", isUpgrade: flags.isSet("is-upgrade") },
    ...(kubeVersion === undefined || kubeVersion === "" ? {} : { kubeVersion }),
    apiVersions: flags.texts("api-versions"),
    skipsSchemaValidation: flags.isSet("skip-schema-validation"),
    rendersSubchartNotes: flags.isSet("render-subchart-notes"),
    helmVersion,
    lookup: lookupIn(flags.texts("objects").flatMap(objectsAt)),
  });
  // What is not Helm's own says so.
  const logged = rendered.findings
    .filter(({ severity }) => severity === "warning")
    .map(({ rule, message }) => `${rule === "helm/version" ? "invar-chart: " : ""}${message}\n`);
  const isDeprecated = flags.isSet("render-subchart-notes") && helmVersion === "4.2";
  const warnings = isDeprecated ? [NOTES_DEPRECATED, ...logged] : logged;
  const errors = rendered.findings.filter(isError);
  const isDebug = flags.isSet("debug");
  if (errors.some(({ rule }) => rule === "helm/depth")) return { code: 1, stdout: "", stderr: errorsText(errors, ""), isOutOfStack: true };
  if (errors.length > 0) {
    const isManifest = errors[0]?.rule === "helm/manifest";
    const hint = isDebug || errors[0]?.rule === "helm/chart" ? "" : DEBUG_HINT;
    return { code: 1, stdout: isDebug && isManifest ? blobOf(rendered.texts) : "", stderr: warnings.join("") + errorsText(errors, hint) };
  }
  try {
    const post = program === undefined ? undefined : (text: string) => postRender(program, flags.texts("post-renderer-args"), text);
    return { code: 0, stdout: output(rendered, { name, flags, post, helmVersion }), stderr: warnings.join("") };
  } catch (error) {
    if (!(error instanceof OutputProblem)) throw error;
    return { code: 1, stdout: "", stderr: warnings.join("") + errorText(error, isDebug ? "" : DEBUG_HINT) };
  }
}

const NOTES_DEPRECATED =
  "Flag --render-subchart-notes has been deprecated, this flag has no effect for 'helm template' and will be removed in Helm 5\n";
const DEBUG_HINT = "\n\nUse --debug flag to render out invalid YAML";

function postRendererOf(flags: Flags, helmVersion: HelmVersion): string | undefined {
  const name = flags.text("post-renderer") ?? "";
  if (name === "") return undefined;
  if (!isHelm4(helmVersion)) return findProgram(name);
  // Helm 4 takes the name of a plugin, and here are none.
  const problem = `plugin: {Name:${name} Type:postrenderer/v1} not found`;
  throw new ChartError(`invalid argument ${quote(name)} for "--post-renderer" flag: ${problem}`);
}

function nameAndChart(flags: Flags): [string, string] {
  const [first, second, ...rest] = flags.positionals;
  if (first === undefined)
    throw new ChartError('"helm template" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]');
  if (rest.length > 0) throw new ChartError(`expected at most two arguments, unexpected arguments: ${rest.join(", ")}`);
  const template = flags.text("name-template") ?? "";
  if (second === undefined) return [template === "" ? "release-name" : nameFrom(template), first];
  if (flags.isSet("generate-name")) throw new ChartError("cannot set --generate-name and also specify a name");
  if (template !== "") throw new ChartError("cannot set --name-template and also specify a name");
  return [first, second];
}

function nameFrom(template: string): string {
  return parseTemplate("name-template", template, { functions: sprigFunctions() }).execute("name-template", null);
}

/** A chart's path. Helm takes what is none for a chart in a repository. */
function locatedChart(path: string): string {
  if (existsSync(path) || path.startsWith("/") || path.startsWith(".")) return path;
  if (/^[a-z]+:\/\//.test(path)) throw new ChartError(`${path} is not read: ${NEEDS_NETWORK}`);
  const slash = path.indexOf("/");
  if (slash >= 0) throw new ChartError(`repo ${path.slice(0, slash)} not found`);
  throw new ChartError(`non-absolute URLs should be in form of repo_name/path_to_chart, got: ${path}`);
}

interface OutputRequest {
  readonly name: string;
  readonly flags: Flags;
  readonly post: ((manifests: string) => string) | undefined;
  readonly helmVersion: HelmVersion;
}

function output(rendered: RenderedChart, { name, flags, post, helmVersion }: OutputRequest): string {
  const crds = flags.isSet("include-crds") ? rendered.crds : [];
  const hooks = flags.isSet("no-hooks")
    ? []
    : rendered.hooks.filter((hook) => !(flags.isSet("skip-tests") && hook.events.includes("test")));
  const main = [...crds, ...rendered.documents];
  const folder = flags.text("output-dir") ?? "";
  if (folder !== "") {
    const ofRelease = flags.isSet("release-name") ? join(folder, name) : folder;
    return `${writeFiles(folder, crds)}${writeFiles(ofRelease, [...rendered.documents, ...hooks])}\n`;
  }
  const manifests = main.map(sourced).join("");
  const text = `${(post === undefined ? manifests : post(manifests)).trim()}\n${hooks.map(sourced).join("")}`;
  const only = flags.texts("show-only");
  return only.length === 0 ? text : only.flatMap((pattern) => matching(text, pattern, helmVersion)).join("");
}

function matching(text: string, pattern: string, helmVersion: HelmVersion): string[] {
  const matcher = filePattern(pattern);
  const documents = splitManifests(text, helmVersion).map(({ content }) => content);
  const found = documents.filter((document) => {
    const path = /# Source: [^/]+\/(.+)/.exec(document)?.[1];
    return path !== undefined && matcher?.test(path) === true;
  });
  if (found.length === 0) throw new ChartError(`could not find template ${pattern} in chart`);
  return found.map((document) => `---\n${document}\n`);
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
