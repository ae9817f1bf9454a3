import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { GoError } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { compareObjects } from "../difference/compare-objects.ts";
import { differenceText } from "../difference/difference-report.ts";
import { objectsOf, type RenderedObject } from "../difference/objects.ts";
import { type Finding, isError } from "../finding.ts";
import { renderChart } from "../render-chart.ts";
import { findingsText } from "../report/findings-text.ts";
import { CHART_OPTIONS, type ChartFlags, chartRequest, readFlags } from "./chart-flags.ts";
import type { CommandResult } from "./template.ts";

const USAGE = "invar-chart watch CHART [-f VALUES] [--set …]";

// Editors write a file in several steps, and tools write many files at once.
const QUIET_MS = 60;

/**
 * `invar-chart watch CHART`: renders, and again after each change of the chart or of a values file; says what differs from the last
 * render that worked. `emit` gets each output. The function that comes back ends it.
 */
export function watchCommand(args: readonly string[], emit: (result: CommandResult) => void): () => void {
  try {
    const { values: flags, positionals } = readFlags(args, CHART_OPTIONS, USAGE);
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) throw new ChartError(`one chart: write \`${USAGE}\``);
    if (statSync(path, { throwIfNoEntry: false }) === undefined) throw new ChartError(`path "${path}" not found`);
    return watchChart(path, flags, emit);
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    emit({ code: 1, stdout: "", stderr: `Error: ${error.message}\n` });
    return () => undefined;
  }
}

function watchChart(path: string, flags: ChartFlags, emit: (result: CommandResult) => void): () => void {
  let last: readonly RenderedObject[] | undefined;
  const show = (): void => {
    const outcome = render(path, flags);
    if ("findings" in outcome) {
      emit({ code: 0, stdout: "", stderr: findingsText(outcome.findings) });
      return;
    }
    const { objects } = outcome;
    if (last === undefined) emit({ code: 0, stdout: `${objects.length} objects; watching ${path}\n`, stderr: "" });
    else emit({ code: 0, stdout: differenceText(compareObjects(last, objects)) || "no difference\n", stderr: "" });
    last = objects;
  };
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(show, QUIET_MS);
  };
  const watchers = [watchPath(path, changed), ...valuesFiles(flags).map((file) => watchPath(file, changed))];
  show();
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

/** A folder with all below; of a file its folder, since editors put a new file in its place. */
function watchPath(path: string, changed: () => void): FSWatcher {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return watch(path, { recursive: true }, changed);
  const name = basename(path);
  return watch(dirname(resolve(path)), (_, file) => {
    if (file === null || file === name) changed();
  });
}

function valuesFiles(flags: ChartFlags): string[] {
  const files = Array.isArray(flags.values) ? flags.values : [];
  return files.flatMap((paths) => String(paths).split(",")).filter((path) => path !== "-");
}

function render(path: string, flags: ChartFlags): { objects: readonly RenderedObject[] } | { findings: readonly Finding[] } {
  try {
    const rendered = renderChart(chartRequest(path, flags).options);
    const findings = rendered.findings.filter(isError);
    return findings.length > 0 ? { findings } : { objects: objectsOf(rendered) };
  } catch (error) {
    if (!(error instanceof ChartError || error instanceof GoError)) throw error;
    return { findings: [{ rule: "helm/chart", severity: "error", message: error.message }] };
  }
}
