import { closeSync, openSync, readSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import type { FileIdentity } from "./open-file.ts";

/** A shorter beginning could be that of many files. */
const MIN_COPY_FINGERPRINT = 64;
const MAX_SIBLINGS = 10_000;

/** The path under which a file is found again that was at `path` before, in the same folder. */
export async function findRenamed(path: string, identity: FileIdentity): Promise<string | undefined> {
  const { siblings } = await siblingsOf(path);
  for (const sibling of siblings) {
    const stats = await stat(sibling).catch(() => undefined);
    if (stats?.ino === identity.ino && stats.dev === identity.dev && beginsLike(sibling, identity)) return sibling;
  }
  return undefined;
}

/** The path of a copy of what was at `path` before, at least `size` bytes long; of several the newest. */
export async function findCopy(path: string, identity: FileIdentity, size: number): Promise<string | undefined> {
  if (identity.length < MIN_COPY_FINGERPRINT) return undefined;
  let newest: { path: string; mtimeMs: number } | undefined;
  const { name, siblings } = await siblingsOf(path);
  const stem = name.split(".")[0] as string;
  for (const sibling of siblings) {
    if (!basename(sibling).startsWith(stem)) continue;
    const stats = await stat(sibling).catch(() => undefined);
    if (stats === undefined || !stats.isFile() || stats.size < size) continue;
    if (newest !== undefined && stats.mtimeMs <= newest.mtimeMs) continue;
    if (beginsLike(sibling, identity)) newest = { path: sibling, mtimeMs: stats.mtimeMs };
  }
  return newest?.path;
}

/** A name with what rotation appends: `.1`, `-20240131`, `.20240131-235959`; not `.gz`. */
const ROTATION_SUFFIX = /^[.\-_][\d.\-_:TZ]+$/;

/** The paths of rotated files that are younger than `old` and not younger than `current`: there was more than one rotation since somebody looked. Oldest first. */
export async function findBetween(path: string, old: FileIdentity, current: FileIdentity): Promise<string[]> {
  const { bornMs } = old;
  const { bornMs: upToMs } = current;
  if (bornMs === undefined || upToMs === undefined) return [];
  const found: { path: string; bornMs: number }[] = [];
  const { name, siblings } = await siblingsOf(path);
  for (const sibling of siblings) {
    if (!basename(sibling).startsWith(name) || !ROTATION_SUFFIX.test(basename(sibling).slice(name.length))) continue;
    const stats = await stat(sibling).catch(() => undefined);
    if (stats === undefined || !stats.isFile() || stats.ino === current.ino) continue;
    if (stats.birthtimeMs <= bornMs || stats.birthtimeMs > upToMs) continue;
    // A copy of a file that is read is not another.
    if ([old, current].some((read) => read.length >= MIN_COPY_FINGERPRINT && beginsLike(sibling, read))) continue;
    found.push({ path: sibling, bornMs: stats.birthtimeMs });
  }
  return found.sort((a, b) => a.bornMs - b.bornMs).map((file) => file.path);
}

/** The other files of the folder; where `path` is a link, of the folder it leads to. */
async function siblingsOf(path: string): Promise<{ name: string; siblings: string[] }> {
  const file = await realpath(path).catch(() => path);
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => []);
  const siblings = names
    .slice(0, MAX_SIBLINGS)
    .map((name) => join(folder, name))
    .filter((sibling) => sibling !== file);
  return { name: basename(file), siblings };
}

function beginsLike(path: string, { length, crc }: FileIdentity): boolean {
  const bytes = Buffer.alloc(length);
  try {
    const descriptor = openSync(path, "r");
    try {
      return readSync(descriptor, bytes, 0, length, 0) === length && crc32(bytes) === crc;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Gone since the folder was listed, or not ours to read: not the one.
    return false;
  }
}
