import { readdirSync, readlinkSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../component/clock.ts";

const intervalMs = 1_000;

/**
 * Calls back when the configuration changed and has stood still for an interval. It looks instead of waiting for events: a mounted ConfigMap is
 * swapped by a symlink two folders up, which no event on the file tells.
 */
export function watchSources(path: string, clock: Clock, changed: () => void): () => void {
  let reported = fingerprint(path);
  let seen = reported;
  let cancel = () => {};
  const look = () => {
    const now = fingerprint(path);
    if (now === seen && now !== reported) {
      reported = now;
      changed();
    }
    seen = now;
    cancel = clock.after(intervalMs, look);
  };
  cancel = clock.after(intervalMs, look);
  return () => cancel();
}

/** Changes whenever a file's content may have: inode, time and size of each, and where links lead. */
function fingerprint(path: string): string {
  try {
    const about = statSync(path);
    const files = about.isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith(".alloy"))
          .sort()
          .map((name) => join(path, name))
      : [path];
    return files.map((file) => `${file} ${identity(file)}`).join("\n") + linkOf(join(about.isDirectory() ? path : dirname(path), "..data"));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unreadable";
  }
}

function identity(file: string): string {
  const { ino, mtimeMs, size } = statSync(file);
  return `${ino} ${mtimeMs} ${size}`;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
