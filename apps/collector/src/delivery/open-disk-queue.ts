import { type Cursor, CursorFile } from "./cursor-file.ts";
import { DiskQueue } from "./disk-queue.ts";
import { laneCount } from "./entry.ts";
import type { QueueFiles } from "./files.ts";
import { lockFolder } from "./folder-lock.ts";
import { NewerFormatError } from "./newer-format-error.ts";
import type { QueueSurroundings } from "./queue.ts";
import { type QueueIdentity, readIdentity, writeIdentity } from "./queue-folder.ts";
import { newSegment, type Segment } from "./segment.ts";
import { spareName } from "./segment-files.ts";
import { formatVersion, readSegmentHeader, segmentHeaderBytes, segmentPosition } from "./segment-format.ts";
import { type Gap, walkSegment } from "./segment-walk.ts";

/**
 * Opens the queue in a folder, and makes it where there is none. Throws FolderLockedError, NewerFormatError, or what the file system says; then nothing in
 * the folder was changed but an empty lock file.
 */
export async function openDiskQueue(
  surroundings: QueueSurroundings,
  { folder, files, identity }: { folder: string; files: QueueFiles; identity: QueueIdentity },
): Promise<DiskQueue> {
  await files.makeFolder(folder);
  const lock = lockFolder(folder);
  if (!lock.isEffective)
    surroundings.log.warn("the file system has no locks: take care that only one process uses this folder", { folder });
  try {
    const known = await readIdentity(files, folder);
    const segments = await findSegments(files, folder);
    if (known === undefined) await writeIdentity(files, folder, identity);
    const { file: cursorFile, cursor } = await CursorFile.open(files, `${folder}/cursor`);
    if (cursor === undefined && segments.length > 0)
      surroundings.log.warn("what was delivered of a queue on disk is not known: all of it is sent again", { folder });
    const found = cursor ?? { doneBelow: new Float64Array(laneCount), writtenEnd: 0 };
    await files.remove(`${folder}/${spareName}`);
    await cutTornEnd(files, segments, found);
    return new DiskQueue(surroundings, { folder, files, lock, segments, cursor: found, cursorFile, start: startAfter(segments, found) });
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

/** The segments in a folder, in order. Throws where a newer version wrote one. */
export async function findSegments(files: QueueFiles, folder: string): Promise<Segment[]> {
  const found: { path: string; position: number; size: number }[] = [];
  for (const { name, size } of await files.list(folder)) {
    const position = segmentPosition(name);
    if (position === undefined) continue;
    const path = `${folder}/${name}`;
    await checkVersion(files, path);
    found.push({ path, position, size });
  }
  // A file that was written over may be longer than its segment, which ends where the next begins.
  return found.map(({ path, position, size }, index) => {
    const end = Math.min(position + size, found[index + 1]?.position ?? Number.POSITIVE_INFINITY);
    return { ...newSegment(path, position), end, isSealed: true, isKnown: false };
  });
}

/**
 * Cuts off what a kill left of the last write, or what was in the file before: it was not acknowledged, and its sender has the data still. Only the last segment can have it. What is damaged before
 * was acknowledged, and is left to be counted.
 */
async function cutTornEnd(files: QueueFiles, segments: readonly Segment[], { writtenEnd }: Cursor): Promise<void> {
  const last = segments[segments.length - 1];
  if (last === undefined) return;
  const file = await files.open(last.path, "update");
  try {
    let torn: Gap | undefined;
    await walkSegment(file, last, {
      record: () => {},
      gap: (gap) => {
        if (gap.isAtEnd && gap.position >= writtenEnd) torn = gap;
      },
    });
    if (torn === undefined) return;
    await file.truncate(torn.position - last.start);
    last.end = torn.position;
  } finally {
    await file.close();
  }
}

/** A header that a kill cut short is no reason to refuse: what follows is looked at record by record. */
async function checkVersion(files: QueueFiles, path: string): Promise<void> {
  const file = await files.open(path, "read");
  try {
    const bytes = Buffer.alloc(segmentHeaderBytes);
    const header = readSegmentHeader(bytes.subarray(0, await file.read(bytes, 0, bytes.byteLength, 0)));
    if (header !== undefined && header.version > formatVersion) throw new NewerFormatError(path, header.version, formatVersion);
  } finally {
    await file.close();
  }
}

/** Beyond all that was written or noted as delivered: after a power cut the cursor may know of more than the log has. */
function startAfter(segments: readonly Segment[], { doneBelow, writtenEnd }: Cursor): number {
  return Math.max(writtenEnd, ...doneBelow, ...segments.map(({ start, end }) => Math.max(start + segmentHeaderBytes, end)));
}
