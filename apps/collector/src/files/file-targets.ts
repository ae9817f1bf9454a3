import { stat } from "node:fs/promises";
import { findFiles } from "./find-files.ts";
import { BadPattern, compileGlob } from "./glob.ts";

export type Target = Readonly<Record<string, string>>;

export interface FileTargets {
  /** One for each file and target that it matches, in the order of the targets. */
  readonly targets: readonly Target[];
  /** What is wrong with patterns. */
  readonly errors: readonly string[];
}

/** Replaces each target whose `__path__` is a glob pattern by one a file, without the files that `__path_exclude__` matches. */
export async function expandTargets(
  targets: readonly Target[],
  options: { ignoreOlderThanMs: number; nowMs: number },
): Promise<FileTargets> {
  const expanded: Target[] = [];
  const errors: string[] = [];
  const filesByPattern = new Map<string, Promise<string[]>>();
  for (const target of targets) {
    const { __path__: pattern = "", __path_exclude__: exclude = "" } = target;
    try {
      let files = filesByPattern.get(pattern);
      if (files === undefined) {
        files = findFiles(pattern);
        filesByPattern.set(pattern, files);
      }
      const isExcluded = exclude === "" ? () => false : compileGlob(exclude);
      for (const path of await files) {
        if (isExcluded(path) || (await isOlder(path, options))) continue;
        expanded.push(Object.assign(Object.create(null), target, { __path__: path }));
      }
    } catch (error) {
      if (!(error instanceof BadPattern)) throw error;
      errors.push(error.message);
    }
  }
  return { targets: expanded, errors };
}

async function isOlder(path: string, { ignoreOlderThanMs, nowMs }: { ignoreOlderThanMs: number; nowMs: number }): Promise<boolean> {
  if (ignoreOlderThanMs <= 0) return false;
  const stats = await stat(path).catch(() => undefined);
  // A file that has just gone is not there to be read.
  return stats === undefined || stats.mtimeMs < nowMs - ignoreOlderThanMs;
}
