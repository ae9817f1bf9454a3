import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The repository's root. */
export const root = join(import.meta.dirname, "..", "..");

/** Paths of the files that Git knows, or would know at the next commit, relative to the root. */
export const trackedFiles: readonly string[] = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
})
  .split("\0")
  .filter((path) => path !== "" && exists(path));

/** The sources written by hand. */
export const sources: readonly string[] = trackedFiles.filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".generated.ts"));

const contents = new Map<string, string>();

export function textOf(path: string): string {
  const known = contents.get(path) ?? readFileSync(join(root, path), "utf8");
  contents.set(path, known);
  return known;
}

/** Tests, benchmarks and what only they use: they may reach anywhere. */
export function isForTests(path: string): boolean {
  return /(\.test|\.bench|\.suite)\.tsx?$/.test(path) || /(^|\/)(testing|test-[^/]*)\.ts$/.test(path) || path.startsWith("tests/");
}

/** Every folder on the way to these files. */
export function foldersOf(paths: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.add(folder);
  return folders;
}

// A file that was deleted, but not yet in a commit, is still in Git's list.
function exists(path: string): boolean {
  try {
    readFileSync(join(root, path), { flag: "r" });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EISDIR") return false;
    throw error;
  }
}
