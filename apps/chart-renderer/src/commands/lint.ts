import { readFileSync, statSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { GoError, type GoMap } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { loadChart } from "../chart/load-chart.ts";
import { applyRemedies } from "../checks/apply-remedies.ts";
import { type LintRequest, lintChart } from "../checks/lint-chart.ts";
import { rules } from "../checks/rules.ts";
import { objectsOf, objectsOfText, type RenderedObject } from "../difference/objects.ts";
import { type Finding, isError } from "../finding.ts";
import { renderChart } from "../render-chart.ts";
import { findingsJson } from "../report/findings-json.ts";
import { findingsJunit } from "../report/findings-junit.ts";
import { findingsSarif } from "../report/findings-sarif.ts";
import { findingsText } from "../report/findings-text.ts";
import { mergeFiles } from "../values/tables.ts";
import { CHART_OPTIONS, chartRequest, readFlags, valuesFile } from "./chart-flags.ts";
import { readText } from "./given-values.ts";
import type { CommandResult } from "./template.ts";

const TEXT = { type: "string" } as const;
const TEXTS = { type: "string", multiple: true } as const;

const OPTIONS = {
  ...CHART_OPTIONS,
  output: { ...TEXT, short: "o" },
  strict: { type: "boolean" },
  quiet: { type: "boolean" },
  "with-subcharts": { type: "boolean" },
  crds: TEXTS,
  "pod-security": TEXT,
  images: TEXT,
  previous: TEXT,
  "previous-values": TEXTS,
  toggles: TEXT,
  skip: TEXTS,
  fix: { type: "boolean" },
} as const;

const USAGE =
  "invar-chart lint CHART [-f VALUES] [-o text|json|sarif|junit] [--kube-version V] [--crds FILE] [--pod-security baseline|restricted] " +
  "[--images FILE] [--previous CHART|FILE] [--previous-values FILE] [--toggles N] [--skip RULE] [--strict] [--quiet] [--with-subcharts] [--fix]";

// Enough for each toggle of most charts, in seconds.
const TOGGLE_RENDERS = 40;

/**
 * `invar-chart lint CHART…`: Helm's rules, and those that Helm does not have. Ends with 1 where an error was found (with `--strict` a
 * warning too).
 */
export function lintCommand(args: readonly string[]): CommandResult {
  try {
    const { values: flags, positionals } = readFlags(args, OPTIONS, USAGE);
    const paths = positionals.length === 0 ? ["."] : positionals;
    return lint(paths, flags);
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) return { code: 1, stdout: "", stderr: `Error: ${error.message}\n` };
    throw error;
  }
}

type LintFlags = ReturnType<typeof readFlags<typeof OPTIONS>>["values"];

interface Linted {
  readonly path: string;
  readonly name: string;
  readonly findings: readonly Finding[];
}

function lint(paths: readonly string[], flags: LintFlags): CommandResult {
  const format = flags.output ?? "text";
  if (!["text", "json", "sarif", "junit"].includes(format)) {
    throw new ChartError(`unknown format "${format}": write -o text, json, sarif or junit`);
  }
  const unknown = flags.skip?.find((id) => !rules.some((rule) => rule.id === id));
  if (unknown !== undefined) throw new ChartError(`unknown rule "${unknown}": write one of ${rules.map(({ id }) => id).join(", ")}`);
  let linted = paths.map((path) => lintPath(path, flags));
  let note = "";
  if (flags.fix === true) {
    const fixed = linted.reduce((count, { path, name, findings }) => count + fix(path, name, findings), 0);
    note = `${fixed} fixed\n`;
    if (fixed > 0) linted = paths.map((path) => lintPath(path, flags));
  }
  const all = linted.flatMap(({ findings }) => findings);
  const isBad = all.some((finding) => isError(finding) || (flags.strict === true && finding.severity === "warning"));
  const stdout = format === "text" ? textReport(linted, flags.quiet === true) : report(format, linted, all);
  return { code: isBad ? 1 : 0, stdout: format === "text" ? stdout + note : stdout, stderr: format === "text" ? "" : note };
}

function lintPath(path: string, flags: LintFlags): Linted {
  const request = requestOf(path, flags);
  if (!("options" in request)) return { path, name: path, findings: [request] };
  const skipped = new Set(flags.skip ?? []);
  const findings = lintChart(request).filter(({ rule }) => !skipped.has(rule));
  return { path, name: request.options.chart.name, findings };
}

/** What to lint; a finding where the chart cannot be loaded. */
function requestOf(path: string, flags: LintFlags): LintRequest | Finding {
  const problem = loadProblem(path);
  if (problem !== undefined) return problem;
  const request = chartRequest(path, flags);
  const podSecurity = flags["pod-security"] ?? "off";
  if (podSecurity !== "off" && podSecurity !== "baseline" && podSecurity !== "restricted") {
    throw new ChartError(`unknown Pod Security Standard "${podSecurity}": write baseline, restricted or off`);
  }
  const toggles = Number(flags.toggles ?? TOGGLE_RENDERS);
  if (!Number.isSafeInteger(toggles) || toggles < 0)
    throw new ChartError(`--toggles ${flags.toggles} is no number of renders: write 0 or more`);
  const previous = previousObjects(path, flags);
  return {
    path,
    ...request,
    podSecurity,
    toggleRenders: toggles,
    includesSubcharts: flags["with-subcharts"] === true,
    crds: (flags.crds ?? []).flatMap(definitionsAt),
    ...(previous === undefined ? {} : { previous }),
    ...(flags.images === undefined ? {} : { allowedImages: imageList(readText(flags.images)) }),
  };
}

function loadProblem(path: string): Finding | undefined {
  try {
    loadChart(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof ChartError || error instanceof GoError)) throw error;
    return { rule: "helm/chart", severity: "error", message: `unable to load chart\n\t${error.message}` };
  }
}

function definitionsAt(path: string): GoMap[] {
  return objectsOfText(readText(path)).map(({ content }) => content);
}

/** One image a line; `#` begins a comment. */
function imageList(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** The objects of the release as it was: another chart, other values, or a file of rendered manifests. */
function previousObjects(path: string, flags: LintFlags): RenderedObject[] | undefined {
  const { previous, "previous-values": files } = flags;
  if (previous === undefined && files === undefined) return undefined;
  const isFile = previous !== undefined && statSync(previous, { throwIfNoEntry: false })?.isFile() === true;
  if (isFile && !previous.endsWith(".tgz")) return objectsOfText(readText(previous));
  const { options } = chartRequest(previous ?? path, files === undefined ? flags : { ...flags, values: [] });
  const own = (files ?? []).reduce((merged, file) => mergeFiles(merged, valuesFile(file).values), options.values ?? new Map());
  const rendered = renderChart({ ...options, values: own });
  const problem = rendered.findings.find(isError);
  if (problem !== undefined) throw new ChartError(`the earlier render: ${problem.message}`);
  return objectsOf(rendered);
}

function textReport(linted: readonly Linted[], isQuiet: boolean): string {
  const blocks = linted.flatMap(({ path, findings }) => {
    const shown = isQuiet ? findings.filter(({ severity }) => severity !== "info") : findings;
    return isQuiet && shown.length === 0 ? [] : [`==> Linting ${path}\n${findingsText(shown)}\n`];
  });
  const failed = linted.filter(({ findings }) => findings.some(isError)).length;
  const summary = `${linted.length} chart(s) linted, ${failed} chart(s) failed\n`;
  return isQuiet && blocks.length === 0 ? "" : blocks.join("") + summary;
}

function report(format: string, linted: readonly Linted[], all: readonly Finding[]): string {
  if (format === "json") return findingsJson(all);
  const ids = rules.map(({ id }) => id);
  if (format === "junit") return findingsJunit(linted.map(({ name }) => name).join(", "), ids, all);
  return findingsSarif(rules, all, (file) => {
    const owner = linted.find(({ name }) => file.startsWith(`${name}/`));
    return owner === undefined
      ? file
      : `${relative(process.cwd(), resolve(owner.path))}/${file.slice(owner.name.length + 1)}`.replace(/^\//, "");
  });
}

/** Applies what can be mended safely; the number of files' places that were changed. */
function fix(path: string, name: string, findings: readonly Finding[]): number {
  const fileOf = (file: string): string => (file.startsWith(`${name}/`) ? `${path}/${file.slice(name.length + 1)}` : file);
  return applyRemedies(findings, {
    read: (file) => (statSync(fileOf(file), { throwIfNoEntry: false })?.isFile() === true ? readFileSync(fileOf(file), "utf8") : undefined),
    write: (file, text) => writeFileSync(fileOf(file), text),
  });
}
