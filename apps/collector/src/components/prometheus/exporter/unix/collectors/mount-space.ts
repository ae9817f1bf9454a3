import { type StatsFs, statfsSync } from "node:fs";
import { statfs } from "node:fs/promises";

/** Why a mount gave no numbers, in the words of the C library. */
export interface SpaceError {
  readonly error: string;
}

/**
 * File systems whose numbers the kernel has in memory: asked for at once. All others may wait for a server that is gone, and are asked for on
 * another thread.
 */
const inMemory = new Set(
  "bcachefs,btrfs,cramfs,devtmpfs,efivarfs,erofs,exfat,ext2,ext3,ext4,f2fs,hfsplus,iso9660,jfs,msdos,nilfs2,ntfs3,overlay,ramfs,reiserfs,rootfs,squashfs,tmpfs,ubifs,udf,vfat,xfs,zfs".split(
    ",",
  ),
);

// Of this process, whose threads are few: what hangs here takes them from everybody. A mount that has not answered yet is not asked again.
const waiting = new Set<string>();
/** Node has four threads. */
const mostWaiting = 2;

const late: SpaceError = { error: "mountpoint timeout" };

/** The numbers of the file system behind a path, or why there are none after the time that it had. */
export function spaceOf(path: string, kind: string, timeoutMs: number): StatsFs | SpaceError | Promise<StatsFs | SpaceError> {
  if (inMemory.has(kind)) {
    try {
      return statfsSync(path);
    } catch (error) {
      return described(error);
    }
  }
  return waiting.has(path) ? late : askedInTime(path, timeoutMs);
}

async function askedInTime(path: string, timeoutMs: number): Promise<StatsFs | SpaceError> {
  const ends = performance.now() + timeoutMs;
  // Answers come in microseconds, so that a place is free soon unless mounts hang.
  while (waiting.size >= mostWaiting) {
    if (performance.now() > ends) return late;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (waiting.has(path)) return late;
  waiting.add(path);
  const answer = statfs(path)
    .catch(described)
    .finally(() => waiting.delete(path));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<SpaceError>((resolve) => {
    timer = setTimeout(() => resolve(late), ends - performance.now());
    timer.unref();
  });
  const result = await Promise.race([answer, timeout]);
  clearTimeout(timer);
  return result;
}

/** By error number, as some have no name in Node. */
const texts = new Map([
  [1, "operation not permitted"],
  [2, "no such file or directory"],
  [5, "input/output error"],
  [13, "permission denied"],
  [19, "no such device"],
  [20, "not a directory"],
  [40, "too many levels of symbolic links"],
  [107, "transport endpoint is not connected"],
  [110, "connection timed out"],
  [111, "connection refused"],
  [112, "host is down"],
  [113, "no route to host"],
  [116, "stale NFS file handle"],
]);

function described(error: unknown): SpaceError {
  const { errno = 0, code, message } = error as NodeJS.ErrnoException;
  return { error: texts.get(-errno) ?? code ?? message };
}
