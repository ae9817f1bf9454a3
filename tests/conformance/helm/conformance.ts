import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { templateCommand } from "../../../apps/chart-renderer/src/commands/template.ts";
import type { HelmVersion } from "../../../apps/chart-renderer/src/helm-version.ts";

/** What a run of either program gave: its output and its error text. */
export interface Outcome {
  readonly stdout: string;
  readonly error: string;
}

/** Through which program cases run: the Helm at a path, or ours as that version. */
export type Program = { readonly helm: string } | { readonly as: HelmVersion };

/** Every case and run by its text, or those that are wanted, and all texts. */
export function runAll(program: Program, isWanted: (line: string) => boolean = () => true): Record<string, Outcome> {
  const outcomes: Record<string, Outcome> = {};
  for (const line of readCases("runs.txt").filter(isWanted)) outcomes[line] = runTemplate(line.split(" "), import.meta.dirname, program);
  const folder = mkdtempSync(join(tmpdir(), "helm-case-"));
  try {
    cpSync(join(import.meta.dirname, "charts/cases"), join(folder, "cases"), { recursive: true });
    Object.assign(outcomes, runTexts(folder, program));
    for (const line of readCases("cases.txt").filter(isWanted)) {
      writeFileSync(
        join(folder, "cases/templates/case.yaml"),
        `{{ define "case" }}${line}{{ end }}text: {{ include "case" . | toJson }}\n`,
      );
      outcomes[line] = runTemplate(["rel", "cases"], folder, program);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return outcomes;
}

/** All of `texts.txt` in one run: a file a line. Nothing of one line can reach another. */
function runTexts(folder: string, program: Program): Record<string, Outcome> {
  const lines = readCases("texts.txt");
  const templates = join(folder, "cases/templates/texts");
  mkdirSync(templates);
  lines.forEach((line, index) => {
    const body = `{{ define "text${index}" }}${line}{{ end }}text: {{ include "text${index}" . | toJson }}\n`;
    writeFileSync(join(templates, `${String(index).padStart(4, "0")}.yaml`), body);
  });
  const { stdout, error } = runTemplate(["rel", "cases"], folder, program);
  rmSync(templates, { recursive: true });
  if (error !== "") throw new Error(`a line of texts.txt fails: ${error}`);
  const texts = [...stdout.matchAll(/texts\/(\d+)\.yaml\n(.*)\n/g)];
  return Object.fromEntries(texts.map(([, index, text]) => [lines[Number(index)], { stdout: `${text}\n`, error: "" }]));
}

/** What Helm 3.22 answered when it was last asked. */
export function recordedOutcomes(): Record<string, Outcome> {
  return JSON.parse(readFileSync(recordOf("3.22"), "utf8")) as Record<string, Outcome>;
}

/** What another version answered otherwise than 3.22. */
export function recordedDifferences(version: HelmVersion): Record<string, Outcome> {
  return JSON.parse(readFileSync(recordOf(version), "utf8")) as Record<string, Outcome>;
}

/** The answers of 3.22, or those of another version that differ from them. */
export function recordOf(version: HelmVersion): string {
  return join(import.meta.dirname, version === "3.22" ? "recorded.json" : `recorded-${version}.json`);
}

export function readCases(file: string): string[] {
  const lines = readFileSync(join(import.meta.dirname, file), "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

function runTemplate(given: readonly string[], folder: string, program: Program): Outcome {
  const args = given.includes("--kube-version") ? given : [...given, "--kube-version", "1.35.0"];
  if ("helm" in program) {
    const { stdout, stderr } = spawnSync(program.helm, ["template", ...args], { cwd: folder, encoding: "utf8" });
    return { stdout, error: errorOf(stderr, folder) };
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { stdout, stderr } = templateCommand([...args, "--helm-version", program.as]);
    return { stdout, error: errorOf(stderr, folder) };
  } finally {
    process.chdir(before);
  }
}

function errorOf(stderr: string, folder: string): string {
  // Warnings and the error; what follows the hint, or stands behind our name, is ours alone.
  const ofHelm = stderr.replaceAll(/^invar-chart: .*\n/gm, "").replaceAll(`${folder}/`, "");
  return (ofHelm.split("\n\nUse --debug flag")[0] as string).trimEnd();
}

/** Helm goes through the properties of a schema in random order: its findings are compared in the order of their texts. */
export function inOrder(outcome: unknown): string {
  const findings: string[] = [];
  const lines = JSON.stringify(outcome, undefined, 1).replaceAll("\\n", "\n").split("\n");
  const others = lines.filter((line) => {
    const isFinding = line.startsWith("- at ");
    if (isFinding) findings.push(line.replace(/[",]+$/, ""));
    return !isFinding;
  });
  return [...others, ...findings.sort()].join("\n");
}
