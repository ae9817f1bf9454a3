import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadChart, readYamlMap, renderChart } from "../../apps/chart-renderer/src/index.ts";
import { realPart } from "../backends/real-part.ts";
import { cpuSeconds, residentMiB } from "./process-cost.ts";

const KUBE_VERSION = "1.35.0";

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/**
 * Measures rendering a chart with each values file of a folder, or without any: cold, as a process of its own; warm, again in one process;
 * and all files in one process. Helm beside it when there is one.
 */
export async function benchCharts(repository: string, chart: string, valuesFolder: string | undefined, runs: number): Promise<void> {
  const files = valuesFolder === undefined ? [] : readdirSync(valuesFolder).map((name) => join(valuesFolder, name));
  const args = (file: string | undefined): string[] => [
    "template",
    "rel",
    chart,
    "--kube-version",
    KUBE_VERSION,
    ...(file === undefined ? [] : ["-f", file]),
  ];
  const programs = [["invar-chart", join(repository, "apps/chart-renderer/bin/invar-chart")]];
  const helm = realPart("helm");
  if (helm.path !== undefined) programs.push(["helm", helm.path]);
  let helmMs = Number.NaN;
  for (const [name = "", path = ""] of programs) {
    await costOf(path, args(files[0]));
    const costs: Cost[] = [];
    for (let run = 0; run < runs; run++) costs.push(await costOf(path, args(files[0])));
    const cold = median(costs, (cost) => cost.wallMs);
    if (name === "helm") helmMs = cold;
    console.log(
      `${name.padEnd(12)} cold       ${shown(cold)} wall ${shown(median(costs, (cost) => cost.cpuMs))} CPU ${Math.round(median(costs, (cost) => cost.peakMiB))} MiB`,
    );
  }
  const warmMs = warm(chart, files[0], runs * 5);
  console.log(`invar-chart  warm       ${shown(warmMs)} wall: ${ratio(helmMs, warmMs)} of Helm's speed`);
  if (files.length < 2) return;
  const before = performance.now();
  const loaded = loadChart(chart);
  for (const file of files) renderChart({ chart: loaded, values: readYamlMap(readFileSync(file, "utf8")), kubeVersion: KUBE_VERSION });
  const allMs = performance.now() - before;
  console.log(
    `invar-chart  ${files.length} files in one process  ${shown(allMs)} wall: ${ratio(helmMs * files.length, allMs)} of as many Helms`,
  );
}

function warm(chart: string, file: string | undefined, runs: number): number {
  const loaded = loadChart(chart);
  const values = file === undefined ? new Map() : readYamlMap(readFileSync(file, "utf8"));
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = performance.now();
    renderChart({ chart: loaded, values, kubeVersion: KUBE_VERSION });
    times.push(performance.now() - before);
  }
  // The first half warms up.
  return median(times.slice(runs >> 1), (time) => time);
}

/** What a process costs; CPU and memory are sampled, up to some milliseconds before its end. */
function costOf(program: string, args: readonly string[]): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const before = performance.now();
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    let cpuMs = 0;
    let peakMiB = 0;
    const sample = (): void => {
      if (child.pid === undefined || child.exitCode !== null) return;
      try {
        cpuMs = cpuSeconds(child.pid) * 1000;
        peakMiB = residentMiB(child.pid).peak || peakMiB;
      } catch (error) {
        // It ended just now.
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
    };
    const timer = setInterval(sample, 5);
    child.on("error", reject);
    child.on("exit", () => {
      clearInterval(timer);
      resolve({ wallMs: performance.now() - before, cpuMs, peakMiB });
    });
  });
}

function median<Item>(items: readonly Item[], measureOf: (item: Item) => number): number {
  const sorted = items.map(measureOf).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function shown(milliseconds: number): string {
  return `${Math.round(milliseconds)} ms`.padStart(9);
}

function ratio(theirs: number, ours: number): string {
  return Number.isNaN(theirs) ? "no Helm to compare" : `${(theirs / ours).toFixed(1)} times`;
}
