import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { quote } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { OutputProblem } from "./output-problem.ts";

/** The path of a program on PATH, or at the path itself when it has a slash. Throws `ChartError` with Helm's text. */
export function findProgram(name: string): string {
  const isPath = name.includes("/");
  const candidates = isPath ? [resolve(name)] : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  const reason = isPath ? `stat ${name}: no such file or directory` : "executable file not found in $PATH";
  throw new ChartError(
    `invalid argument ${quote(name)} for "--post-renderer" flag: unable to find binary at ${name}: exec: ${quote(name)}: ${reason}`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}

const MOST_OUTPUT = 1 << 28;

/** What the program makes of the manifests. Throws `OutputProblem`. */
export function postRender(program: string, args: readonly string[], manifests: string): string {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    input: manifests,
    encoding: "utf8",
    maxBuffer: MOST_OUTPUT,
  });
  const context = "error while running post render on files";
  if (error !== undefined && status === null && signal === null) {
    throw new OutputProblem(`${context}: error while running command ${program}. error output:\n${stderr ?? ""}: ${error.message}`);
  }
  if (status !== 0) {
    const reason = signal === null ? `exit status ${status}` : `signal: ${signal}`;
    throw new OutputProblem(`${context}: error while running command ${program}. error output:\n${stderr}: ${reason}`);
  }
  return stdout;
}
