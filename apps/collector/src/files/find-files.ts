import type { Dirent, Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { globSegments, type Segment } from "./glob.ts";

/**
 * The absolute paths of the files that match a glob pattern, sorted. Links to files and directories are followed, but not in circles; what can't
 * be read is left out. Throws `BadPattern`.
 */
export async function findFiles(pattern: string): Promise<string[]> {
  if (pattern === "") return [];
  const found = new Set<string>();
  for (const [first, ...rest] of globSegments(pattern)) {
    const isAbsolute = first?.kind === "name" && first.name === "";
    await walk(isAbsolute ? "/" : resolve("."), isAbsolute ? rest : [first as Segment, ...rest], found, []);
  }
  return [...found].sort();
}

async function walk(directory: string, segments: readonly Segment[], found: Set<string>, above: readonly string[]): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment.kind === "name") {
    const path = join(directory, segment.name);
    if (rest.length > 0) await walk(path, rest, found, above);
    else if ((await statOf(path))?.isDirectory() === false) found.add(path);
    return;
  }
  const isAnyDepth = segment.kind === "any depth";
  let identity: string | undefined;
  if (isAnyDepth) {
    identity = await identityOf(directory);
    if (identity === undefined || above.includes(identity)) return;
    if (rest.length > 0) await walk(directory, rest, found, above);
  }
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    const isDirectory = await leadsToDirectory(entry, path);
    if (isDirectory === undefined) continue;
    if (isAnyDepth) {
      if (isDirectory) await walk(path, segments, found, [...above, identity as string]);
      else if (rest.length === 0) found.add(path);
    } else if (segment.matches(entry.name)) {
      if (isDirectory) await walk(path, rest, found, above);
      else if (rest.length === 0) found.add(path);
    }
  }
}

/** Undefined where a link leads nowhere. */
async function leadsToDirectory(entry: Dirent, path: string): Promise<boolean | undefined> {
  return entry.isSymbolicLink() ? (await statOf(path))?.isDirectory() : entry.isDirectory();
}

async function identityOf(path: string): Promise<string | undefined> {
  const stats = await statOf(path);
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  return readdir(directory, { withFileTypes: true }).catch(() => []);
}
