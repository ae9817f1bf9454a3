import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { templateCommand } from "../../../apps/chart-renderer/src/commands/template.ts";

/** What a run of either program gave: its output and its error text. */
export interface Outcome {
  readonly stdout: string;
  readonly error: string;
}

/** Every case and run by its text, through Helm when its path is given. */
export function runAll(helm?: string): Record<string, Outcome> {
  const outcomes: Record<string, Outcome> = {};
  for (const line of readCases("runs.txt")) outcomes[line] = runTemplate(line.split(" "), import.meta.dirname, helm);
  const folder = mkdtempSync(join(tmpdir(), "helm-case-"));
  try {
    cpSync(join(import.meta.dirname, "charts/cases"), join(folder, "cases"), { recursive: true });
    for (const line of readCases("cases.txt")) {
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

/** What Helm answered when it was last asked. */
export function recordedOutcomes(): Record<string, Outcome> {
  return JSON.parse(readFileSync(RECORDED, "utf8")) as Record<string, Outcome>;
}

export const RECORDED = join(import.meta.dirname, "recorded.json");

function readCases(file: string): string[] {
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
  const start = stderr.indexOf("Error: ");
  // What follows the hint is ours alone.
  return start < 0 ? "" : (stderr.slice(start).split("\n\nUse --debug flag")[0] as string).trimEnd();
}
