import { statSync } from "node:fs";
import { GoError } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { compareObjects } from "../difference/compare-objects.ts";
import { differenceJson, differenceText } from "../difference/difference-report.ts";
import { objectsOf, objectsOfText, type RenderedObject } from "../difference/objects.ts";
import { isError } from "../finding.ts";
import { renderChart } from "../render-chart.ts";
import { mergeFiles } from "../values/tables.ts";
import { CHART_OPTIONS, type ChartFlags, chartRequest, readFlags, valuesFile } from "./chart-flags.ts";
import { readText } from "./given-values.ts";
import type { CommandResult } from "./template.ts";

const OPTIONS = {
  ...CHART_OPTIONS,
  chart: { type: "string" },
  "include-crds": { type: "boolean" },
  output: { type: "string", short: "o" },
} as const;

const USAGE = "invar-chart diff A B [-f VALUES] [-o json], or invar-chart diff --chart CHART VALUES_A VALUES_B";

/**
 * `invar-chart diff A B`: what differs between two charts, two files of rendered manifests, or, with `--chart`, between two values
 * files for one chart. Ends with 0 where nothing does, 1 where something does, 2 for trouble.
 */
export function diffCommand(args: readonly string[]): CommandResult {
  try {
    const { values: flags, positionals } = readFlags(args, OPTIONS, USAGE);
    const [first, second, ...rest] = positionals;
    if (first === undefined || second === undefined || rest.length > 0) throw new ChartError(`two things to compare: write \`${USAGE}\``);
    const format = flags.output ?? "text";
    if (format !== "text" && format !== "json") throw new ChartError(`unknown format "${format}": write -o text or -o json`);
    const changes = compareObjects(objectsAt(first, flags), objectsAt(second, flags));
    return {
      code: changes.length === 0 ? 0 : 1,
      stdout: format === "json" ? differenceJson(changes) : differenceText(changes),
      stderr: "",
    };
  } catch (error) {
    if (error instanceof ChartError || error instanceof GoError) return { code: 2, stdout: "", stderr: `Error: ${error.message}\n` };
    throw error;
  }
}

type DiffFlags = ChartFlags & { readonly chart?: string | undefined; readonly "include-crds"?: boolean | undefined };

function objectsAt(path: string, flags: DiffFlags): RenderedObject[] {
  if (flags.chart !== undefined) return rendered(flags.chart, flags, path);
  const isFile = path === "-" || statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return isFile && !/\.(?:tgz|tar\.gz)$/.test(path) ? objectsOfText(readText(path)) : rendered(path, flags, undefined);
}

function rendered(path: string, flags: DiffFlags, values: string | undefined): RenderedObject[] {
  const { options } = chartRequest(path, flags);
  const merged = mergeFiles(values === undefined ? new Map() : valuesFile(values).values, options.values ?? new Map());
  const chart = renderChart({ ...options, values: merged });
  const problem = chart.findings.find(isError);
  if (problem !== undefined) throw new ChartError(`${values ?? path}: ${problem.message}`);
  const crds = flags["include-crds"] === true ? chart.crds.flatMap(({ content }) => objectsOfText(content)) : [];
  return [...crds, ...objectsOf(chart)];
}
