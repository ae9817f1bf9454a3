import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { templateCommand } from "../../../apps/chart-renderer/src/commands/template.ts";

/** What a run of either program gave: its output and its error text. */
export interface Outcome {
  readonly stdout: string;
  readonly error: string;
}

/** Every case and run by its text, or those that are wanted, and all texts; through Helm when its path is given. */
export function runAll(helm?: string, isWanted: (line: string) => boolean = () => true): Record<string, Outcome> {
  const outcomes: Record<string, Outcome> = {};
  for (const line of readCases("runs.txt").filter(isWanted)) outcomes[line] = runTemplate(line.split(" "), import.meta.dirname, helm);
  const folder = mkdtempSync(join(tmpdir(), "helm-case-"));
  try {
    cpSync(join(import.meta.dirname, "charts/cases"), join(folder, "cases"), { recursive: true });
    Object.assign(outcomes, runTexts(folder, helm));
    for (const line of readCases("cases.txt").filter(isWanted)) {
      writeFileSync(
        join(folder, "cases/templates/case.yaml"),
        `{{ define "case" }}${line}{{ end }}text: {{ include "case" . | toJson }}\n`,
      );
      outcomes[line] = runTemplate(["rel", "cases"], folder, helm);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return outcomes;
}

/** All of `texts.txt` in one run: a file a line. Nothing of one line can reach another. */
function runTexts(folder: string, helm: string | undefined): Record<string, Outcome> {
  const lines = readCases("texts.txt");
  const templates = join(folder, "cases/templates/texts");
  mkdirSync(templates);
  lines.forEach((line, index) => {
    const body = `{{ define "text${index}" }}${line}{{ end }}text: {{ include "text${index}" . | toJson }}\n`;
    writeFileSync(join(templates, `${String(index).padStart(4, "0")}.yaml`), body);
  });
  const { stdout, error } = runTemplate(["rel", "cases"], folder, helm);
  rmSync(templates, { recursive: true });
  if (error !== "") throw new Error(`a line of texts.txt fails: ${error}`);
  const texts = [...stdout.matchAll(/texts\/(\d+)\.yaml\n(.*)\n/g)];
  return Object.fromEntries(texts.map(([, index, text]) => [lines[Number(index)], { stdout: `${text}\n`, error: "" }]));
}

/** What Helm answered when it was last asked. */
export function recordedOutcomes(): Record<string, Outcome> {
  return JSON.parse(readFileSync(RECORDED, "utf8")) as Record<string, Outcome>;
}

export const RECORDED = join(import.meta.dirname, "recorded.json");

export function readCases(file: string): string[] {
  const lines = readFileSync(join(import.meta.dirname, file), "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

function runTemplate(given: readonly string[], folder: string, helm: string | undefined): Outcome {
  const args = [...given, "--kube-version", "1.35.0"];
  if (helm !== undefined) {
    const { stdout, stderr } = spawnSync(helm, ["template", ...args], { cwd: folder, encoding: "utf8" });
    return { stdout, error: errorOf(stderr) };
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { stdout, stderr } = templateCommand(args);
    return { stdout, error: errorOf(stderr) };
  } finally {
    process.chdir(before);
  }
}

function errorOf(stderr: string): string {
  // Warnings and the error; what follows the hint is ours alone.
  return (stderr.split("\n\nUse --debug flag")[0] as string).trimEnd();
}
