import { globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Collector } from "../collector.ts";
import type { MetricPage } from "../metric-page.ts";
import { familiesOf, type TextFamily } from "./text-families.ts";

/** Larger files are not metrics that somebody writes by hand or script. */
const mostBytes = 16 * 1024 * 1024;

/** Metrics that scripts leave in files. A file that can't be taken shows in one metric of its own; the rest of the page goes on. */
export const textfile: Collector = {
  name: "textfile",
  isDefault: true,
  prepare:
    ({ textfile: { directory } }) =>
    (_host, page, warn) => {
      const problems = directory === "" ? [] : exposeFolders(directory, page);
      page.gauge("node_textfile_scrape_error", "Whether a file could not be read.").sample(problems.length === 0 ? 0 : 1);
      problems.forEach(warn);
    },
};

/** What was found in all files under one name. */
interface Gathered {
  readonly family: TextFamily;
  readonly paths: string[];
}

function exposeFolders(directory: string, page: MetricPage): string[] {
  const problems: string[] = [];
  const gathered = new Map<string, Gathered>();
  const changed = page.gauge("node_textfile_mtime_seconds", "When a file was last changed, in seconds since the epoch.", "file");
  for (const path of pathsOf(directory, problems)) {
    try {
      const { size, mtimeMs } = statSync(path);
      if (size > mostBytes) throw new Error(`${path} has ${size} bytes, more than a file of metrics may have`);
      for (const family of familiesOf(readFileSync(path, "utf8"))) gather(gathered, family, path, problems);
      changed.sample(Math.floor(mtimeMs / 1000), path);
    } catch (error) {
      problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const { family, paths } of gathered.values()) {
    const kind = page.kindOf(family.name);
    if (kind === undefined || kind === family.kind) page.adopt({ ...family, help: family.help ?? `From ${paths.join(", ")}.` });
    else problems.push(`${paths.join(", ")}: ${family.name} is a ${family.kind} there and a ${kind} here`);
  }
  return problems;
}

/** The argument may be a pattern of folders. */
function pathsOf(directory: string, problems: string[]): string[] {
  const matching = /[*?[]/.test(directory) ? globSync(directory).sort() : [];
  return (matching.length === 0 ? [directory] : matching).flatMap((folder) => {
    try {
      const names = readdirSync(folder).filter((name) => name.endsWith(".prom"));
      return names.sort().map((name) => join(folder, name));
    } catch (error) {
      problems.push(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
}

/** Several files may have series of one metric, if they describe it alike. */
function gather(gathered: Map<string, Gathered>, family: TextFamily, path: string, problems: string[]): void {
  const known = gathered.get(family.name);
  if (known === undefined) {
    gathered.set(family.name, { family, paths: [path] });
    return;
  }
  const help = known.family.help ?? family.help;
  if (family.kind !== known.family.kind || (family.help ?? help) !== help) {
    problems.push(`${path}: ${family.name} is described differently in ${known.paths.join(", ")}`);
    return;
  }
  for (const [key, value] of family.series) if (!known.family.series.has(key)) known.family.series.set(key, value);
  gathered.set(family.name, { family: { ...known.family, help }, paths: [...known.paths, path] });
}
