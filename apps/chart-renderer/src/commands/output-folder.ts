import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Manifest } from "../manifests/manifests.ts";
import { OutputProblem } from "./output-problem.ts";

export type FileContent = Pick<Manifest, "path" | "content">;

/** A document with the line that tells its template. */
export function sourced({ path, content }: FileContent): string {
  return `---\n# Source: ${path}\n${content}\n`;
}

/** Writes one file a template below the folder, and tells each as Helm does. Throws `OutputProblem`. */
export function writeFiles(folder: string, documents: readonly FileContent[]): string {
  const written = new Set<string>();
  let log = "";
  for (const document of documents) {
    const path = `${folder}/${document.path}`;
    withGoText("stat", dirname(path), () => {
      if (!exists(dirname(path))) makeFolder(dirname(path));
    });
    const isMore = written.has(path) && existsSync(path);
    withGoText("open", path, () => writeFileSync(path, sourced(document), { flag: isMore ? "a" : "w" }));
    written.add(path);
    log += `wrote ${path}\n`;
  }
  return log;
}

/** Step by step: Node's own way never ends where the system says that a parent is missing, as below /proc. */
function makeFolder(path: string): void {
  if (exists(path)) return;
  makeFolder(dirname(path));
  withGoText("mkdir", path, () => mkdirSync(path));
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

const GO_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  EROFS: "read-only file system",
  ENOSPC: "no space left on device",
  ENAMETOOLONG: "file name too long",
};

function withGoText(step: string, path: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof OutputProblem) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new OutputProblem(`${step} ${path}: ${GO_TEXTS[code] ?? message}`, { cause: error });
  }
}
