import { readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

export interface Rotation {
  readonly maxBytes: number;
  /** 0: as many as there are. */
  readonly maxBackups: number;
  /** 0: for ever. */
  readonly maxAgeMs: number;
  readonly localtime: boolean;
}

/**
 * Renames a full file after the time, in milliseconds since the epoch: `data.json` to `data-2026-01-02T15-04-05.000-size.json`. Where that name is
 * taken, the time is a little later.
 */
export async function moveAside(path: string, nowMs: number, localtime: boolean): Promise<void> {
  const taken = new Set(await readdir(dirname(path)));
  const { prefix, extension } = partsOf(path);
  let name: string;
  do name = `${prefix}${timeText(nowMs++, localtime)}-size${extension}`;
  while (taken.has(name));
  await rename(path, join(dirname(path), name));
}

/** Removes backups of `path` beyond the number and the age that are kept. */
export async function pruneBackups(path: string, rotation: Rotation, nowMs: number): Promise<void> {
  const { maxBackups, maxAgeMs, localtime } = rotation;
  if (maxBackups === 0 && maxAgeMs === 0) return;
  const backups = (await readdir(dirname(path)))
    .map((name) => ({ name, timeMs: backupTime(path, name, localtime) }))
    .filter((backup): backup is { name: string; timeMs: number } => backup.timeMs !== undefined)
    .sort((a, b) => b.timeMs - a.timeMs);
  for (const [index, { name, timeMs }] of backups.entries()) {
    const isKept = (maxBackups === 0 || index < maxBackups) && (maxAgeMs === 0 || timeMs >= nowMs - maxAgeMs);
    if (!isKept) await unlink(join(dirname(path), name));
  }
}

/** When a file was moved aside, from its name; undefined where it is no backup of `path`. */
function backupTime(path: string, name: string, localtime: boolean): number | undefined {
  const { prefix, extension } = partsOf(path);
  if (!name.startsWith(prefix) || !name.endsWith(extension)) return undefined;
  // Older writers of this format left the reason out.
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)\.(\d{3})(-size|-time)?$/.exec(
    name.slice(prefix.length, name.length - extension.length),
  );
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = match.slice(1, 8).map(Number);
  const time = localtime
    ? new Date(year, month - 1, day, hour, minute, second, ms).getTime()
    : Date.UTC(year, month - 1, day, hour, minute, second, ms);
  return time;
}

function partsOf(path: string): { readonly prefix: string; readonly extension: string } {
  const name = basename(path);
  // What follows the last dot, also where the name begins with it.
  const extension = name.startsWith(".") && !name.slice(1).includes(".") ? name : extname(name);
  return { prefix: `${name.slice(0, name.length - extension.length)}-`, extension };
}

function timeText(timeMs: number, localtime: boolean): string {
  // The offset of the zone is added to a time that is then written as if it were UTC.
  const shifted = localtime ? timeMs - new Date(timeMs).getTimezoneOffset() * 60_000 : timeMs;
  return new Date(shifted).toISOString().slice(0, -1).replaceAll(":", "-");
}
