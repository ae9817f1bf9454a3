import { GoError, type GoValue } from "@invar/go-compat";
import { compareValues } from "../difference/compare-objects.ts";
import type { Finding } from "../finding.ts";
import { readYaml } from "../yaml/read.ts";

/** The files that findings are about, by the names that they have there. */
export interface Files {
  /** Undefined where there is none that can be written. */
  readonly read: (file: string) => string | undefined;
  readonly write: (file: string, text: string) => void;
}

/**
 * Mends what can be mended without a change of meaning but the one that is wanted: names of values, versions without quotes, keys that
 * stand twice with the same value, variables that nobody reads. The number of places mended.
 */
export function applyRemedies(findings: readonly Finding[], files: Files): number {
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) {
    const file = finding.place?.file;
    if (file !== undefined && REMEDIES.has(finding.rule)) byFile.set(file, [...(byFile.get(file) ?? []), finding]);
  }
  let count = 0;
  for (const [file, own] of byFile) {
    const text = files.read(file);
    if (text === undefined) continue;
    const lines = text.split("\n");
    // From the end, so that removed lines move none that is still to come.
    for (const finding of own.sort((a, b) => (b.place?.line ?? 0) - (a.place?.line ?? 0))) {
      if (REMEDIES.get(finding.rule)?.(lines, finding) === true) count++;
    }
    if (lines.join("\n") !== text) files.write(file, lines.join("\n"));
  }
  return count;
}

/** Changes the lines and says whether it did. */
type Remedy = (lines: string[], finding: Finding) => boolean;

const REMEDIES: ReadonlyMap<string, Remedy> = new Map([
  ["helm/chart-file", quoteVersion],
  ["values/misspelt", renameKey],
  ["yaml/duplicate-key", removeSameKey],
  ["template/unused-variable", removeVariable],
]);

function replaceLine(lines: string[], { place }: Finding, change: (line: string) => string): boolean {
  const at = (place?.line ?? 0) - 1;
  const line = lines[at];
  if (line === undefined) return false;
  const changed = change(line);
  if (changed === line) return false;
  lines[at] = changed;
  return true;
}

function quoteVersion(lines: string[], finding: Finding): boolean {
  if (!/^(?:version|appVersion) should be of type string/.test(finding.message)) return false;
  return replaceLine(lines, finding, (line) => line.replace(/^(\s*(?:version|appVersion):\s+)([^\s"'#]+)/, '$1"$2"'));
}

function renameKey(lines: string[], { valuesKey, fix, ...finding }: Finding): boolean {
  const meant = /^write (\S+)$/.exec(fix ?? "")?.[1];
  const name = valuesKey?.split(/(?<!\\)\./).at(-1);
  if (meant === undefined || name === undefined) return false;
  return replaceLine(lines, finding, (line) => {
    const start = line.search(/\S/);
    const rest = line.slice(start);
    return rest.startsWith(`${name}:`) ? `${line.slice(0, start)}${meant}${rest.slice(name.length)}` : line;
  });
}

/** Only scalars on lines of their own, and only where both say the same. */
function removeSameKey(lines: string[], { place, message }: Finding): boolean {
  const at = (place?.line ?? 0) - 1;
  const first = Number(/stands in line (\d+) too/.exec(message)?.[1] ?? 0) - 1;
  const [older, newer] = [lines[first], lines[at]];
  if (older === undefined || newer === undefined || !isSameScalar(older, newer)) return false;
  lines.splice(at, 1);
  return true;
}

function isSameScalar(first: string, second: string): boolean {
  const [a, b] = [first, second].map((line) => scalarEntry(line));
  return a !== undefined && b !== undefined && first.search(/\S/) === second.search(/\S/) && compareValues(a, b, "").length === 0;
}

function scalarEntry(line: string): GoValue | undefined {
  if (!/^\s*[\w.-]+:\s+[^\s|>&*{[]/.test(line)) return undefined;
  try {
    return readYaml(line.trim());
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}

// The whole line is the assignment, and nothing in it can fail or change anything.
const PURE_ASSIGNMENT = /^\s*\{\{-?\s*\$\w+\s*:=\s*(?:\$?[\w.]+|"[^"]*"|`[^`]*`|\(?(?:list|dict)\)?)\s*-?\}\}\s*$/;

function removeVariable(lines: string[], { place }: Finding): boolean {
  const at = (place?.line ?? 0) - 1;
  const line = lines[at];
  // Trimming is part of what the line does.
  if (line === undefined || !PURE_ASSIGNMENT.test(line) || !/\{\{-/.test(line) || /-\}\}/.test(line)) return false;
  lines.splice(at, 1);
  return true;
}
